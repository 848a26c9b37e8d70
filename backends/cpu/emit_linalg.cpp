// Factorisations and triangular solves, one matrix per lane. Every element sees the operations of the reference kernel
// in its order (one fma per earlier column or unknown); the loops are arranged so that the innermost runs along rows:
// over data it is a loop of vectors, over lanes a loop without dependences.
#include "backends/cpu/emitter.h"

namespace nuthatch::cpu {

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
  if (lanes > 1) return guarded(from, to, 1, 0);
  LV whole = builder.CreateAnd(builder.CreateSub(to, from), i64(-int64_t(kDataLanes)));
  LV middle = builder.CreateAdd(from, builder.CreateBinaryIntrinsic(llvm::Intrinsic::smax, whole, i64(0)));
  guarded(from, middle, kDataLanes, 1);
  guarded(middle, to, 1, 0);
}

void Emitter::cholesky(ir::CholeskyOp op) {
  Value x = op.getX(), result = op.getResult();
  Dtype d = dtype(result);
  int64_t n = shape(x).back();
  llvm::SmallVector<int64_t> batch(shape(x).drop_back(2));
  if (n == 0) return;
  bool v = varies(result);
  LV column = temporary(d, n, v);  // the finished column, contiguous
  fill(batch, [&](const Index& outer) {
    auto at = [&](LV i, Ix j) {
      Index idx = outer;
      idx.dims.push_back({i, 0});
      idx.dims.push_back(j);
      return idx;
    };
    LV zero = emitConvert(builder.getFalse(), Dtype::bool_, d);
    loop(i64(0), i64(n), 1, [&](LV i) {
      LV next = builder.CreateAdd(i, i64(1));
      alongRow(i64(0), next, [&](Ix j) { store(result, at(i, j), element(x, at(i, j))); });
      alongRow(next, i64(n), [&](Ix j) { store(result, at(i, j), zero); });
    });
    loop(i64(0), i64(n), 1, [&](LV k) {
      memo.clear();
      LV s = load(result, at(k, {k, 0}));
      // Not positive definite: NaN spreads from here.
      LV pivot = select(Real{s} > 0.0, sqrt(Real{s}), lit(Real{s}, math::kNaN)).v;
      store(result, at(k, {k, 0}), pivot);
      LV next = builder.CreateAdd(k, i64(1));
      ifThen(builder.CreateICmpSLT(next, i64(n)), [&] {
        loop(next, i64(n), 1, [&](LV i) {
          LV l = (Real{load(result, at(i, {k, 0}))} / Real{pivot}).v;
          store(result, at(i, {k, 0}), l);
          storeAt(column, d, v, {i, 0}, l);
        });
        loop(next, i64(n), 1, [&](LV i) {
          LV l = loadAt(column, d, v, false, {i, 0});
          alongRow(next, builder.CreateAdd(i, i64(1)), [&](Ix j) {
            LV other = loadAt(column, d, v, false, j);
            store(result, at(i, j), fma(-Real{l}, Real{other}, Real{load(result, at(i, j))}).v);
          });
        });
      });
    });
  }, false);
}

void Emitter::triangularSolve(ir::TriangularSolveOp op) {
  Value a = op.getA(), b = op.getB(), result = op.getResult();
  int64_t n = shape(a).back(), columns = shape(b).back();
  llvm::SmallVector<int64_t> batch(shape(b).drop_back(2));
  if (n == 0 || columns == 0) return;
  bool forward = op.getLower() != op.getTranspose();
  fill(batch, [&](const Index& outer) {
    auto at = [&](LV i, Ix j) {
      Index idx = outer;
      idx.dims.push_back({i, 0});
      idx.dims.push_back(j);
      return idx;
    };
    auto coefficient = [&](LV i, LV k) {
      memo.clear();
      LV c = element(a, op.getTranspose() ? at(k, {i, 0}) : at(i, {k, 0}));
      memo.clear();
      return c;
    };
    loop(i64(0), i64(n), 1, [&](LV step) {
      LV i = forward ? step : builder.CreateSub(i64(n - 1), step);
      alongRow(i64(0), i64(columns), [&](Ix c) { store(result, at(i, c), element(b, at(i, c))); });
      ifThen(builder.CreateICmpSGT(step, i64(0)), [&] {
        loop(i64(0), step, 1, [&](LV m) {
          LV k = forward ? m : builder.CreateSub(i64(n - 1), m);
          LV factor = coefficient(i, k);
          alongRow(i64(0), i64(columns), [&](Ix c) {
            store(result, at(i, c), fma(-Real{factor}, Real{load(result, at(k, c))}, Real{load(result, at(i, c))}).v);
          });
        });
      });
      if (op.getUnitDiagonal()) return;
      LV pivot = coefficient(i, i);
      alongRow(i64(0), i64(columns), [&](Ix c) { store(result, at(i, c), (Real{load(result, at(i, c))} / Real{pivot}).v); });
    });
  }, false);
}

}  // namespace nuthatch::cpu
