#include "backends/cpu/remainder.h"

#include <limits>

namespace nuthatch::cpu {
namespace {

constexpr int kFraction = 52;          // bits of the fraction of a double
constexpr int kSpare = 64 - 53;        // bits above its significand in a word

/// A positive double is significand * 2^(exponent - 1075), the significand in [2^52, 2^53) also for subnormal numbers.
struct Parts {
  LV significand, exponent;
};

Parts partsOf(LV bits) {
  auto& b = ib();
  LV exponent = b.CreateLShr(bits, kFraction), hidden = b.getInt64(uint64_t(1) << kFraction);
  LV fraction = b.CreateAnd(bits, b.getInt64((uint64_t(1) << kFraction) - 1));
  LV zeros = b.CreateBinaryIntrinsic(llvm::Intrinsic::ctlz, bits, b.getFalse());
  LV shift = b.CreateSub(zeros, b.getInt64(kSpare)), subnormal = b.CreateICmpEQ(exponent, b.getInt64(0));
  LV safe = b.CreateSelect(subnormal, b.CreateAnd(shift, b.getInt64(63)), b.getInt64(0));
  return {b.CreateSelect(subnormal, b.CreateShl(bits, safe), b.CreateOr(fraction, hidden)),
          b.CreateSelect(subnormal, b.CreateSub(b.getInt64(1), shift), exponent)};
}

/// The bits of a positive double with that significand, any below 2^53, and exponent.
LV assembled(LV significand, LV exponent) {
  auto& b = ib();
  LV shift = b.CreateSub(b.CreateBinaryIntrinsic(llvm::Intrinsic::ctlz, significand, b.getFalse()), b.getInt64(kSpare));
  LV whole = b.CreateShl(significand, b.CreateAnd(shift, b.getInt64(63))), e = b.CreateSub(exponent, shift);
  LV normal = b.CreateOr(b.CreateAnd(whole, b.getInt64((uint64_t(1) << kFraction) - 1)), b.CreateShl(e, kFraction));
  LV down = b.CreateAnd(b.CreateSub(b.getInt64(1), e), b.getInt64(63));
  LV out = b.CreateSelect(b.CreateICmpSGT(e, b.getInt64(0)), normal, b.CreateLShr(whole, down));
  return b.CreateSelect(b.CreateICmpEQ(significand, b.getInt64(0)), b.getInt64(0), out);
}

/// significand * 2^places mod divisor.
LV shiftedModulo(LV significand, LV places, LV divisor) {
  auto& b = ib();
  auto* before = b.GetInsertBlock();
  auto* function = before->getParent();
  auto* head = llvm::BasicBlock::Create(b.getContext(), "divide", function);
  auto* turn = llvm::BasicBlock::Create(b.getContext(), "digits", function);
  auto* after = llvm::BasicBlock::Create(b.getContext(), "divided", function);
  LV start = b.CreateURem(significand, divisor);
  b.CreateBr(head);
  b.SetInsertPoint(head);
  auto* rest = b.CreatePHI(b.getInt64Ty(), 2);
  auto* left = b.CreatePHI(b.getInt64Ty(), 2);
  rest->addIncoming(start, before);
  left->addIncoming(places, before);
  b.CreateCondBr(b.CreateICmpSGT(left, b.getInt64(0)), turn, after);
  b.SetInsertPoint(turn);
  LV step = b.CreateBinaryIntrinsic(llvm::Intrinsic::smin, left, b.getInt64(kSpare));
  rest->addIncoming(b.CreateURem(b.CreateShl(rest, step), divisor), turn);
  left->addIncoming(b.CreateSub(left, step), turn);
  b.CreateBr(head);
  b.SetInsertPoint(after);
  return rest;
}

Real remainderOf(Real a, Real d) {
  auto& b = ib();
  auto* word = b.getInt64Ty();
  auto* real = b.getDoubleTy();
  const uint64_t signBit = uint64_t(1) << 63, infinity = uint64_t(0x7ff) << kFraction;
  LV x = b.CreateBitCast(a.v, word), y = b.CreateBitCast(d.v, word);
  LV sign = b.CreateAnd(x, b.getInt64(signBit));
  LV ax = b.CreateAnd(x, b.getInt64(~signBit)), ay = b.CreateAnd(y, b.getInt64(~signBit));
  LV undefined = b.CreateOr(b.CreateICmpEQ(ay, b.getInt64(0)),
                            b.CreateOr(b.CreateICmpUGT(ay, b.getInt64(infinity)), b.CreateICmpUGE(ax, b.getInt64(infinity))));
  LV small = b.CreateOr(b.CreateICmpULT(ax, ay), undefined);  // a itself, or nothing to divide
  // Where nothing is divided, 1 mod 1.
  LV one = b.getInt64(uint64_t(1023) << kFraction);
  Parts p = partsOf(b.CreateSelect(small, one, ax)), q = partsOf(b.CreateSelect(small, one, ay));
  LV rest = shiftedModulo(p.significand, b.CreateSub(p.exponent, q.exponent), q.significand);
  LV divided = b.CreateBitCast(b.CreateOr(assembled(rest, q.exponent), sign), real);
  LV out = b.CreateSelect(small, a.v, divided);
  return {b.CreateSelect(undefined, llvm::ConstantFP::get(real, std::numeric_limits<double>::quiet_NaN()), out)};
}

}  // namespace

Real exactRemainder(Real a, Real b) {
  return outlined("remainder", {a, b}, [](llvm::ArrayRef<Real> x) { return remainderOf(x[0], x[1]); });
}

}  // namespace nuthatch::cpu
