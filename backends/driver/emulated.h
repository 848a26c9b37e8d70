#pragma once
// Programs for groups of threads, run on this processor. Tests run them: what a GPU executes is the same code.
#include "nuthatch/detail/executor.h"

namespace nuthatch::detail {

/// `threads` run each chain together. The width in the options is not used.
Shared<LaneExecutable> compileEmulated(const ProgramPtr&, const LaneOptions&, std::int64_t threads);

}  // namespace nuthatch::detail
