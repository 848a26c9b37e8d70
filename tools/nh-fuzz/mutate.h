#pragma once
// Texts that are almost programs, for the parser and the verifier.
#include <cstdint>
#include <string>
#include <vector>

namespace nuthatch::fuzz {

/// One of the texts with a few changes: characters, words and lines lost, doubled, exchanged or taken from another text,
/// numbers and types replaced by extreme ones.
std::string mutated(const std::vector<std::string>& texts, std::uint64_t seed);

/// Reads the text as nh-opt does and, where it is a program, applies every pass and verifies each result. Returns whether
/// it was one. Throws std::runtime_error where a pass leaves something that does not verify.
bool readAndTransform(const std::string& text);

/// Every .mlir file below a folder.
std::vector<std::string> textsBelow(const std::string& folder);

}  // namespace nuthatch::fuzz
