// Products of matrices: both operands packed, tiles of 4 x 8 results in registers. Goto and van de Geijn, Anatomy of
// high-performance matrix multiplication, TOMS 34 (2008). Each result adds up in the dialect's order
// (ir/math/reduction_order.h): the eight partials of a block run one after the other, so packing puts the terms of a
// partial side by side.
#include "backends/cpu/contraction.h"
#include "ir/math/reduction_order.h"

namespace nuthatch::cpu {

namespace {
constexpr int64_t kRows = 4;         // of a tile
constexpr int64_t kRowBlock = 64;    // rows packed together; with 512 terms each, they fit a second-level cache
constexpr int64_t kColumnBlock = 1024;  // columns packed together; 4 MiB with 512 terms each
constexpr double kWorthPacking = 4096;  // multiplications
}  // namespace

class MatrixProduct : Contraction {
 public:
  MatrixProduct(Emitter& e, ir::DotGeneralOp op) : Contraction(e, op), b(ib()) {
    for (bool left : {true, false})
      for (int64_t n : extents(left)) (left ? rows : columns) *= n;
    rowsLeft = columns >= int64_t(kDataLanes) || columns >= rows;
    if (!rowsLeft) std::swap(rows, columns);
    chained = depth <= math::kChainedContraction;
    partials = chained ? 1 : math::kPartials;
    length = std::min(depth, math::kReductionBlock);
  }

  bool worthwhile() const {
    return e.lanes <= 1 && is_float(d) && rows >= kRows && columns >= int64_t(kDataLanes) && depth >= 4 &&
           double(rows) * double(columns) * double(depth) >= kWorthPacking;
  }

  void run() {
    left = e.temporary(d, roundUp(std::min(rows, kRowBlock), kRows) * perPartial(length) * partials, false);
    right = e.temporary(d, roundUp(std::min(columns, kColumnBlock), kDataLanes) * perPartial(length) * partials, false);
    sums = e.temporary(d, partials * kRows * int64_t(kDataLanes), false);
    llvm::SmallVector<int64_t> batches(Emitter::shape(op.getResult()).take_front(batch));
    e.fill(batches, [&](const Index& idx) {
      matrix = idx;
      int64_t whole = depth / length;
      e.loop(e.i64(0), e.i64(whole * length), length, [&](LV begin) { terms(begin, length); }, true);
      if (depth % length) terms(e.i64(whole * length), depth % length);
    }, false, false, true);
  }

 private:
  static int64_t roundUp(int64_t n, int64_t to) { return (n + to - 1) / to * to; }
  int64_t perPartial(int64_t terms) const { return (terms + partials - 1) / partials; }

  /// The products of terms [begin, begin + count) are added to the result.
  void terms(LV begin, int64_t count) {
    e.loop(e.i64(0), e.i64(columns), kColumnBlock, [&](LV firstColumn) {
      LV lastColumn = smaller(e.add(firstColumn, kColumnBlock), columns);
      auto eachColumn = [&](llvm::function_ref<void(LV column, LV packed)> body) {
        e.loop(firstColumn, lastColumn, int64_t(kDataLanes), [&](LV column) { body(column, packed(column, firstColumn, count)); }, true);
      };
      eachColumn([&](LV column, LV at) { packColumns(column, at, begin, count); });
      e.loop(e.i64(0), e.i64(rows), kRowBlock, [&](LV firstRow) {
        LV lastRow = smaller(e.add(firstRow, kRowBlock), rows);
        auto eachRow = [&](llvm::function_ref<void(LV row, LV packed)> body) {
          e.loop(firstRow, lastRow, kRows, [&](LV row) { body(row, packed(row, firstRow, count)); }, true);
        };
        eachRow([&](LV row, LV at) { packRows(row, at, begin, count); });
        eachColumn([&](LV column, LV columnAt) {
          eachRow([&](LV row, LV rowAt) { tile(row, rowAt, column, columnAt, begin, count); });
        });
      }, true);
    }, true);
  }

  LV smaller(LV x, int64_t bound) { return b.CreateBinaryIntrinsic(llvm::Intrinsic::smin, x, e.i64(bound)); }

  /// An element of an operand: `position` counts the free dimensions' elements, `k` the terms.
  LV operand(bool isLeft, Ix position, LV k) {
    bool isLhs = isLeft == rowsLeft;
    Index flat, result = matrix;
    flat.flat = true;
    flat.linear = position;
    bool possible;
    Index free = e.expand(flat, extents(isLhs), possible);
    llvm::SmallVector<Ix> none(isLhs ? rhsFree.size() : lhsFree.size(), Ix{e.i64(0), 0});
    if (!isLhs) result.dims.append(none.begin(), none.end());
    result.dims.append(free.dims.begin(), free.dims.end());
    if (isLhs) result.dims.append(none.begin(), none.end());
    e.memo.clear();
    LV x = e.element(isLhs ? op.getLhs() : op.getRhs(), operandIndex(isLhs, result, {k, 0}));
    e.memo.clear();
    return x;
  }

  /// visit(k, place): term k of the block goes to `place` in packed order, the terms of a partial side by side.
  void eachTerm(LV begin, int64_t count, llvm::function_ref<void(LV k, LV place)> visit) {
    for (int64_t p = 0; p < partials; ++p) {
      int64_t n = (count - p + partials - 1) / partials;
      if (n <= 0) break;
      e.loop(e.i64(0), e.i64(n), 1, [&](LV q) {
        visit(b.CreateAdd(begin, e.add(e.mul(q, partials), p)), e.add(q, p * perPartial(count)));
      }, true);
    }
  }

  /// Where the terms of rows or columns from `i` on are, in the packed block that starts with `first`.
  LV packed(LV i, LV first, int64_t count) { return e.mul(b.CreateSub(i, first), perPartial(count) * partials); }

  void packRows(LV row, LV base, LV begin, int64_t count) {
    eachTerm(begin, count, [&](LV k, LV place) {
      for (int64_t u = 0; u < kRows; ++u) {
        LV i = e.add(row, u);
        LV x = operand(true, {rows % kRows ? smaller(i, rows - 1) : i, 0}, k);
        e.storeAt(left, d, false, {e.add(b.CreateAdd(base, e.mul(place, kRows)), u), 0}, x);
      }
    });
  }

  void packColumns(LV column, LV packed, LV begin, int64_t count) {
    bool vector = (rowsLeft ? rhsFree : lhsFree).size() == 1;  // else a vector may cross dimensions
    auto pack = [&](int64_t width, bool asVector) {
      eachTerm(begin, count, [&](LV k, LV place) {
        LV base = b.CreateAdd(packed, e.mul(place, kDataLanes));
        if (asVector) return e.storeAt(right, d, false, {base, 1}, operand(false, {column, 1}, k));
        for (int64_t j = 0; j < int64_t(kDataLanes); ++j) {
          LV x = operand(false, {e.add(column, std::min(j, width - 1)), 0}, k);  // columns beyond the last are not stored
          e.storeAt(right, d, false, {e.add(base, j), 0}, x);
        }
      });
    };
    wholeOrRest(column, [&](int64_t width) { pack(width, vector && width == int64_t(kDataLanes)); });
  }

  /// visit(columns of the tile): emitted for whole tiles and, where columns are left over, for the last one.
  void wholeOrRest(LV column, llvm::function_ref<void(int64_t)> visit) {
    int64_t rest = columns % int64_t(kDataLanes);
    if (rest == 0) return visit(kDataLanes);
    LV last = b.CreateICmpSGT(e.add(column, int64_t(kDataLanes)), e.i64(columns));
    e.ifThen(b.CreateNot(last), [&] { visit(kDataLanes); });
    e.ifThen(last, [&] { visit(rest); });
  }

  void tile(LV row, LV rowAt, LV column, LV columnAt, LV begin, int64_t count) {
    auto* type = llvm::FixedVectorType::get(registerType(b.getContext(), d), kDataLanes);
    llvm::SmallVector<LV> totals;
    for (int64_t p = 0; p < partials; ++p) {
      int64_t n = (count - p + partials - 1) / partials;
      llvm::SmallVector<LV> run(kRows, llvm::ConstantFP::get(type, chained ? 0.0 : -0.0));
      e.accumulate(e.i64(0), e.i64(std::max<int64_t>(n, 0)), run, [&](LV q) {
        LV place = e.add(q, p * perPartial(count));
        Real y{e.loadAt(right, d, false, false, {b.CreateAdd(columnAt, e.mul(place, kDataLanes)), 1})};
        LV base = b.CreateAdd(rowAt, e.mul(place, kRows));
        for (int64_t u = 0; u < kRows; ++u)
          run[size_t(u)] = fma(Real{e.loadAt(left, d, false, false, {e.add(base, u), 0})}, y, Real{run[size_t(u)]}).v;
      });
      if (partials == 1) totals = run;
      else
        for (int64_t u = 0; u < kRows; ++u) e.storeAt(sums, d, false, {e.i64((p * kRows + u) * kDataLanes), 1}, run[size_t(u)]);
    }
    for (int64_t u = 0; partials > 1 && u < kRows; ++u) {
      llvm::SmallVector<Real> p;
      for (int64_t k = 0; k < partials; ++k) p.push_back({e.loadAt(sums, d, false, false, {e.i64((k * kRows + u) * kDataLanes), 1})});
      for (int64_t half = partials / 2; half > 0; half /= 2)
        for (int64_t k = 0; k < half; ++k) p[size_t(k)] = p[size_t(k)] + p[size_t(k + half)];
      totals.push_back(p[0].v);
    }
    wholeOrRest(column, [&](int64_t width) {
      for (int64_t u = 0; u < kRows; ++u) {
        LV i = e.add(row, u);
        auto put = [&] { add(i, column, width, totals[size_t(u)], begin); };
        if (rows % kRows) e.ifThen(b.CreateICmpSLT(i, e.i64(rows)), put);
        else put();
      }
    });
  }

  /// Results of a row: set by the first block, added to by those after it.
  void add(LV row, LV column, int64_t width, LV x, LV begin) {
    bool first = depth <= length;
    auto at = [&](LV j, int64_t stride) {
      // Row-major over [rows, columns] of the result, whichever operand they belong to.
      LV position = rowsLeft ? b.CreateAdd(e.mul(row, columns), j) : b.CreateAdd(e.mul(j, rows), row);
      LV origin = e.linearise(matrix, Emitter::shape(op.getResult()).take_front(batch)).base;
      Index idx;
      idx.flat = true;
      idx.linear = {b.CreateAdd(e.mul(origin, rows * columns), position), rowsLeft ? stride : stride * rows};
      return idx;
    };
    auto one = [&](const Index& idx, LV value) {
      if (!first) {
        LV before = b.CreateSelect(b.CreateICmpEQ(begin, e.i64(0)), llvm::ConstantFP::get(value->getType(), -0.0),
                                   e.load(op.getResult(), idx));
        value = (Real{before} + Real{value}).v;
      }
      e.store(op.getResult(), idx, value);
    };
    if (width == int64_t(kDataLanes) && rowsLeft) return one(at(column, 1), x);
    for (int64_t j = 0; j < width; ++j) one(at(e.add(column, j), 0), b.CreateExtractElement(x, uint64_t(j)));
  }

  llvm::IRBuilder<>& b;
  int64_t rows = 1, columns = 1;  // a tile's rows belong to lhs if rowsLeft
  bool rowsLeft = true, chained = false;
  int64_t partials = 1, length = 1;
  LV left = nullptr, right = nullptr, sums = nullptr;
  Index matrix;
};

bool Emitter::matrixProduct(ir::DotGeneralOp op) {
  MatrixProduct product(*this, op);
  if (!product.worthwhile()) return false;
  product.run();
  return true;
}

}  // namespace nuthatch::cpu
