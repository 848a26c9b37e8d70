// argsort: bottom-up merge sort of positions. Each lane has an order of its own, so lanes are sorted one after the
// other by scalar code. Threads find the place of each element by themselves. The result of a stable sort does not depend
// on the algorithm.
#include "backends/cpu/emitter.h"

namespace nuthatch::cpu {
namespace {

/// An integer with the order of the elements: -0 and 0 are equal, NaN is last; as in ir/ops/reduction/argsort.cpp.
LV ordered(LV x, Dtype d) {
  auto& b = ib();
  auto* wide = withLanes(b.getInt64Ty(), x);
  if (d == Dtype::bool_ || d == Dtype::ui32) return b.CreateZExt(x, wide);
  if (d == Dtype::i32) return b.CreateSExt(x, wide);
  if (d == Dtype::ui64) return b.CreateXor(x, llvm::ConstantInt::get(wide, uint64_t(1) << 63));
  if (d == Dtype::i64) return x;
  auto* real = withLanes(b.getDoubleTy(), x);
  if (d == Dtype::f32) x = b.CreateFPExt(x, real);
  LV isNan = b.CreateFCmpUNO(x, x);
  LV bits = b.CreateBitCast(b.CreateFAdd(x, llvm::ConstantFP::get(real, 0.0)), wide);
  auto* largest = llvm::ConstantInt::get(wide, uint64_t(INT64_MAX));
  LV flipped = b.CreateXor(bits, b.CreateAnd(b.CreateAShr(bits, 63), largest));
  return b.CreateSelect(isNan, largest, flipped);
}

}  // namespace

/// Merges neighbouring sorted runs of `run` elements of `from` into `to`: key arrays, then the array of positions, each
/// [n] of `stride` words per element. Keys move with their positions, so that memory is read in order.
void Emitter::mergeRuns(llvm::ArrayRef<LV> from, llvm::ArrayRef<LV> to, int64_t n, int64_t run, int64_t stride) {
  auto* word = builder.getInt64Ty();
  auto address = [&](LV array, LV i) { return builder.CreateInBoundsGEP(word, array, mul(i, stride)); };
  auto minimum = [&](LV a, LV b) { return builder.CreateBinaryIntrinsic(llvm::Intrinsic::smin, a, b); };
  LV left = stackSlot(word), right = stackSlot(word);
  loop(i64(0), i64(n), 2 * run, [&](LV begin) {
    LV middle = minimum(add(begin, run), i64(n)), end = minimum(add(begin, 2 * run), i64(n));
    builder.CreateStore(begin, left);
    builder.CreateStore(middle, right);
    loop(begin, end, 1, [&](LV k) {
      LV i = builder.CreateLoad(word, left), j = builder.CreateLoad(word, right);
      // An element past its run is not chosen; it is read at a place that exists.
      LV safeI = minimum(i, i64(n - 1)), safeJ = minimum(j, i64(n - 1));
      llvm::SmallVector<std::pair<LV, LV>> elements;
      for (LV array : from)
        elements.push_back({builder.CreateLoad(word, address(array, safeI)), builder.CreateLoad(word, address(array, safeJ))});
      LV smaller = builder.getFalse(), equal = builder.getTrue();
      for (auto [x, y] : llvm::ArrayRef(elements).drop_back()) {
        smaller = builder.CreateOr(smaller, builder.CreateAnd(equal, builder.CreateICmpSLT(y, x)));
        equal = builder.CreateAnd(equal, builder.CreateICmpEQ(x, y));
      }
      LV rightFirst = builder.CreateAnd(builder.CreateICmpSLT(j, end), builder.CreateOr(builder.CreateICmpSGE(i, middle), smaller));
      for (auto [pair, array] : llvm::zip(elements, to))
        builder.CreateStore(builder.CreateSelect(rightFirst, pair.second, pair.first), address(array, k));
      LV step = builder.CreateZExt(rightFirst, word);
      builder.CreateStore(builder.CreateAdd(j, step), right);
      builder.CreateStore(builder.CreateAdd(i, builder.CreateSub(i64(1), step)), left);
    }, true);
  }, true);
}

/// The same where threads share the work: an element's place is its own in its run and the number of those of the other
/// run that come before it. Runs of one element become runs of `run` at once, by counting.
void Emitter::rankRuns(llvm::ArrayRef<LV> from, llvm::ArrayRef<LV> to, int64_t n, int64_t run, bool count) {
  auto* word = builder.getInt64Ty();
  auto minimum = [&](LV a, LV b) { return builder.CreateBinaryIntrinsic(llvm::Intrinsic::smin, a, b); };
  auto keys = [&](LV i) {
    llvm::SmallVector<LV> out;
    for (LV array : from.drop_back()) out.push_back(loadAt(array, Dtype::i64, false, false, {i, 0}));
    return out;
  };
  acrossThreads(i64(0), i64(n), [&](LV i) {
    const auto mine = keys(i);
    auto before = [&](LV other, LV equalToo) {  // element `other` comes before mine
      LV smaller = builder.getFalse(), equal = builder.getTrue();
      for (auto [x, y] : llvm::zip(keys(other), mine)) {
        smaller = builder.CreateOr(smaller, builder.CreateAnd(equal, builder.CreateICmpSLT(x, y)));
        equal = builder.CreateAnd(equal, builder.CreateICmpEQ(x, y));
      }
      return builder.CreateOr(smaller, builder.CreateAnd(equal, equalToo));
    };
    const int64_t together = count ? run : 2 * run;
    LV begin = mul(builder.CreateUDiv(i, i64(together)), together), end = minimum(add(begin, together), i64(n));
    LV place;
    if (count) {
      llvm::SmallVector<LV, 1> places{begin};
      accumulate(begin, end, places, [&](LV k) {
        places[0] = builder.CreateAdd(places[0], builder.CreateZExt(before(k, builder.CreateICmpSLT(k, i)), word));
      });
      place = places[0];
    } else {
      LV middle = minimum(add(begin, run), i64(n)), isLeft = builder.CreateICmpSLT(i, middle);
      LV low = builder.CreateSelect(isLeft, middle, begin), high = builder.CreateSelect(isLeft, end, middle);
      // Of the other run those before `low` come before mine, those from `high` on do not.
      llvm::SmallVector<LV, 2> bounds{low, high};
      accumulate(i64(0), i64(llvm::Log2_64(uint64_t(run)) + 1), bounds, [&](LV) {
        LV open = builder.CreateICmpSLT(bounds[0], bounds[1]);
        LV half = builder.CreateLShr(builder.CreateAdd(bounds[0], bounds[1]), 1);
        LV is = before(minimum(half, i64(n - 1)), builder.CreateNot(isLeft));
        bounds[0] = builder.CreateSelect(builder.CreateAnd(open, is), add(half, 1), bounds[0]);
        bounds[1] = builder.CreateSelect(builder.CreateAnd(open, builder.CreateNot(is)), half, bounds[1]);
      });
      LV inOwn = builder.CreateSub(i, builder.CreateSelect(isLeft, begin, middle));
      place = builder.CreateAdd(begin, builder.CreateAdd(inOwn, builder.CreateSub(bounds[0], low)));
    }
    for (auto [a, b] : llvm::zip(from, to))
      storeAt(b, Dtype::i64, false, {place, 0}, loadAt(a, Dtype::i64, false, false, {i, 0}));
  });
}

void Emitter::argsort(ir::ArgsortOp op) {
  Value result = op.getResult();
  int64_t dim = op.getDim(), n = shape(result)[size_t(dim)];
  if (n == 0) return;
  bool v = varies(result);
  unsigned width = v ? lanes : 1;
  const bool shared = together() && threads > 1 && n > 1;
  llvm::SmallVector<int64_t> outer(shape(result));
  outer[size_t(dim)] = 1;
  llvm::SmallVector<LV> arrays, others;  // one for each key, then the positions
  for (size_t k = 0; k <= op.getKeys().size(); ++k) {
    arrays.push_back(temporary(Dtype::i64, n, v));
    others.push_back(temporary(Dtype::i64, n, v));
  }
  auto sort = [&](const Index& idx) {
    auto at = [&](LV i) {
      Index x = idx;
      x.dims[size_t(dim)] = {i, 0};
      return x;
    };
    auto each = [&](llvm::function_ref<void(LV)> body) {
      shared ? acrossThreads(i64(0), i64(n), body) : loop(i64(0), i64(n), 1, body, true);
    };
    each([&](LV i) {
      memo.clear();
      for (auto [key, operand] : llvm::zip(arrays, op.getKeys()))
        storeAt(key, Dtype::i64, v, {i, 0}, ordered(element(operand, at(i)), dtype(operand)));
      storeAt(arrays.back(), Dtype::i64, v, {i, 0}, i);
      memo.clear();
    });
    auto *from = &arrays, *to = &others;
    constexpr int64_t kCounted = 32;
    for (int64_t run = 1; run < n; run *= shared && run == 1 ? kCounted : 2, std::swap(from, to)) {
      if (shared) {
        run == 1 ? rankRuns(*from, *to, n, kCounted, true) : rankRuns(*from, *to, n, run, false);
        continue;
      }
      loop(i64(0), i64(width), 1, [&](LV lane) {
        auto mine = [&](llvm::ArrayRef<LV> all) {
          llvm::SmallVector<LV> out;
          for (LV array : all) out.push_back(builder.CreateInBoundsGEP(builder.getInt64Ty(), array, lane));
          return out;
        };
        mergeRuns(mine(*from), mine(*to), n, run, width);
      }, true);
    }
    each([&](LV i) { store(result, at(i), loadAt(from->back(), Dtype::i64, v, false, {i, 0})); });
  };
  fillInOrder(outer, sort, false, false, true);
}

}  // namespace nuthatch::cpu
