#pragma once

#include "nuthatch/kernels/kernel.h"

namespace nuthatch::kernels {

/// Settings of a kernel to which the driver adapts nothing.
KernelSettings without_adaptation(const char* name, const Init&);

}  // namespace nuthatch::kernels
