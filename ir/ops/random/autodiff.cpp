// Random bits are integers: no derivative.
#include "ir/ops/rules.h"

namespace nuthatch::ir {

void registerRandomAutodiff() {
  for (const char* op : {"rng_bits", "rng_split", "rng_fold_in"}) rulesOf(op).differentiable = false;
}

}  // namespace nuthatch::ir
