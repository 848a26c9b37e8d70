#pragma once
// One program run every way there is: reference interpreter, each pass by itself, native code with and without lanes,
// for groups of threads, and on a GPU.
#include <optional>
#include <string>
#include <vector>

#include "nuthatch/detail/emit.h"

namespace nuthatch::fuzz {

struct Ways {
  bool passes = true;
  std::vector<int> widths{1, 4, 8};  // of native code; empty: none
  std::vector<int> groups{};         // numbers of threads that run a chain together
  std::vector<int> gpu_threads{};    // the same on the GPU that is the default device; 0: as a program of one chain
  std::uint64_t seed = 0;            // of the arguments
};

struct Outcome {
  bool refused = false;  // the program has no derivative; `message` says why
  std::string message;   // which way gave what else; empty: all agree
  bool failed() const { return !refused && !message.empty(); }
};

/// Reads a program from text; null when it does not parse or verify.
detail::ProgramPtr readProgram(const std::string& text);

/// Results are compared bit for bit; any NaN equals any other.
Outcome check(const detail::ProgramPtr&, const Ways&);

}  // namespace nuthatch::fuzz
