// Cholesky factors and triangular solves, one matrix per lane. Every element sees the operations of the reference
// evaluation in its order, one fma per earlier column or unknown. Tiles of results stay in registers while their sums run.
#include "backends/cpu/factor_threads.h"
#include "ir/ops/linalg/kernels/cholesky.h"

namespace nuthatch::cpu {
using ir::kernels::kPanel;

/// body(start, vector?) over [from, to): data vectors, then single elements.
void Emitter::alongRow(LV from, LV to, llvm::function_ref<void(Ix)> body) {
  auto guarded = [&](LV begin, LV end, int64_t step, int64_t stride) {
    ifThen(builder.CreateICmpSLT(begin, end), [&] {
      loop(begin, end, step, [&](LV j) {
        memo.clear();
        body({j, stride});
        memo.clear();
      });
    });
  };
  if (together()) return acrossThreads(from, to, [&](LV j) { body({j, 0}); });
  if (!dataVectors()) return guarded(from, to, 1, 0);
  LV whole = builder.CreateAnd(builder.CreateSub(to, from), i64(-int64_t(kDataLanes)));
  LV middle = builder.CreateAdd(from, builder.CreateBinaryIntrinsic(llvm::Intrinsic::smax, whole, i64(0)));
  guarded(from, middle, kDataLanes, 1);
  guarded(middle, to, 1, 0);
}

namespace {

/// x's lower triangle in `l`, replaced by L. Works on u = L^T, whose rows are contiguous: a row needs only rows above it.
void factor(FactorMachine& m, int64_t n, FactorMatrix l) {
  using Index = FactorMachine::Index;
  const Index zero = m.index(0), end = m.index(n), width = m.index(m.padded(n));
  auto u = m.temporary(n, m.padded(n));
  m.loop(zero, end, [&](Index i) { m.row(zero, width, [&](Ix j) { m.store(u, i, j, m.number(0)); }); });
  m.loop(zero, end, [&](Index i) { m.loop(zero, m.next(i), [&](Index j) { m.store(u, j, i, m.load(l, i, j)); }); });

  panels(m, n, [&](Index first, int rows) {
    auto row = [&](int a) { return m.plus(first, a); };
    const Index from = m.aligned(first);  // what is computed below the diagonal is never read
    m.bundles(from, width, [&](auto positions) {
      m.tile(rows, zero, first, positions, [&](int a, Ix j) { return m.load(u, row(a), j); },
             [&](int a, Index k) { return m.load(u, k, row(a)); }, [&](Index k, Ix j) { return m.load(u, k, j); },
             [&](Ix j, auto& sums) {
               for (int a = 0; a < rows; ++a) m.store(u, row(a), j, sums[size_t(a)]);
             });
    });
    for (int a = 0; a < rows; ++a) {
      Real s = m.load(u, row(a), row(a));
      // Not positive definite: NaN spreads from here.
      Real pivot = m.select(s > 0.0, m.sqrt(s), m.number(math::kNaN));
      m.row(from, width, [&](Ix j) { m.store(u, row(a), j, m.load(u, row(a), j) / pivot); });
      m.store(u, row(a), row(a), pivot);
      for (int b = a + 1; b < rows; ++b) {
        Real f = -m.load(u, row(a), row(b));
        m.row(from, width, [&](Ix j) { m.store(u, row(b), j, m.fma(f, m.load(u, row(a), j), m.load(u, row(b), j))); });
      }
    }
  });

  m.loop(zero, end, [&](Index i) {
    m.loop(zero, m.next(i), [&](Index j) { m.store(l, i, j, m.load(u, j, i)); });
    m.row(m.next(i), end, [&](Ix j) { m.store(l, i, j, m.number(0)); });
  });
}

/// op(a) y = b in columns [left, right), with b in `y` at the start.
void substitute(FactorMachine& m, ir::TriangularSolveOp op, int64_t n, FactorMatrix a, FactorMatrix y, FactorMachine::Index left,
                FactorMachine::Index right) {
  using Index = FactorMachine::Index;
  const bool forward = op.getLower() != op.getTranspose();
  auto unknown = [&](Index step) { return forward ? step : m.backwards(n, step); };
  auto coefficient = [&](Index i, Index k) { return op.getTranspose() ? m.load(a, k, i) : m.load(a, i, k); };
  panels(m, n, [&](Index first, int rows) {
    auto row = [&](int r) { return unknown(m.plus(first, r)); };
    m.bundles(left, right, [&](auto positions) {
      m.tile(rows, m.index(0), first, positions, [&](int r, Ix j) { return m.load(y, row(r), j); },
             [&](int r, Index k) { return coefficient(row(r), unknown(k)); },
             [&](Index k, Ix j) { return m.load(y, unknown(k), j); },
             [&](Ix j, auto& sums) {
               for (int r = 0; r < rows; ++r) {
                 for (int k = 0; k < r; ++k) sums[size_t(r)] = m.fma(-coefficient(row(r), row(k)), sums[size_t(k)], sums[size_t(r)]);
                 if (!op.getUnitDiagonal()) sums[size_t(r)] = sums[size_t(r)] / coefficient(row(r), row(r));
                 m.store(y, row(r), j, sums[size_t(r)]);
               }
             });
    });
  });
}

}  // namespace

void Emitter::cholesky(ir::CholeskyOp op) {
  Value x = op.getX(), result = op.getResult();
  int64_t n = shape(x).back();
  if (n == 0) return;
  FactorMachine machine(*this, dtype(result), varies(result));
  machine.overBatch(llvm::SmallVector<int64_t>(shape(x).drop_back(2)), n, [&](const Index& batch) {
    auto l = machine.result(result, batch);
    machine.copy(x, batch, n, n, l);
    machine.shares() ? choleskyByThreads(machine, n, l) : factor(machine, n, l);
  });
}

void Emitter::triangularSolve(ir::TriangularSolveOp op) {
  Value b = op.getB(), result = op.getResult();
  int64_t n = shape(op.getA()).back(), columns = shape(b).back();
  if (n == 0 || columns == 0) return;
  FactorMachine machine(*this, dtype(result), varies(result));
  machine.overBatch(llvm::SmallVector<int64_t>(shape(b).drop_back(2)), n, [&](const Index& batch) {
    auto y = machine.result(result, batch), a = machine.at(op.getA(), batch);
    a.computed = true;
    if (machine.shares() && columns < machine.workers()) {
      auto rest = machine.temporary(n, columns);
      machine.copy(b, batch, n, columns, rest);
      return eliminateByThreads(machine, op, n, columns, a, rest, y);
    }
    machine.copy(b, batch, n, columns, y);
    // A thread that has a column of its own need not wait for others between panels.
    if (!machine.shares()) return substitute(machine, op, n, a, y, machine.index(0), machine.index(columns));
    machine.each(machine.index(0), machine.index(columns), [&](FactorMachine::Index j) {
      substitute(machine, op, n, a, y, j, machine.next(j));
    });
  });
}

}  // namespace nuthatch::cpu
