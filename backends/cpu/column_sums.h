#pragma once
// The contraction of a vector with a matrix over the matrix's rows, taken in some rows at a time, in the dialect's
// order: partial k of eight has the rows i = k mod 8 of a block of 512.
#include "backends/cpu/emitter.h"

namespace nuthatch::cpu {

class ColumnSums {
public:
  ColumnSums(Emitter&, ir::DotGeneralOp);
  /// Before the first block is added.
  void startTotals();
  static int64_t steps(mlir::Operation*, int64_t rows);
  void startBlock();
  /// Rows [begin, begin + rows) of a block; begin is a multiple of eight, and so is the number of rows of all pieces of
  /// a block but the last.
  void take(LV begin, int64_t rows);
  /// Adds the block to the totals.
  void finishBlock();
  void store();

  /// Where threads compute blocks, each leaves its sums in this array; addBlocks takes them into the totals in order.
  LV placeForBlocks(int64_t blocks);
  void finishBlockInto(LV place, LV block);
  void addBlocks(LV place, int64_t blocks);

private:
  /// What one accumulator holds: eight columns, the eight partials of one column, or one column of every chain.
  enum class Lanes { columns, partials, chains };

  LV matrixElement(Ix row, Ix column);
  Real product(Ix row, Ix column, LV sum);
  Ix columnOf(LV unit);
  LV place(LV unit, LV partial);
  void eachChunk(llvm::function_ref<void(LV firstUnit, int64_t units)> body);
  void takeStrided(LV begin, int64_t rows, LV firstUnit, int64_t count);
  void takeAlongRows(LV begin, int64_t rows, LV firstUnit, int64_t count);
  void takeRest(LV begin, int64_t rows);
  LV accumulators(int64_t each);
  Real combined(LV unit);
  void addToTotal(LV unit, Real);

  Emitter& e;
  llvm::IRBuilder<>& b;
  ir::DotGeneralOp op;
  MatrixVector operands;
  Dtype d;
  Lanes lanes;
  int64_t columns, units;         // accumulators of one partial
  llvm::Type *type, *partialType; // of an accumulator, and of a partial in memory
  LV partials = nullptr, totals = nullptr; // [units][8] and [units], made when first needed
};

} // namespace nuthatch::cpu
