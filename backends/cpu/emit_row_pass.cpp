// One pass over the rows of matrices: some rows of the products, then the loop over those rows, then their part of the
// contractions over rows. A row is in the first-level cache when it is read for the second time.
#include "backends/cpu/block_reduction.h"
#include "backends/cpu/column_sums.h"
#include "ir/math/reduction_order.h"

namespace nuthatch::cpu {

namespace {
constexpr int64_t kTileRows = 64;       // divides a block of the reduction order
constexpr int64_t kLine = 64;           // bytes of a cache line
constexpr int64_t kOutOfCache = int64_t(1) << 20;
} // namespace

class RowPass {
public:
  RowPass(Emitter& e, const Group& g) : e(e), b(ib()), group(g), rows(g.space[0]) {
    for (auto* root : g.roots)
      if (auto r = mlir::dyn_cast<ir::ReduceOp>(root)) reductions.push_back(r);
  }

  void run() {
    Sums totals(*this);
    for (auto& c : totals.columns) c.startTotals();
    const int64_t block = math::kReductionBlock, blocks = rows / block;
    if (blocks && e.chunksOf(group) > 1)
      shared(totals, blocks);
    else if (blocks)
      e.loop(
          e.i64(0), e.i64(blocks * block), block,
          [&](LV begin) {
            take(totals, begin, block);
            totals.finishBlock();
          },
          true);
    if (rows % block) {
      take(totals, e.i64(blocks * block), rows % block);
      totals.finishBlock();
    }
    store(totals);
  }

private:
  /// What is added up over the rows.
  struct Sums {
    BlockReduction reductions;
    std::vector<ColumnSums> columns;
    explicit Sums(RowPass& p) : reductions(p.e, p.group, p.reductions, p.e.lanes <= 1) {
      for (auto* op : p.group.columnProducts) columns.emplace_back(p.e, mlir::cast<ir::DotGeneralOp>(op));
    }
    void startBlock() {
      reductions.startBlock();
      for (auto& c : columns) c.startBlock();
    }
    void finishBlock() {
      reductions.finishBlock();
      for (auto& c : columns) c.finishBlock();
    }
  };

  /// The rows [begin, begin + count) of a block, tile by tile.
  void take(Sums& sums, LV begin, int64_t count) {
    placeTiles();
    sums.startBlock();
    const int64_t whole = count / kTileRows * kTileRows;
    if (whole)
      e.loop(
          e.i64(0), e.i64(whole), kTileRows, [&](LV at) { tile(sums, b.CreateAdd(begin, at), kTileRows); }, true);
    if (whole < count) tile(sums, e.add(begin, whole), count - whole);
    e.tiles.clear();
  }

  void tile(Sums& sums, LV begin, int64_t count) {
    e.firstRow = begin;
    startFetching(begin);
    for (auto* op : group.rowProducts) e.rowProduct(mlir::cast<ir::DotGeneralOp>(op), begin, count);
    sums.reductions.take(begin, count, [&](Ix row) { return roots(row); });
    for (auto& c : sums.columns) c.take(begin, count);
    e.fetch = {};
  }

  /// Blocks on several threads.
  void shared(Sums& totals, int64_t blocks) {
    llvm::SmallVector<LV> places = totals.reductions.placesForBlocks(blocks);
    for (auto& c : totals.columns) places.push_back(c.placeForBlocks(blocks));
    const auto ofReductions = llvm::ArrayRef(places).take_front(reductions.size());
    const auto ofColumns = llvm::ArrayRef(places).drop_front(reductions.size());
    e.sharedLoop(
        group, blocks, 1, places,
        [&](LV block) {
          Sums one(*this);
          take(one, e.mul(block, math::kReductionBlock), math::kReductionBlock);
          one.reductions.finishBlockInto(ofReductions, block);
          for (auto [c, place] : llvm::zip(one.columns, ofColumns)) c.finishBlockInto(place, block);
        },
        true);
    totals.reductions.addBlocks(ofReductions, blocks);
    for (auto [c, place] : llvm::zip(totals.columns, ofColumns)) c.addBlocks(place, blocks);
  }

  /// Values that only this pass reads exist for the rows of a tile.
  void placeTiles() {
    auto place = [&](mlir::Value v) {
      if (!e.plan.stored.contains(v) && !e.tiles.contains(v))
        e.tiles[v] = e.temporary(Emitter::dtype(v), kTileRows, e.varies(v));
    };
    for (auto* op : group.rowProducts) place(op->getResult(0));
    for (auto* op : group.columnProducts) place(MatrixVector::of(op).vector);
  }

  /// The matrix whose next tile is fetched from memory while this one is computed: one that does not stay in a cache.
  /// A few lines at a time, in all loops of the tile: a burst would wait for memory, and the strided loads of a product
  /// are not foreseen by the processor.
  void startFetching(LV begin) {
    e.fetch = {};
    if (e.lanes > 1) return;
    for (auto* op : group.rowProducts) {
      const auto p = MatrixVector::of(op);
      const int64_t bytes = int64_t(size_of(Emitter::dtype(p.matrix))), columns = Emitter::shape(p.matrix)[1];
      if (p.contracted != 1 || loopInput(p.matrix).loop || !e.plan.stored.contains(p.matrix) ||
          rows * columns * bytes < kOutOfCache)
        continue;
      auto* type = e.memoryType(Emitter::dtype(p.matrix), false);
      LV matrix = e.slotPointers[size_t(e.storage.slot(p.matrix))];
      e.fetch.next = e.stackSlot(b.getPtrTy());
      b.CreateStore(b.CreateGEP(type, matrix, e.mul(e.add(begin, kTileRows), columns)), e.fetch.next);
      int64_t steps = columns / 2 * (kTileRows / 32);
      for (auto* columnProduct : group.columnProducts) steps += ColumnSums::steps(columnProduct, kTileRows);
      e.fetch.lines = (kTileRows * columns * bytes / kLine + steps - 1) / steps;
      return;
    }
  }

  /// Computes and stores the roots of a row, or of eight rows; returns what the reductions add up.
  llvm::SmallVector<LV> roots(Ix row) {
    e.memo.clear();
    Index idx;
    idx.dims.push_back(row);
    auto values = e.computeRoots(group, idx);
    llvm::SmallVector<LV> out;
    for (auto r : reductions) out.push_back(e.element(r.getX(), idx));
    e.storeRoots(group, idx, values);
    e.memo.clear();
    return out;
  }

  void store(Sums& totals) {
    for (auto [r, x] : llvm::zip(reductions, totals.reductions.results()))
      if (e.plan.stored.contains(r.getResult())) e.store(r.getResult(), Index{}, x);
    for (auto& c : totals.columns) c.store();
  }

  Emitter& e;
  llvm::IRBuilder<>& b;
  const Group& group;
  const int64_t rows;
  llvm::SmallVector<ir::ReduceOp> reductions;
};

void Emitter::fetchStep() {
  if (!fetch.next) return;
  LV line = builder.CreateLoad(builder.getPtrTy(), fetch.next);
  auto after = [&](int64_t lines) { return builder.CreateConstGEP1_64(builder.getInt8Ty(), line, uint64_t(lines * kLine)); };
  for (int64_t k = 0; k < fetch.lines; ++k)
    builder.CreateIntrinsic(llvm::Intrinsic::prefetch, {builder.getPtrTy()},
                            {after(k), builder.getInt32(0), builder.getInt32(2), builder.getInt32(1)});
  builder.CreateStore(after(fetch.lines), fetch.next);
}

void Emitter::rowPass(const Group& g) { RowPass(*this, g).run(); }

} // namespace nuthatch::cpu
