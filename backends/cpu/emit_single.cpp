// Operations that are loops of their own: updates, scatters, running reductions, joins.
#include "backends/cpu/emitter.h"
#include "ir/trace/program.h"
#include "nuthatch/error.h"

namespace nuthatch::cpu {

void Emitter::single(Operation* op) {
  memo.clear();
  if (auto o = mlir::dyn_cast<ir::ForOp>(op)) forLoop(o);
  else if (auto o = mlir::dyn_cast<ir::WhileOp>(op)) whileLoop(o);
  else if (auto o = mlir::dyn_cast<ir::CaseOp>(op)) caseOf(o);
  else if (auto o = mlir::dyn_cast<ir::EmitOp>(op)) emitDraw(o);
  else if (auto o = mlir::dyn_cast<ir::DynamicUpdateSliceOp>(op)) updateSlice(o);
  else if (auto o = mlir::dyn_cast<ir::ScatterOp>(op)) scatter(o);
  else if (auto o = mlir::dyn_cast<ir::CumulativeOp>(op)) cumulative(o);
  else if (auto o = mlir::dyn_cast<ir::ArgReduceOp>(op)) argReduce(o);
  else if (auto o = mlir::dyn_cast<ir::ConcatenateOp>(op)) concatenate(o);
  else if (auto o = mlir::dyn_cast<ir::PadOp>(op)) pad(o);
  else if (auto o = mlir::dyn_cast<ir::DotGeneralOp>(op)) contraction(o);
  else if (auto o = mlir::dyn_cast<ir::CholeskyOp>(op)) cholesky(o);
  else if (auto o = mlir::dyn_cast<ir::TriangularSolveOp>(op)) triangularSolve(o);
  else if (auto o = mlir::dyn_cast<ir::ArgsortOp>(op)) argsort(o);
  else if (mlir::isa<ir::CholeskyPullbackOp, ir::LuOp, ir::QrOp, ir::EighOp, ir::SvdOp>(op)) factorise(op);
  else if (auto o = mlir::dyn_cast<ir::ReportOp>(op)) report(o);
  else if (auto o = mlir::dyn_cast<ir::CustomCallOp>(op)) customCall(o);
  else throw Error(ir::describe(op->getLoc()) + ": the code generator has no code for operation " + op->getName().getStringRef().str());
  memo.clear();
}

void Emitter::updateSlice(ir::DynamicUpdateSliceOp op) {
  Value result = op.getResult();
  bool inPlace = plan.stored.contains(op.getX()) && storage.slot(op.getX()) == storage.slot(result);
  if (!inPlace) copyTo(op.getX(), result);
  llvm::SmallVector<LV> starts;
  for (auto [k, s] : llvm::enumerate(op.getStarts()))
    starts.push_back(clampedStart(s, shape(result)[k], shape(op.getUpdate())[k]));
  fill(shape(op.getUpdate()), [&](const Index& idx) {
    Index at;
    for (auto [s, x] : llvm::zip(starts, idx.dims)) {
      LV a = s, b = x.base;
      unify(a, b);
      at.dims.push_back({builder.CreateAdd(a, b), x.stride});
    }
    store(result, at, element(op.getUpdate(), idx));
  }, dataVectors());
}

void Emitter::cumulative(ir::CumulativeOp op) {
  Value result = op.getResult();
  Dtype d = dtype(result);
  int64_t dim = op.getDim(), n = shape(result)[dim];
  llvm::SmallVector<int64_t> outer(shape(result));
  outer[dim] = 1;
  if (n == 0) return;
  auto combined = [&](LV a, LV b) {
    using K = ir::CumulativeKind;
    using B = ir::BinaryKind;
    switch (op.getKind()) {
      case K::sum: return emitBinary(B::add, a, b, d);
      case K::prod: return emitBinary(B::mul, a, b, d);
      case K::max: return emitBinary(B::max, a, b, d);
      case K::min: return emitBinary(B::min, a, b, d);
      case K::logsumexp: return emitLogAddExp(a, b, d);
    }
    return a;
  };
  auto run = [&](const Index& idx) {
    auto at = [&](LV i) {
      Index x = idx;
      x.dims[dim] = {op.getReverse() ? builder.CreateSub(i64(n - 1), i) : i, 0};
      return x;
    };
    Index first = at(i64(0));
    store(result, first, element(op.getX(), first));
    memo.clear();
    if (n == 1) return;
    loop(i64(1), i64(n), 1, [&](LV i) {
      memo.clear();
      Index here = at(i), before = at(builder.CreateSub(i, i64(1)));
      LV sum = combined(load(result, before), element(op.getX(), here));
      store(result, here, sum);
      memo.clear();
    });
  };
  // Fewer rows than threads: all compute the terms; then each row is summed by one, in a register.
  auto byThreads = [&] {
    fill(shape(result), [&](const Index& idx) { store(result, idx, element(op.getX(), idx)); }, false);
    auto row = [&](const Index& idx) {
      auto at = [&](LV i) {
        Index x = idx;
        x.dims[dim] = {op.getReverse() ? builder.CreateSub(i64(n - 1), i) : i, 0};
        return x;
      };
      llvm::SmallVector<LV, 1> sum{load(result, at(i64(0)))};
      accumulate(i64(1), i64(n), sum, [&](LV i) {
        memo.clear();
        sum[0] = combined(sum[0], load(result, at(i)));
        store(result, at(i), sum[0]);
        memo.clear();
      });
    };
    acrossThreads(outer, row);
  };
  threads > 1 && product(outer) < threads && n > 1 ? byThreads() : fill(outer, run, false);
}

void Emitter::argReduce(ir::ArgReduceOp op) {
  Value x = op.getX(), result = op.getResult();
  Dtype d = dtype(x);
  int64_t dim = op.getDim(), n = shape(x)[dim];
  bool v = varies(x);
  LV best = temporary(d, 1, v), where = temporary(Dtype::i64, 1, v);
  Ix origin{i64(0), 0};
  fill(shape(result), [&](const Index& idx) {
    auto at = [&](LV i) {
      Index full;
      for (int64_t k = 0, next = 0; k < int64_t(shape(x).size()); ++k)
        full.dims.push_back(k == dim ? Ix{i, 0} : idx.dims[next++]);
      return full;
    };
    storeAt(best, d, v, origin, element(x, at(i64(0))));
    storeAt(where, Dtype::i64, v, origin, i64(0));
    memo.clear();
    loop(i64(0), i64(n), 1, [&](LV i) {
      memo.clear();
      LV e = element(x, at(i)), old = loadAt(best, d, v, false, origin);
      LV better = emitCompare(op.getMax() ? ir::CompareKind::gt : ir::CompareKind::lt, e, old, d);
      if (is_float(d)) {  // the first NaN wins
        LV nan = (Real{e} != Real{e}).v, had = (Real{old} != Real{old}).v;
        better = builder.CreateAnd(builder.CreateOr(better, nan), builder.CreateNot(had));
      }
      storeAt(best, d, v, origin, chooseLanes(better, e, old));
      storeAt(where, Dtype::i64, v, origin, chooseLanes(better, i, loadAt(where, Dtype::i64, v, false, origin)));
      memo.clear();
    });
    store(result, idx, emitConvert(loadAt(where, Dtype::i64, v, false, origin), Dtype::i64, dtype(result)));
  }, false);
}

void Emitter::concatenate(ir::ConcatenateOp op) {
  int64_t start = 0, dim = op.getDim();
  for (auto x : op.getXs()) {
    fill(shape(x), [&](const Index& idx) {
      Index at = idx;
      at.dims[dim].base = add(at.dims[dim].base, start);
      store(op.getResult(), at, element(x, idx));
    }, dataVectors());
    start += shape(x)[dim];
  }
}

void Emitter::pad(ir::PadOp op) {
  Value result = op.getResult();
  LV filler = scalar(op.getValue());
  fill(shape(result), [&](const Index& idx) { store(result, idx, filler); }, dataVectors());
  fill(shape(op.getX()), [&](const Index& idx) {
    Index at;
    for (auto [k, x] : llvm::enumerate(idx.dims)) {
      int64_t step = op.getInterior()[k] + 1;
      at.dims.push_back({add(mul(x.base, step), op.getLow()[k]), x.stride * step});
    }
    store(result, at, element(op.getX(), idx));
  }, dataVectors());
}

}  // namespace nuthatch::cpu
