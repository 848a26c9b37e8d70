#include "nuthatch/error.h"
#include "nuthatch/kernels/tick_kernel.h"

namespace nuthatch::detail {

std::vector<Tensor> KernelRule::retarget(const std::vector<Tensor>&, const Tensor&, const Tensor&) const {
  throw Error(name() + ": this kernel cannot go on after its target has changed");
}

}  // namespace nuthatch::detail
