#pragma once
// Elementwise operations on emitted values: dtype dispatch onto the functions of ir/math.
#include "backends/cpu/lane.h"
#include "ir/dialect/dialect.h"

namespace nuthatch::cpu {

/// Scalar LLVM type a dtype has in registers: i1, i32, i64, float or double.
llvm::Type* registerType(llvm::LLVMContext&, Dtype);

/// In place, or as a `call` of a function of the module.
LV emitUnary(ir::UnaryKind, LV x, Dtype, bool call = false);
LV emitBinary(ir::BinaryKind, LV a, LV b, Dtype, bool call = false);
LV emitTernary(ir::TernaryKind, LV a, LV b, LV c, Dtype);
LV emitCompare(ir::CompareKind, LV a, LV b, Dtype);
LV emitConvert(LV x, Dtype from, Dtype to);
LV emitBitcast(LV x, Dtype from, Dtype to);
LV emitLogAddExp(LV a, LV b, Dtype);
/// sum, prod, max, min, all, any of two values; the identity of the reduction.
LV emitCombine(ir::ReduceKind, LV a, LV b, Dtype);
LV reductionIdentity(ir::ReduceKind, llvm::Type*, Dtype);

}  // namespace nuthatch::cpu
