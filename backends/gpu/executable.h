#pragma once
// Programs on a card, behind the interface that jit and the samplers know.
#include "nuthatch/detail/executor.h"

namespace nuthatch::gpu {

/// The executor of GPU number `index`; throws nuthatch::Error where it cannot be used.
detail::Executor& executor(int index);

}  // namespace nuthatch::gpu
