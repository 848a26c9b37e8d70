#include "inference/kernels/without_adaptation.h"

namespace nuthatch::kernels {

KernelSettings without_adaptation(const char* name, const Init& init) {
  KernelSettings s;
  s.name = name;
  s.adapt_step_size = s.adapt_mass_matrix = false;
  s.init = init;
  return s;
}

}  // namespace nuthatch::kernels
