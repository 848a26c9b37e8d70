#include "backends/cpu/column_sums.h"

#include "ir/math/reduction_order.h"

namespace nuthatch::cpu {

using math::kPartials;

namespace {
constexpr int64_t kMostVectors = 3; // accumulators side by side: with two rows at once, twelve of sixteen registers
constexpr int64_t kMostChains = 6;
constexpr int64_t kStraight = 6; // chunks that are emitted one after the other instead of in a loop
} // namespace

ColumnSums::ColumnSums(Emitter& e, ir::DotGeneralOp op)
    : e(e), b(ib()), op(op), operands(MatrixVector::of(op)), d(Emitter::dtype(op.getResult())),
      columns(Emitter::shape(op.getResult())[0]) {
  const bool contiguous = operands.contracted == 0; // the columns of a row
  if (e.lanes > 1)
    lanes = Lanes::chains;
  else
    lanes = contiguous && columns >= int64_t(kDataLanes) ? Lanes::columns : Lanes::partials;
  units = lanes == Lanes::columns ? (columns + kDataLanes - 1) / kDataLanes : columns;
  auto* one = registerType(b.getContext(), d);
  const bool varies = e.varies(op.getResult());
  const unsigned width = lanes == Lanes::chains ? (varies ? e.lanes : 0) : kDataLanes;
  type = width ? llvm::FixedVectorType::get(one, width) : one;
  partialType = lanes == Lanes::partials ? one : type;
}

/// An array with that many accumulators for each unit.
LV ColumnSums::accumulators(int64_t each) {
  const int64_t width = lanes == Lanes::columns ? kDataLanes : 1;
  return e.temporary(d, units * each * width, e.varies(op.getResult()));
}

void ColumnSums::startTotals() {
  totals = accumulators(1);
  e.loop(e.i64(0), e.i64(units), 1, [&](LV u) {
    b.CreateStore(llvm::ConstantFP::getNegativeZero(partialType), b.CreateInBoundsGEP(partialType, totals, u));
  });
}

void ColumnSums::startBlock() {
  if (!partials) partials = accumulators(kPartials);
  e.loop(e.i64(0), e.i64(units * kPartials), 1, [&](LV p) {
    b.CreateStore(llvm::ConstantFP::getNegativeZero(partialType), b.CreateInBoundsGEP(partialType, partials, p));
  });
}

/// The first column of a unit. The last vector of columns overlaps the one before it: its sums come out the same.
Ix ColumnSums::columnOf(LV unit) {
  if (lanes != Lanes::columns) return {unit, 0};
  LV first = e.mul(unit, kDataLanes);
  if (columns % kDataLanes) first = b.CreateBinaryIntrinsic(llvm::Intrinsic::smin, first, e.i64(columns - kDataLanes));
  return {first, 1};
}

LV ColumnSums::place(LV unit, LV partial) {
  return b.CreateInBoundsGEP(partialType, partials, b.CreateAdd(e.mul(unit, kPartials), partial));
}

LV ColumnSums::matrixElement(Ix row, Ix column) {
  Index idx;
  idx.dims = operands.contracted == 0 ? llvm::SmallVector<Ix, 4>{row, column} : llvm::SmallVector<Ix, 4>{column, row};
  return e.element(operands.matrix, idx);
}

Real ColumnSums::product(Ix row, Ix column, LV sum) {
  Index at;
  at.dims.push_back(row);
  return fma(Real{e.element(operands.vector, at)}, Real{matrixElement(row, column)}, Real{sum});
}

/// How often fetchStep is reached in so many rows, about.
int64_t ColumnSums::steps(mlir::Operation* op, int64_t rows) {
  const int64_t columns = Emitter::shape(op->getResult(0))[0];
  const int64_t chunks = (columns + kDataLanes * kMostVectors - 1) / (kDataLanes * kMostVectors);
  return chunks * (kPartials / 2) * (rows / kPartials);
}

/// Units in groups whose accumulators fit the registers, as even as possible.
void ColumnSums::eachChunk(llvm::function_ref<void(LV firstUnit, int64_t units)> body) {
  const int64_t most = lanes == Lanes::chains ? kMostChains : kMostVectors, count = (units + most - 1) / most;
  const int64_t size = (units + count - 1) / count, whole = units / size;
  if (whole <= kStraight)
    for (int64_t c = 0; c < whole; ++c) body(e.i64(c * size), size);
  else
    e.loop(
        e.i64(0), e.i64(whole * size), size, [&](LV first) { body(first, size); }, true);
  if (units % size) body(e.i64(whole * size), units % size);
}

void ColumnSums::take(LV begin, int64_t rows) {
  const int64_t main = rows / kPartials * kPartials;
  e.memo.clear();
  if (main)
    eachChunk([&](LV first, int64_t count) {
      lanes == Lanes::partials ? takeAlongRows(begin, main, first, count) : takeStrided(begin, main, first, count);
    });
  if (main < rows) takeRest(b.CreateAdd(begin, e.i64(main)), rows - main);
  e.memo.clear();
}

/// Partial after partial, every eighth row each; two or four partials at once where a chunk leaves registers free.
void ColumnSums::takeStrided(LV begin, int64_t rows, LV firstUnit, int64_t count) {
  const int64_t together = count == 1 ? 4 : count <= 3 ? 2 : 1;
  e.loop(
      e.i64(0), e.i64(kPartials), together,
      [&](LV partial) {
        llvm::SmallVector<LV> sums;
        for (int64_t u = 0; u < count; ++u)
          for (int64_t k = 0; k < together; ++k)
            sums.push_back(b.CreateLoad(type, place(e.add(firstUnit, u), e.add(partial, k))));
        e.accumulate(e.i64(0), e.i64(rows / kPartials), sums, [&](LV q) {
          e.memo.clear();
          e.fetchStep();
          LV row = b.CreateAdd(b.CreateAdd(begin, partial), e.mul(q, kPartials));
          for (int64_t u = 0; u < count; ++u)
            for (int64_t k = 0; k < together; ++k) {
              LV& sum = sums[size_t(u * together + k)];
              sum = product({e.add(row, k), 0}, columnOf(e.add(firstUnit, u)), sum).v;
            }
          e.memo.clear();
        });
        for (int64_t u = 0; u < count; ++u)
          for (int64_t k = 0; k < together; ++k)
            b.CreateStore(sums[size_t(u * together + k)], place(e.add(firstUnit, u), e.add(partial, k)));
      },
      true);
}

/// Eight rows at once: lane k is partial k.
void ColumnSums::takeAlongRows(LV begin, int64_t rows, LV firstUnit, int64_t count) {
  llvm::SmallVector<LV> sums;
  for (int64_t u = 0; u < count; ++u) sums.push_back(b.CreateLoad(type, place(e.add(firstUnit, u), e.i64(0))));
  e.accumulate(e.i64(0), e.i64(rows / kPartials), sums, [&](LV q) {
    e.memo.clear();
    for (int64_t u = 0; u < count; ++u)
      sums[size_t(u)] =
          product({b.CreateAdd(begin, e.mul(q, kPartials)), 1}, columnOf(e.add(firstUnit, u)), sums[size_t(u)]).v;
    e.memo.clear();
  });
  for (int64_t u = 0; u < count; ++u) b.CreateStore(sums[size_t(u)], place(e.add(firstUnit, u), e.i64(0)));
}

/// Fewer than eight rows, one for each of the first partials.
void ColumnSums::takeRest(LV begin, int64_t rows) {
  e.loop(
      e.i64(0), e.i64(units), 1,
      [&](LV unit) {
        e.loop(
            e.i64(0), e.i64(rows), 1,
            [&](LV k) {
              e.memo.clear();
              LV at = place(unit, k);
              b.CreateStore(product({b.CreateAdd(begin, k), 0}, columnOf(unit), b.CreateLoad(partialType, at)).v, at);
              e.memo.clear();
            },
            true);
      },
      true);
}

/// The partials of a block, as one.
Real ColumnSums::combined(LV unit) {
  llvm::SmallVector<Real> p;
  for (int64_t k = 0; k < kPartials; ++k) p.push_back({b.CreateLoad(partialType, place(unit, e.i64(k)))});
  for (int64_t half = kPartials / 2; half > 0; half /= 2)
    for (int64_t k = 0; k < half; ++k) p[size_t(k)] = p[size_t(k)] + p[size_t(k + half)];
  return p[0];
}

void ColumnSums::addToTotal(LV unit, Real x) {
  LV total = b.CreateInBoundsGEP(partialType, totals, unit);
  b.CreateStore((Real{b.CreateLoad(partialType, total)} + x).v, total);
}

void ColumnSums::finishBlock() {
  e.loop(
      e.i64(0), e.i64(units), 1, [&](LV unit) { addToTotal(unit, combined(unit)); }, true);
}

LV ColumnSums::placeForBlocks(int64_t blocks) { return accumulators(blocks); }

void ColumnSums::finishBlockInto(LV array, LV block) {
  e.loop(
      e.i64(0), e.i64(units), 1,
      [&](LV unit) {
        LV at = b.CreateAdd(e.mul(block, units), unit);
        b.CreateStore(combined(unit).v, b.CreateInBoundsGEP(partialType, array, at));
      },
      true);
}

void ColumnSums::addBlocks(LV array, int64_t blocks) {
  e.loop(
      e.i64(0), e.i64(blocks), 1,
      [&](LV block) {
        e.loop(
            e.i64(0), e.i64(units), 1,
            [&](LV unit) {
              LV at = b.CreateAdd(e.mul(block, units), unit);
              addToTotal(unit, {b.CreateLoad(partialType, b.CreateInBoundsGEP(partialType, array, at))});
            },
            true);
      },
      true);
}

void ColumnSums::store() {
  e.loop(e.i64(0), e.i64(units), 1, [&](LV unit) {
    e.memo.clear();
    Index at;
    at.dims.push_back(columnOf(unit));
    e.store(op.getResult(), at, b.CreateLoad(partialType, b.CreateInBoundsGEP(partialType, totals, unit)));
    e.memo.clear();
  });
}

} // namespace nuthatch::cpu
