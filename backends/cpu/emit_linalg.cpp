// Factorisations and triangular solves for one matrix per lane, in the order of the reference kernels: dot products
// are fma chains in index order.
#include "backends/cpu/emitter.h"

namespace nuthatch::cpu {

namespace {
/// a . b over positions [0, count), subtracted from `start` by one fma each.
using Term = llvm::function_ref<std::pair<LV, LV>(LV)>;
}

void Emitter::cholesky(ir::CholeskyOp op) {
  Value x = op.getX(), result = op.getResult();
  Dtype d = dtype(result);
  int64_t n = shape(x).back();
  llvm::SmallVector<int64_t> batch(shape(x).drop_back(2));
  bool v = varies(result);
  LV sum = temporary(d, 1, v), pivot = temporary(d, 1, v);
  Ix origin{i64(0), 0};
  fill(batch, [&](const Index& outer) {
    auto at = [&](LV i, LV j) {
      Index idx = outer;
      idx.dims.push_back({i, 0});
      idx.dims.push_back({j, 0});
      return idx;
    };
    // Column j from the columns before it; zeros above the diagonal.
    loop(i64(0), i64(n), 1, [&](LV j) {
      loop(i64(0), i64(n), 1, [&](LV i) {
        memo.clear();
        ifThen(builder.CreateICmpSLT(i, j), [&] { store(result, at(i, j), emitConvert(builder.getFalse(), Dtype::bool_, d)); });
        ifThen(builder.CreateICmpSGE(i, j), [&] {
          memo.clear();
          storeAt(sum, d, v, origin, element(x, at(i, j)));
          memo.clear();
          ifThen(builder.CreateICmpSGT(j, i64(0)), [&] {
            loop(i64(0), j, 1, [&](LV k) {
              LV a = load(result, at(i, k)), b = load(result, at(j, k));
              storeAt(sum, d, v, origin, fma(-Real{a}, Real{b}, Real{loadAt(sum, d, v, false, origin)}).v);
            });
          });
          LV s = loadAt(sum, d, v, false, origin);
          ifThen(builder.CreateICmpEQ(i, j), [&] {
            // Not positive definite: NaN spreads from here.
            Real root = sqrt(Real{s});
            LV p = select(Real{s} > 0.0, root, lit(root, math::kNaN)).v;
            storeAt(pivot, d, v, origin, p);
            store(result, at(i, j), p);
          });
          ifThen(builder.CreateICmpNE(i, j), [&] {
            store(result, at(i, j), (Real{s} / Real{loadAt(pivot, d, v, false, origin)}).v);
          });
          memo.clear();
        });
      });
    });
  }, false);
}

void Emitter::triangularSolve(ir::TriangularSolveOp op) {
  Value a = op.getA(), b = op.getB(), result = op.getResult();
  Dtype d = dtype(result);
  int64_t n = shape(a).back(), columns = shape(b).back();
  llvm::SmallVector<int64_t> batch(shape(b).drop_back(2));
  bool forward = op.getLower() != op.getTranspose();
  bool v = varies(result);
  LV sum = temporary(d, 1, v);
  Ix origin{i64(0), 0};
  fill(batch, [&](const Index& outer) {
    auto at = [&](LV i, LV j) {
      Index idx = outer;
      idx.dims.push_back({i, 0});
      idx.dims.push_back({j, 0});
      return idx;
    };
    auto coefficient = [&](LV i, LV k) { return element(a, op.getTranspose() ? at(k, i) : at(i, k)); };
    loop(i64(0), i64(n), 1, [&](LV step) {
      LV i = forward ? step : builder.CreateSub(i64(n - 1), step);
      loop(i64(0), i64(columns), 1, [&](LV c) {
        memo.clear();
        storeAt(sum, d, v, origin, element(b, at(i, c)));
        memo.clear();
        ifThen(builder.CreateICmpSGT(step, i64(0)), [&] {
          loop(i64(0), step, 1, [&](LV m) {
            LV k = forward ? m : builder.CreateSub(i64(n - 1), m);
            memo.clear();
            LV term = coefficient(i, k);
            memo.clear();
            LV known = load(result, at(k, c));
            storeAt(sum, d, v, origin, fma(-Real{term}, Real{known}, Real{loadAt(sum, d, v, false, origin)}).v);
          });
        });
        LV s = loadAt(sum, d, v, false, origin);
        if (!op.getUnitDiagonal()) {
          memo.clear();
          s = (Real{s} / Real{coefficient(i, i)}).v;
        }
        store(result, at(i, c), s);
        memo.clear();
      });
    });
  }, false);
}

}  // namespace nuthatch::cpu
