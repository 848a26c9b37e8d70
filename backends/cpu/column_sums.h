#pragma once
// The contraction of a vector with a matrix over the matrix's rows, taken in some rows at a time, in the dialect's
// order: partial k of eight has the rows i = k mod 8 of a block of 512.
#include "backends/cpu/emitter.h"

namespace nuthatch::cpu {

class ColumnSums {
public:
  ColumnSums(Emitter&, ir::DotGeneralOp);
  void startBlock();
  /// Rows [begin, begin + rows) of a block; begin is a multiple of eight, and so is the number of rows of all pieces of
  /// a block but the last.
  void take(LV begin, int64_t rows);
  void finishBlock();
  void store();

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

  Emitter& e;
  llvm::IRBuilder<>& b;
  ir::DotGeneralOp op;
  MatrixVector operands;
  Dtype d;
  Lanes lanes;
  int64_t columns, units;         // accumulators of one partial
  llvm::Type *type, *partialType; // of an accumulator, and of a partial in memory
  LV partials, totals;            // [units][8] and [units]
};

} // namespace nuthatch::cpu
