#include "backends/cpu/partial_sums.h"

#include "ir/math/reduction_order.h"

namespace nuthatch::cpu {

using math::kPartials;
using math::kReductionBlock;

void PartialSums::add(Dtype d, LV identity, Combine combine) { sums.push_back({d, identity, std::move(combine)}); }

int64_t PartialSums::blocks() const { return (terms + kReductionBlock - 1) / kReductionBlock; }

LV PartialSums::lengthOf(LV block) {
  if (terms <= kReductionBlock) return e.i64(terms);
  LV rest = b.CreateSub(e.i64(terms), e.mul(block, kReductionBlock));
  return b.CreateBinaryIntrinsic(llvm::Intrinsic::smin, rest, e.i64(kReductionBlock));
}

llvm::SmallVector<LV> PartialSums::identities() const {
  llvm::SmallVector<LV> out;
  for (const auto& s : sums) out.push_back(s.identity);
  return out;
}

llvm::SmallVector<LV> PartialSums::partial(const Index& at, LV block, LV k, Step step, LV exists) {
  auto running = identities();
  LV count = b.CreateLShr(b.CreateSub(e.i64(kPartials - 1), b.CreateSub(k, lengthOf(block))), 3);
  if (exists) count = b.CreateSelect(exists, count, e.i64(0));
  LV begin = b.CreateAdd(e.mul(block, kReductionBlock), k);
  e.accumulate(e.i64(0), count, running, [&](LV j) {
    e.memo.clear();
    step(at, b.CreateAdd(begin, e.mul(j, kPartials)), running);
    e.memo.clear();
  });
  return running;
}

/// The tree over the eight partials of a block as three loops of two turns each, whose sums start from the identity: the
/// code of a term is emitted once, and few numbers wait for others.
llvm::SmallVector<LV> PartialSums::total(llvm::function_ref<llvm::SmallVector<LV>(LV, LV)> partialOf) {
  auto totals = identities();
  e.accumulate(e.i64(0), e.i64(blocks()), totals, [&](LV block) {
    combineInto(totals, pairOf([&](LV i) {
      return pairOf([&](LV j) {
        return pairOf([&](LV l) { return partialOf(block, b.CreateAdd(b.CreateAdd(i, e.mul(j, 2)), e.mul(l, 4))); });
      });
    }));
  });
  return totals;
}

llvm::SmallVector<LV> PartialSums::pairOf(llvm::function_ref<llvm::SmallVector<LV>(LV turn)> of) {
  auto both = identities();
  e.accumulate(e.i64(0), e.i64(2), both, [&](LV turn) { combineInto(both, of(turn)); });
  return both;
}

void PartialSums::combineInto(llvm::MutableArrayRef<LV> totals, llvm::ArrayRef<LV> more) {
  for (size_t r = 0; r < sums.size(); ++r) totals[r] = sums[r].combine(totals[r], more[r]);
}

/// Each sum by one thread.
void PartialSums::alone(Step step, Finish finish) {
  e.fill(kept, [&](const Index& at) {
    finish(at, total([&](LV block, LV k) { return partial(at, block, k, step); }));
  }, false);
}

/// Partials by all threads, into memory; then the totals.
void PartialSums::shared(Step step, Finish finish) {
  const int64_t results = Emitter::product(kept), each = blocks() * kPartials;
  for (auto& s : sums) s.partials = e.temporary(s.dtype, results * each, false);
  e.acrossThreads(e.i64(0), e.i64(results * each), [&](LV task) {
    LV k = b.CreateAnd(task, e.i64(kPartials - 1)), block = b.CreateURem(b.CreateLShr(task, 3), e.i64(blocks()));
    Index flat;
    flat.flat = true;
    flat.linear = {b.CreateUDiv(task, e.i64(each)), 0};
    bool possible;
    auto values = partial(e.expand(flat, kept, possible), block, k, step);
    for (auto [s, x] : llvm::zip(sums, values)) e.storeAt(s.partials, s.dtype, false, {task, 0}, x);
  });
  e.fill(kept, [&](const Index& at) {
    LV first = e.mul(e.linearise(at, kept).base, each);
    finish(at, total([&](LV block, LV k) {
      llvm::SmallVector<LV> out;
      LV place = b.CreateAdd(first, b.CreateAdd(e.mul(block, kPartials), k));
      for (const auto& s : sums) out.push_back(e.loadAt(s.partials, s.dtype, false, false, {place, 0}));
      return out;
    }));
  }, false);
}

/// One sum, by a segment of a warp: eight threads, or all if they are fewer, have the partials of a block, and the tree
/// goes through their registers. With more threads several blocks are summed at a time.
void PartialSums::exchanged(Step step, Finish finish) {
  const int64_t workers = std::min(e.threads, kPartials), atOnce = std::min(e.threads / workers, blocks());
  LV mine = b.CreateURem(e.thread, e.i64(workers)), myBlock = b.CreateUDiv(e.thread, e.i64(workers));
  Index at;
  at.dims.assign(kept.size(), Ix{e.i64(0), 0});
  auto totals = identities();
  e.accumulate(e.i64(0), e.i64((blocks() + atOnce - 1) / atOnce), totals, [&](LV turn) {
    LV block = b.CreateAdd(e.mul(turn, atOnce), myBlock);
    LV exists = b.CreateAnd(b.CreateICmpSLT(block, e.i64(blocks())), b.CreateICmpSLT(myBlock, e.i64(atOnce)));
    std::function<llvm::SmallVector<LV>(LV, int64_t)> own = [&](LV k, int64_t stride) {
      if (stride == kPartials) return partial(at, block, k, step, exists);
      return pairOf([&](LV next) { return own(b.CreateAdd(k, e.mul(next, stride)), 2 * stride); });
    };
    llvm::SmallVector<LV> sum;
    e.eachApart([&] { sum = own(mine, workers); });
    auto of = [&](LV source) {
      llvm::SmallVector<LV> out;
      for (LV x : sum) out.push_back(e.exchange(x, source));
      return out;
    };
    for (int64_t half = workers / 2; half > 0; half /= 2) {
      LV other = b.CreateAdd(e.mul(myBlock, workers), b.CreateURem(e.add(mine, half), e.i64(workers)));
      combineInto(sum, of(other));
    }
    for (int64_t n = 0; n < atOnce; ++n) combineInto(totals, of(e.i64(n * workers)));
  });
  finish(at, totals);
}

void PartialSums::run(Step step, Finish finish) {
  // With at least two results for every thread there is nothing to share.
  if (e.threads == 1 || Emitter::product(kept) >= 2 * e.threads) alone(step, finish);
  else e.exchanges && e.threads <= 32 && Emitter::product(kept) == 1 ? exchanged(step, finish) : shared(step, finish);
}

}  // namespace nuthatch::cpu
