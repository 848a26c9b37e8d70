// Scatter: updates one after the other, in row-major order; those out of bounds are dropped. Where they go and what they
// are is computed for eight at once.
#include "backends/cpu/emitter.h"
#include "passes/loops/integer_range.h"

namespace nuthatch::cpu {

class Scatter {
 public:
  Scatter(Emitter& e, ir::ScatterOp op)
      : e(e), b(ib()), op(op), result(op.getResult()), target(Emitter::shape(result)),
        updates(Emitter::shape(op.getUpdates())), d(Emitter::dtype(result)) {
    if (auto range = passes::rangeOf(op.getIndices()); range && range->low >= 0) greatest = range->high;
  }

  void run() {
    if (e.threads) return byThreads();
    e.fill(updates, [&](const Index& idx) {
      Index at = place(idx);
      LV update = e.element(op.getUpdates(), idx);
      const bool chains = e.varies(result);
      if (!chains && llvm::any_of(idx.dims, [](const Ix& x) { return x.stride != 0; })) return eight(at, update);
      if (chains && lanesOf(inside)) return ownPlaces(at, update);
      if (llvm::any_of(at.dims, [](const Ix& x) { return lanesOf(x.base); })) return ownPlaces(at, update);
      where(inside, [&] { apply(at, splat(update, chains ? e.lanes : 0)); });
    }, e.lanes <= 1);
  }

 private:
  /// Each thread goes through all updates, in order, and does those of elements of its own.
  void byThreads() {
    auto all = [&] {
      e.fillInOrder(updates, [&](const Index& idx) {
        const Index at = place(idx);
        LV mine = inside;
        if (e.apart) mine = b.CreateAnd(mine, b.CreateICmpEQ(b.CreateURem(e.offset(result, at).base, e.threadCount), e.thread));
        where(mine, [&] {
          e.memo.clear();
          apply(at, e.element(op.getUpdates(), idx));
          e.memo.clear();
        });
      }, false);
    };
    e.threads > 1 && Emitter::product(target) > 1 ? e.eachApart(all) : all();
  }

  /// Where an update, or a vector of updates, goes; sets `inside`.
  Index place(const Index& idx) {
    auto contains = [](llvm::ArrayRef<int64_t> list, int64_t x) { return llvm::is_contained(list, x); };
    llvm::SmallVector<Ix, 4> batch;
    for (size_t k = 0; k < updates.size(); ++k)
      if (!contains(op.getWindowDims(), int64_t(k))) batch.push_back(idx.dims[k]);
    inside = b.getTrue();
    Index at;
    size_t window = 0;
    for (size_t k = 0; k < target.size(); ++k) {
      Ix x{e.i64(0), 0};
      int64_t size = 1;
      if (!contains(op.getInsertedDims(), int64_t(k)) && !contains(op.getOperandBatchDims(), int64_t(k))) {
        size = updates[size_t(op.getWindowDims()[window])];
        x = idx.dims[size_t(op.getWindowDims()[window++])];
      }
      for (auto [j, dim] : llvm::enumerate(op.getIndexMap())) {
        if (dim != int64_t(k)) continue;
        Index number;
        number.dims.assign(batch.begin(), batch.end());
        number.dims.push_back({e.i64(int64_t(j)), 0});
        LV s = emitConvert(e.element(op.getIndices(), number), Emitter::dtype(op.getIndices()), Dtype::i64);
        const int64_t last = target[k] - size;
        if (!greatest || *greatest > last) {
          LV fits = b.CreateICmpULE(s, splat(e.i64(last), lanesOf(s)));  // negative is large
          unify(inside, fits);
          inside = b.CreateAnd(inside, fits);
        }
        if (lanesOf(s) && x.stride) x = {e.perLane(x), 0};
        unify(x.base, s);
        x.base = b.CreateAdd(x.base, s);
      }
      for (auto [j, dim] : llvm::enumerate(op.getOperandBatchDims()))
        if (dim == int64_t(k)) x = batch[size_t(op.getIndicesBatchDims()[j])];
      at.dims.push_back(x);
    }
    return at;
  }

  LV combined(LV old, LV fresh) {
    using K = ir::ScatterKind;
    using B = ir::BinaryKind;
    switch (op.getKind()) {
      case K::set: return fresh;
      case K::add: return emitBinary(B::add, old, fresh, d);
      case K::mul: return emitBinary(B::mul, old, fresh, d);
      case K::min: return emitBinary(B::min, old, fresh, d);
      case K::max: return emitBinary(B::max, old, fresh, d);
    }
    return fresh;
  }

  void apply(const Index& at, LV update) { e.store(result, at, combined(e.load(result, at), update)); }

  void where(LV condition, llvm::function_ref<void()> body) {
    auto* known = llvm::dyn_cast<llvm::ConstantInt>(condition);
    if (!known) return e.ifThen(condition, body);
    if (!known->isZero()) body();
  }

  /// Updates of one array, one after the other: two may go to one place.
  void eight(const Index& at, LV update) {
    update = splat(update, kDataLanes);
    auto one = [&](unsigned l) {
      Index out;
      for (const Ix& x : at.dims) {
        LV base = lanesOf(x.base) ? b.CreateExtractElement(x.base, uint64_t(l)) : e.add(x.base, x.stride * int64_t(l));
        out.dims.push_back({base, 0});
      }
      apply(out, b.CreateExtractElement(update, uint64_t(l)));
    };
    if (!lanesOf(inside))
      return where(inside, [&] {
        for (unsigned l = 0; l < kDataLanes; ++l) one(l);
      });
    for (unsigned l = 0; l < kDataLanes; ++l) where(b.CreateExtractElement(inside, uint64_t(l)), [&] { one(l); });
  }

  /// Chains whose updates go to places of their own: clamp what is outside and keep it as it is there.
  void ownPlaces(Index at, LV update) {
    for (auto [k, x] : llvm::enumerate(at.dims)) {
      LV c = b.CreateBinaryIntrinsic(llvm::Intrinsic::smax, x.base, splat(e.i64(0), lanesOf(x.base)));
      x.base = b.CreateBinaryIntrinsic(llvm::Intrinsic::smin, c, splat(e.i64(target[k] - 1), lanesOf(c)));
    }
    LV old = e.load(result, at);
    e.store(result, at, chooseLanes(inside, combined(old, update), old));
  }

  Emitter& e;
  llvm::IRBuilder<>& b;
  ir::ScatterOp op;
  mlir::Value result;
  llvm::ArrayRef<int64_t> target, updates;
  Dtype d;
  std::optional<int64_t> greatest;  // of the indices, when none is negative
  LV inside = nullptr;
};

void Emitter::scatter(ir::ScatterOp op) {
  Value result = op.getResult();
  bool inPlace = plan.stored.contains(op.getX()) && storage.slot(op.getX()) == storage.slot(result);
  if (!inPlace) copyTo(op.getX(), result);
  Scatter(*this, op).run();
}

}  // namespace nuthatch::cpu
