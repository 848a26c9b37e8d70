// Reference kernels of the chain operations for a single chain. Output streams belong to the interpreter; where it has
// none, what is emitted is dropped.
#include "ir/ops/eval_support.h"

namespace nuthatch::ir {

void registerControlEval() {
  registerEval("lane_any", [](const Attributes&, Operands in, Results out) { *out[0].as<bool>() = *in[0].as<bool>(); });
  registerEval("emit", [](const Attributes&, Operands, Results) {});
}

}  // namespace nuthatch::ir
