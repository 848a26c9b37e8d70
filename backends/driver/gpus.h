#pragma once
// The door to backends/gpu, which a build may lack (NUTHATCH_GPU=OFF).
#include "nuthatch/detail/executor.h"

namespace nuthatch::detail {

/// Throws nuthatch::Error where GPU number `index` cannot be used.
Executor& gpu_executor(int index);

}  // namespace nuthatch::detail
