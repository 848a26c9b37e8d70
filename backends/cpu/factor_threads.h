#pragma once
// Cholesky factors, their pullback and triangular solves by threads that share one matrix: arranged such that threads wait
// two or three times for each panel of four columns. Every element sees the operations of the processor's code in its
// order.
#include "backends/cpu/factor_machine.h"
#include "ir/ops/linalg/kernels/cholesky.h"

namespace nuthatch::cpu {

/// body(first, count) for panels of rows 0, 1, ... n - 1.
inline void panels(FactorMachine& m, int64_t n, llvm::function_ref<void(FactorMachine::Index, int)> body) {
  using ir::kernels::kPanel;
  m.loop(m.index(0), m.index(n / kPanel), [&](auto p) { body(m.times(p, kPanel), kPanel); });
  if (int rest = int(n % kPanel)) body(m.index(n - rest), rest);
}

/// x's lower triangle in `l`, replaced by L.
void choleskyByThreads(FactorMachine&, int64_t n, FactorMatrix l);

/// The kernel choleskyPullback.
void pullbackByThreads(FactorMachine&, int64_t n, FactorMatrix l, FactorMatrix g);

/// op(a) y = b of few columns, with b in `rest`, which is used up.
void eliminateByThreads(FactorMachine&, ir::TriangularSolveOp, int64_t n, int64_t columns, FactorMatrix a, FactorMatrix rest,
                        FactorMatrix y);

}  // namespace nuthatch::cpu
