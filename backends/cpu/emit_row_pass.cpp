// One pass over the rows of matrices: some rows of the products, then the loop over those rows, then their part of the
// contractions over rows. A row is in the first-level cache when it is read for the second time.
#include "backends/cpu/block_reduction.h"
#include "backends/cpu/column_sums.h"
#include "ir/math/reduction_order.h"

namespace nuthatch::cpu {

namespace {
constexpr int64_t kTileRows = 64;       // divides a block of the reduction order
constexpr int64_t kLine = 64;           // bytes of a cache line
constexpr int64_t kFetchedColumns = 64; // two tiles of more do not fit a first-level cache of 64 KiB
} // namespace

class RowPass {
public:
  RowPass(Emitter& e, const Group& g) : e(e), b(ib()), group(g), rows(g.space[0]) {
    for (auto* root : g.roots)
      if (auto r = mlir::dyn_cast<ir::ReduceOp>(root)) reductions.push_back(r);
  }

  void run() {
    placeTiles();
    BlockReduction sums(e, group, reductions, e.lanes <= 1);
    std::vector<ColumnSums> columns;
    for (auto* op : group.columnProducts) columns.emplace_back(e, mlir::cast<ir::DotGeneralOp>(op));
    auto startBlock = [&] {
      sums.startBlock();
      for (auto& c : columns) c.startBlock();
    };
    auto finishBlock = [&] {
      sums.finishBlock();
      for (auto& c : columns) c.finishBlock();
    };
    auto tile = [&](LV begin, int64_t count) {
      e.firstRow = begin;
      for (auto* op : group.rowProducts) e.rowProduct(mlir::cast<ir::DotGeneralOp>(op), begin, count);
      sums.take(begin, count, [&](Ix row) { return roots(row); });
      for (auto& c : columns) c.take(begin, count);
    };
    startBlock();
    const int64_t whole = rows / kTileRows * kTileRows, block = math::kReductionBlock;
    e.loop(
        e.i64(0), e.i64(whole), kTileRows,
        [&](LV begin) {
          tile(begin, kTileRows);
          LV end = e.add(begin, kTileRows);
          if (rows < block) return;
          e.ifThen(b.CreateICmpEQ(b.CreateAnd(end, e.i64(block - 1)), e.i64(0)), [&] {
            finishBlock();
            startBlock();
          });
        },
        true);
    if (whole < rows) tile(e.i64(whole), rows - whole);
    if (rows % block) finishBlock();
    store(sums);
    for (auto& c : columns) c.store();
    e.tiles.clear();
  }

private:
  /// Values that only this pass reads exist for the rows of a tile.
  void placeTiles() {
    auto place = [&](mlir::Value v) {
      if (!e.plan.stored.contains(v) && !e.tiles.contains(v))
        e.tiles[v] = e.temporary(Emitter::dtype(v), kTileRows, e.varies(v));
    };
    for (auto* op : group.rowProducts) place(op->getResult(0));
    for (auto* op : group.columnProducts) place(MatrixVector::of(op).vector);
  }

  /// The rows of the next tile come in from memory while the functions of this one are computed.
  void fetchAhead(Ix row) {
    for (auto* op : group.rowProducts) {
      const auto p = MatrixVector::of(op);
      const int64_t columns = Emitter::shape(p.matrix)[1];
      if (p.contracted != 1 || columns > kFetchedColumns || loopInput(p.matrix).loop ||
          !e.plan.stored.contains(p.matrix) || e.varies(p.matrix))
        continue;
      auto* type = e.memoryType(Emitter::dtype(p.matrix), false);
      const int64_t bytes =
          columns * int64_t(size_of(Emitter::dtype(p.matrix))) * (row.stride ? int64_t(kDataLanes) : 1);
      LV first = b.CreateInBoundsGEP(type, e.slotPointers[size_t(e.storage.slot(p.matrix))], e.mul(row.base, columns));
      for (int64_t at = 0; at < bytes; at += kLine)
        b.CreateIntrinsic(
            llvm::Intrinsic::prefetch, {b.getPtrTy()},
            {b.CreateConstGEP1_64(b.getInt8Ty(), first,
                                  uint64_t(kTileRows * columns * int64_t(size_of(Emitter::dtype(p.matrix))) + at)),
             b.getInt32(0), b.getInt32(3), b.getInt32(1)});
    }
  }

  /// Computes and stores the roots of a row, or of eight rows; returns what the reductions add up.
  llvm::SmallVector<LV> roots(Ix row) {
    e.memo.clear();
    fetchAhead(row);
    Index idx;
    idx.dims.push_back(row);
    auto values = e.computeRoots(group, idx);
    llvm::SmallVector<LV> out;
    for (auto r : reductions) out.push_back(e.element(r.getX(), idx));
    e.storeRoots(group, idx, values);
    e.memo.clear();
    return out;
  }

  void store(BlockReduction& sums) {
    for (auto [r, x] : llvm::zip(reductions, sums.results()))
      if (e.plan.stored.contains(r.getResult())) e.store(r.getResult(), Index{}, x);
  }

  Emitter& e;
  llvm::IRBuilder<>& b;
  const Group& group;
  const int64_t rows;
  llvm::SmallVector<ir::ReduceOp> reductions;
};

void Emitter::rowPass(const Group& g) { RowPass(*this, g).run(); }

} // namespace nuthatch::cpu
