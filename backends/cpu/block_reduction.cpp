#include "backends/cpu/block_reduction.h"

#include "ir/math/reduction_order.h"

namespace nuthatch::cpu {

using math::kPartials;
using mlir::Operation;
using mlir::Value;

namespace {
constexpr int64_t kCheapBody = 24; // operations in a loop body that is repeated for the eight partials
}

BlockReduction::BlockReduction(Emitter& e, const Group& group, llvm::ArrayRef<ir::ReduceOp> reductions, bool vectors)
    : e(e), b(ib()), group(group), vectors(vectors) {
  for (auto r : reductions) {
    Sum s{r.getKind(), Emitter::dtype(r.getX()), nullptr, nullptr, nullptr, nullptr};
    s.identity =
        splat(reductionIdentity(s.kind, e.registerTypeOf(r.getX()), s.dtype), e.varies(r.getX()) ? e.lanes : 0);
    s.type = s.dtype == Dtype::bool_ ? withLanes(b.getInt64Ty(), s.identity) : s.identity->getType();
    s.partials = e.stackSlot(llvm::ArrayType::get(s.type, kPartials));
    s.total = e.stackSlot(s.type);
    b.CreateStore(asStored(s, s.identity), s.total);
    sums.push_back(s);
  }
}

/// Masks are kept as whole words.
LV BlockReduction::asStored(const Sum& s, LV x) {
  return s.dtype == Dtype::bool_ ? b.CreateSExt(x, withLanes(b.getInt64Ty(), x)) : x;
}
LV BlockReduction::asLoaded(const Sum& s, LV x) {
  return s.dtype == Dtype::bool_ ? b.CreateICmpNE(x, llvm::Constant::getNullValue(x->getType())) : x;
}
LV BlockReduction::loadPartial(const Sum& s, LV k) {
  return asLoaded(s, b.CreateLoad(s.type, b.CreateInBoundsGEP(s.type, s.partials, k)));
}
void BlockReduction::storePartial(const Sum& s, LV k, LV x) {
  b.CreateStore(asStored(s, x), b.CreateInBoundsGEP(s.type, s.partials, k));
}
LV BlockReduction::loadVector(const Sum& s) {
  return asLoaded(s, b.CreateLoad(llvm::FixedVectorType::get(s.type, kDataLanes), s.partials));
}
void BlockReduction::storeVector(const Sum& s, LV x) { b.CreateStore(asStored(s, x), s.partials); }

void BlockReduction::startBlock() {
  scattered = false;
  for (const auto& s : sums)
    if (vectors)
      storeVector(s, splat(s.identity, kDataLanes));
    else
      for (int64_t k = 0; k < kPartials; ++k) storePartial(s, e.i64(k), s.identity);
}

void BlockReduction::take(LV begin, int64_t length, Operands operands) {
  const int64_t main = length / kPartials * kPartials;
  if (main && vectors)
    takeVectors(begin, main, operands);
  else if (main && cheap())
    e.loop(e.i64(0), e.i64(main), kPartials, [&](LV i) {
      for (int64_t k = 0; k < kPartials; ++k) takeOne(b.CreateAdd(begin, e.add(i, k)), e.i64(k), operands);
    });
  else if (main)
    e.loop(e.i64(0), e.i64(main), 1,
           [&](LV i) { takeOne(b.CreateAdd(begin, i), b.CreateAnd(i, e.i64(kPartials - 1)), operands); });
  if (main == length) return;
  scattered = true;
  e.loop(e.i64(main), e.i64(length), 1,
         [&](LV i) { takeOne(b.CreateAdd(begin, i), b.CreateAnd(i, e.i64(kPartials - 1)), operands); });
}

void BlockReduction::takeVectors(LV begin, int64_t length, Operands operands) {
  llvm::SmallVector<LV> running;
  for (const auto& s : sums) running.push_back(loadVector(s));
  e.accumulate(e.i64(0), e.i64(length / kPartials), running, [&](LV i) {
    auto x = operands({b.CreateAdd(begin, e.mul(i, kPartials)), 1});
    for (auto [s, sum, term] : llvm::zip(sums, running, x))
      sum = emitCombine(s.kind, sum, splat(term, kDataLanes), s.dtype);
  });
  for (auto [s, sum] : llvm::zip(sums, running)) storeVector(s, sum);
}

void BlockReduction::takeOne(LV position, LV partial, Operands operands) {
  auto x = operands({position, 0});
  for (auto [s, term] : llvm::zip(sums, x)) {
    LV sum = emitCombine(s.kind, loadPartial(s, partial), splat(term, lanesOf(s.identity)), s.dtype);
    storePartial(s, partial, sum);
  }
}

/// The partials of a block, as one.
LV BlockReduction::combined(const Sum& s) {
  llvm::SmallVector<LV> p;
  LV together = vectors && !scattered ? loadVector(s) : nullptr;
  for (int64_t k = 0; k < kPartials; ++k)
    p.push_back(together ? b.CreateExtractElement(together, uint64_t(k)) : loadPartial(s, e.i64(k)));
  for (int64_t half = kPartials / 2; half > 0; half /= 2)
    for (int64_t k = 0; k < half; ++k) p[size_t(k)] = emitCombine(s.kind, p[size_t(k)], p[size_t(k + half)], s.dtype);
  return p[0];
}

void BlockReduction::addToTotal(const Sum& s, LV x) {
  LV total = asLoaded(s, b.CreateLoad(s.type, s.total));
  b.CreateStore(asStored(s, emitCombine(s.kind, total, x, s.dtype)), s.total);
}

void BlockReduction::finishBlock() {
  for (const auto& s : sums) addToTotal(s, combined(s));
}

llvm::SmallVector<LV> BlockReduction::placesForBlocks(int64_t blocks) {
  llvm::SmallVector<LV> out;
  for (const auto& s : sums)
    out.push_back(e.temporary(s.dtype == Dtype::bool_ ? Dtype::i64 : s.dtype, blocks, lanesOf(s.identity) != 0));
  return out;
}

void BlockReduction::finishBlockInto(llvm::ArrayRef<LV> places, LV block) {
  for (const auto& [s, place] : llvm::zip(sums, places))
    b.CreateStore(asStored(s, combined(s)), b.CreateInBoundsGEP(s.type, place, block));
}

void BlockReduction::addBlocks(llvm::ArrayRef<LV> places, int64_t blocks) {
  e.loop(e.i64(0), e.i64(blocks), 1, [&](LV block) {
    for (const auto& [s, place] : llvm::zip(sums, places))
      addToTotal(s, asLoaded(s, b.CreateLoad(s.type, b.CreateInBoundsGEP(s.type, place, block))));
  });
}

llvm::SmallVector<LV> BlockReduction::results() {
  llvm::SmallVector<LV> out;
  for (const auto& s : sums) out.push_back(asLoaded(s, b.CreateLoad(s.type, s.total)));
  return out;
}

/// Few enough operations for an element that the loop's body may stand eight times.
bool BlockReduction::cheap() const {
  std::function<int64_t(Operation*)> size = [&](Operation* op) -> int64_t {
    int64_t n = mlir::isa<ir::UnaryOp>(op) ? 8 : 1;
    for (Value o : op->getOperands())
      if (auto* d = o.getDefiningOp(); d && !e.plan.roots.contains(o)) n += size(d);
    return n;
  };
  int64_t body = 0;
  for (auto* root : group.roots) body += size(root);
  return body <= kCheapBody;
}

} // namespace nuthatch::cpu
