// Contractions: tiles of results in registers, one fma chain per result in index order; longer contractions than 64 by
// the dialect's eight partials in blocks of 512.
#include "backends/cpu/contraction.h"
#include "ir/math/reduction_order.h"

namespace nuthatch::cpu {

namespace {
constexpr int64_t kTile = 4;  // results computed together: independent chains hide the latency of the fma
}

struct ContractionEmitter : Contraction {
  using Value = mlir::Value;
  llvm::IRBuilder<>& b;
  Value rowsOfMatrix;  // set while results in a data vector are rows of it
  ContractionEmitter(Emitter& e, ir::DotGeneralOp op) : Contraction(e, op), b(ib()) {}

  LV multiplyAdd(const Index& result, Ix k, LV sum) {
    LV x = e.element(op.getLhs(), operandIndex(true, result, k)), y = e.element(op.getRhs(), operandIndex(false, result, k));
    if (is_float(d)) return fma(Real{x}, Real{y}, Real{sum}).v;
    return emitBinary(ir::BinaryKind::add, emitBinary(ir::BinaryKind::mul, x, y, d), sum, d);
  }

  /// The chains of rows of a matrix: two columns of eight rows are loaded at once and turned in registers, where loading
  /// a column by itself would be eight loads that use one number each.
  llvm::SmallVector<LV> rowChains(llvm::ArrayRef<Index> tile, llvm::SmallVector<LV> sums) {
    const Value vector = MatrixVector::of(op).vector;
    e.accumulate(e.i64(0), e.i64(depth / 2), sums, [&](LV pair) {
      e.memo.clear();
      e.fetchStep();
      LV k = e.mul(pair, 2);
      Real y0{e.element(vector, e.at({k}))}, y1{e.element(vector, e.at({e.add(k, 1)}))};
      for (auto [idx, sum] : llvm::zip(tile, sums)) {
        auto [x0, x1] = e.twoColumns(rowsOfMatrix, idx.dims[0].base, k);
        sum = fma(Real{x1}, y1, fma(Real{x0}, y0, Real{sum})).v;
      }
      e.memo.clear();
    });
    for (int64_t k = depth / 2 * 2; k < depth; ++k)
      for (auto [u, idx] : llvm::enumerate(tile)) sums[u] = multiplyAdd(idx, {e.i64(k), 0}, sums[u]);
    return sums;
  }

  /// sums[u] += products at first, first + step, ... (count of them) for every result of the tile.
  llvm::SmallVector<LV> chain(llvm::ArrayRef<Index> tile, llvm::SmallVector<LV> sums, LV first, int64_t step, LV count, bool kLanes) {
    auto once = [&](LV k) {
      e.memo.clear();
      for (auto [u, idx] : llvm::enumerate(tile)) sums[u] = multiplyAdd(idx, {k, kLanes ? 1 : 0}, sums[u]);
      e.memo.clear();
    };
    if (auto* known = llvm::dyn_cast<llvm::ConstantInt>(count); known && known->getSExtValue() * int64_t(tile.size()) <= 64) {
      for (int64_t j = 0; j < known->getSExtValue(); ++j) once(e.add(first, j * step));
      return sums;
    }
    e.accumulate(e.i64(0), count, sums, [&](LV j) { once(b.CreateAdd(first, e.mul(j, step))); });
    return sums;
  }

  LV constant(double c, unsigned width) {
    auto* t = registerType(b.getContext(), d);
    return splat(is_float(d) ? llvm::ConstantFP::get(t, c) : llvm::Constant::getNullValue(t), width);
  }
  LV plus(LV x, LV y) { return emitBinary(ir::BinaryKind::add, x, y, d); }

  void store(llvm::ArrayRef<Index> tile, llvm::ArrayRef<LV> sums) {
    for (auto [idx, s] : llvm::zip(tile, sums)) e.store(op.getResult(), idx, s);
  }

  /// All results of a tile. `width`: lanes of each accumulator; kLanes: the lanes are the eight partials.
  void tile(llvm::ArrayRef<Index> tile, unsigned width, bool kLanes) {
    using math::kPartials;
    using math::kReductionBlock;
    const size_t count = tile.size();
    if (depth <= math::kChainedContraction) {
      auto zero = constant(0.0, width);
      llvm::SmallVector<LV> start(count, zero);
      return store(tile, rowsOfMatrix ? rowChains(tile, start) : chain(tile, start, e.i64(0), 1, e.i64(depth), false));
    }
    LV zero = constant(-0.0, width);
    auto* type = zero->getType();
    auto fresh = [&](int64_t n) { return e.stackSlot(llvm::ArrayType::get(type, uint64_t(n))); };
    LV partials = fresh(int64_t(count) * kPartials), totals = kLanes ? nullptr : fresh(int64_t(count));
    auto* scalarType = registerType(b.getContext(), d);
    llvm::SmallVector<LV> totalSlots;
    for (size_t u = 0; u < count; ++u) {
      LV p;
      if (kLanes) {
        p = e.stackSlot(scalarType);
        b.CreateStore(constant(-0.0, 0), p);
      } else {
        p = b.CreateInBoundsGEP(type, totals, e.i64(int64_t(u)));
        b.CreateStore(zero, p);
      }
      totalSlots.push_back(p);
    }
    auto addBlock = [&](size_t u, llvm::SmallVector<LV> p) {
      for (int64_t half = kPartials / 2; half > 0; half /= 2)
        for (int64_t k = 0; k < half; ++k) p[k] = plus(p[k], p[k + half]);
      LV total = b.CreateLoad(p[0]->getType(), totalSlots[u]);
      b.CreateStore(plus(total, p[0]), totalSlots[u]);
    };
    auto block = [&](LV begin, int64_t length) {
      if (kLanes) {
        int64_t main = length / kPartials * kPartials;
        llvm::SmallVector<LV> sums(count, zero);
        if (main) sums = chain(tile, sums, begin, kPartials, e.i64(main / kPartials), true);
        for (int64_t i = main; i < length; ++i)
          for (size_t u = 0; u < count; ++u) {
            LV lane = b.CreateExtractElement(sums[u], uint64_t(i - main));
            e.memo.clear();
            sums[u] = b.CreateInsertElement(sums[u], multiplyAdd(tile[u], {e.add(begin, i), 0}, lane), uint64_t(i - main));
          }
        for (size_t u = 0; u < count; ++u) {
          llvm::SmallVector<LV> p;
          for (int64_t k = 0; k < kPartials; ++k) p.push_back(b.CreateExtractElement(sums[u], uint64_t(k)));
          addBlock(u, p);
        }
        return;
      }
      e.loop(e.i64(0), e.i64(kPartials), 1, [&](LV k) {
        LV terms = b.CreateLShr(b.CreateSub(e.i64(length + kPartials - 1), k), 3);
        auto sums = chain(tile, llvm::SmallVector<LV>(count, zero), b.CreateAdd(begin, k), kPartials, terms, false);
        for (size_t u = 0; u < count; ++u)
          b.CreateStore(sums[u], b.CreateInBoundsGEP(type, partials, b.CreateAdd(e.i64(int64_t(u) * kPartials), k)));
      });
      for (size_t u = 0; u < count; ++u) {
        llvm::SmallVector<LV> p;
        for (int64_t k = 0; k < kPartials; ++k)
          p.push_back(b.CreateLoad(type, b.CreateInBoundsGEP(type, partials, e.i64(int64_t(u) * kPartials + k))));
        addBlock(u, p);
      }
    };
    int64_t whole = depth / kReductionBlock;
    if (whole) e.loop(e.i64(0), e.i64(whole * kReductionBlock), kReductionBlock, [&](LV begin) { block(begin, kReductionBlock); });
    if (depth % kReductionBlock) block(e.i64(whole * kReductionBlock), depth % kReductionBlock);
    llvm::SmallVector<LV> out;
    for (size_t u = 0; u < count; ++u) out.push_back(b.CreateLoad(kLanes ? scalarType : type, totalSlots[u]));
    store(tile, out);
  }

  bool innermostContracted(mlir::Value v, llvm::ArrayRef<int64_t> contract) {
    int64_t rank = int64_t(Emitter::shape(v).size());
    return contract.size() == 1 && contract[0] == rank - 1;
  }

  void run() {
    auto space = Emitter::shape(op.getResult());
    // The dimension along which results are computed together: the longest; with data vectors prefer one that is
    // contiguous in its operand.
    int64_t along = -1;
    for (int64_t k = batch; k < int64_t(space.size()); ++k)
      if (along < 0 || space[k] >= space[along]) along = k;
    llvm::SmallVector<int64_t> outer(space);
    if (along >= 0) outer[along] = 1;
    e.fill(outer, [&](const Index& base) { row(base, along, e.i64(0), along >= 0 ? space[along] : 1); }, false);
  }

  /// The results [begin, begin + extent) along a dimension.
  void row(const Index& base, int64_t along, LV begin, int64_t extent) {
    bool laneMode = e.lanes > 1;
    unsigned lanes = laneMode && e.varies(op.getResult()) ? e.lanes : 0;
    bool kLanes = !laneMode && depth > math::kChainedContraction && innermostContracted(op.getLhs(), op.getLhsContract()) &&
                  innermostContracted(op.getRhs(), op.getRhsContract());
    unsigned step = 1;  // results per accumulator
    if (!laneMode && !kLanes && along >= 0 && extent >= int64_t(kDataLanes)) step = kDataLanes;
    auto tileAt = [&](LV start, int64_t n, unsigned width) {
      llvm::SmallVector<Index> out;
      for (int64_t u = 0; u < n; ++u) {
        Index idx = base;
        if (along >= 0) idx.dims[along] = {e.add(start, u * width), width > 1 ? 1 : 0};
        out.push_back(idx);
      }
      return out;
    };
    auto width = [&](unsigned s) { return kLanes ? kDataLanes : s > 1 ? kDataLanes : lanes; };
    int64_t done = 0;
    auto cover = [&](int64_t n, unsigned s) {  // tiles of n accumulators while they fit
      int64_t size = n * s, times = (extent - done) / size;
      if (times == 0) return;
      int64_t end = done + times * size;
      rowsOfMatrix = s > 1 ? matrixByRows(along) : Value();
      auto visit = [&](LV i) { tile(tileAt(b.CreateAdd(begin, i), n, s), width(s), kLanes); };
      if (times == 1) visit(e.i64(done));
      else e.loop(e.i64(done), e.i64(end), size, visit);
      done = end;
    };
    cover(kTile, step);
    cover(1, step);
    if (step > 1) cover(kTile, 1), cover(1, 1);
  }

  /// The operand whose rows are results along that dimension and which lies in memory row by row.
  Value matrixByRows(int64_t along) {
    auto p = MatrixVector::of(op);
    bool plain = p && p.contracted == 1 && along == 0 && !loopInput(p.matrix).loop && e.plan.stored.contains(p.matrix) && !e.varies(p.matrix);
    return plain ? p.matrix : Value();
  }
};

void Emitter::contraction(ir::DotGeneralOp op) {
  if (threads) return contractingThreads(op);
  if (!matrixProduct(op)) ContractionEmitter(*this, op).run();
}

void Emitter::rowProduct(ir::DotGeneralOp op, LV firstRow, int64_t rows) {
  Index base;
  base.dims.push_back({i64(0), 0});
  ContractionEmitter(*this, op).row(base, 0, firstRow, rows);
}

/// Elements [row, row + 8) x [column, column + 2) of a stored matrix, by columns.
std::pair<LV, LV> Emitter::twoColumns(Value matrix, LV row, LV column) {
  const int slot = storage.slot(matrix);
  auto* type = memoryType(dtype(matrix), false);
  auto* two = llvm::FixedVectorType::get(type, 2);
  const auto size = module.getDataLayout().getTypeAllocSize(type).getFixedValue();
  // Even rows into one vector, odd rows into another: each pair of rows is in one 128-bit part of both.
  auto join = [&](int64_t first) {
    llvm::SmallVector<LV> parts;
    for (int64_t r = first; r < int64_t(kDataLanes); r += 2) {
      LV position = builder.CreateAdd(mul(add(row, r), shape(matrix)[1]), column);
      auto* load = builder.CreateAlignedLoad(two, builder.CreateInBoundsGEP(type, slotPointers[size_t(slot)], position), llvm::Align(size));
      if (storage.slots[size_t(slot)].external)
        load->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(module.getContext(), {}));
      parts.push_back(load);
    }
    LV low = builder.CreateShuffleVector(parts[0], parts[1], {0, 1, 2, 3}), high = builder.CreateShuffleVector(parts[2], parts[3], {0, 1, 2, 3});
    return builder.CreateShuffleVector(low, high, {0, 1, 2, 3, 4, 5, 6, 7});
  };
  LV even = join(0), odd = join(1);
  return {builder.CreateShuffleVector(even, odd, {0, 8, 2, 10, 4, 12, 6, 14}),
          builder.CreateShuffleVector(even, odd, {1, 9, 3, 11, 5, 13, 7, 15})};
}

}  // namespace nuthatch::cpu
