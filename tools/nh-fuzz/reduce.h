#pragma once
// A smaller program that still fails.
#include <functional>
#include <string>

namespace nuthatch::fuzz {

/// Removes results, replaces operations by zeros, by an operand or by a new argument, takes single branches, expands
/// transformations, and drops what is dead, as long as `fails` holds of the text. Tries at most `attempts` programs.
std::string reduce(const std::string& text, const std::function<bool(const std::string&)>& fails, int attempts = 3000);

}  // namespace nuthatch::fuzz
