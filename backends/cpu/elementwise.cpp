#include "backends/cpu/elementwise.h"

#include "ir/math/elementwise.h"
#include "ir/math/integer.h"

namespace nuthatch::cpu {

llvm::Type* registerType(llvm::LLVMContext& c, Dtype d) {
  switch (d) {
    case Dtype::bool_: return llvm::Type::getInt1Ty(c);
    case Dtype::i32: case Dtype::ui32: return llvm::Type::getInt32Ty(c);
    case Dtype::f32: return llvm::Type::getFloatTy(c);
    case Dtype::f64: return llvm::Type::getDoubleTy(c);
    default: return llvm::Type::getInt64Ty(c);
  }
}

namespace {

bool isSigned(Dtype d) { return d == Dtype::i32 || d == Dtype::i64; }

/// Calls f with an integer wrapper of the dtype's width and signedness.
template <class F> LV asWhole(Dtype d, F&& f) {
  switch (d) {
    case Dtype::i32: return f(Whole<32, true>{});
    case Dtype::ui32: return f(Whole<32, false>{});
    case Dtype::i64: return f(Whole<64, true>{});
    default: return f(Whole<64, false>{});
  }
}

/// f32 goes through f64, as the interpreter does; exact kinds need not.
LV widened(LV x) { return ib().CreateFPExt(x, withLanes(ib().getDoubleTy(), x)); }
LV narrowed(LV x) { return ib().CreateFPTrunc(x, withLanes(ib().getFloatTy(), x)); }

bool nativeInF32(ir::UnaryKind k) {
  using K = ir::UnaryKind;
  return k == K::neg || k == K::abs || k == K::sign || k == K::floor || k == K::ceil || k == K::round || k == K::sqrt ||
         k == K::stop_gradient;
}

/// Kinds whose code is so long that it is a function of its own.
bool isLong(ir::UnaryKind k) {
  using K = ir::UnaryKind;
  return k == K::ndtri || k == K::log_ndtr || k == K::erfcx || k == K::bessel_i0e || k == K::bessel_i1e;
}
bool isLong(ir::BinaryKind k) { return k >= ir::BinaryKind::polygamma && k <= ir::BinaryKind::igammac_inv; }

/// Operands of one number of lanes, as f64.
llvm::SmallVector<Real> operandsOf(std::initializer_list<LV> values, Dtype d) {
  unsigned lanes = 0;
  for (LV v : values) lanes = std::max(lanes, lanesOf(v));
  llvm::SmallVector<Real> out;
  for (LV v : values) out.push_back({d == Dtype::f32 ? widened(splat(v, lanes)) : splat(v, lanes)});
  return out;
}

}  // namespace

LV emitUnary(ir::UnaryKind kind, LV x, Dtype d, bool call) {
  using K = ir::UnaryKind;
  auto k = detail::Unary(int(kind));
  if (kind == K::stop_gradient) return x;
  if (kind == K::logical_not) return ib().CreateNot(x);
  if (kind == K::is_finite) {
    if (!is_float(d)) return llvm::ConstantInt::getTrue(withLanes(ib().getInt1Ty(), x));
    return (abs(Real{x}) < math::kInf).v;
  }
  if (d == Dtype::bool_) return x;
  if (!is_float(d))
    return asWhole(d, [&](auto w) { w.v = x; return math::apply_integer(k, w).v; });
  if (call || isLong(kind)) {
    Real y = outlined(ir::stringifyUnaryKind(kind), operandsOf({x}, d),
                      [&](llvm::ArrayRef<Real> a) { return math::apply(k, a[0]); });
    return d == Dtype::f32 ? narrowed(y.v) : y.v;
  }
  if (d == Dtype::f32 && !nativeInF32(kind)) return narrowed(math::apply(k, Real{widened(x)}).v);
  if (d == Dtype::f32 && kind == K::ceil) return (-floor(-Real{x})).v;
  return math::apply(k, Real{x}).v;
}

LV emitBinary(ir::BinaryKind kind, LV a, LV b, Dtype d, bool call) {
  using K = ir::BinaryKind;
  auto k = detail::Binary(int(kind));
  unify(a, b);
  if (d == Dtype::bool_) {
    switch (kind) {
      case K::and_: case K::mul: case K::min: return ib().CreateAnd(a, b);
      case K::or_: case K::add: case K::max: return ib().CreateOr(a, b);
      default: return ib().CreateXor(a, b);
    }
  }
  if (!is_float(d))
    return asWhole(d, [&](auto w) {
      auto v = w;
      w.v = a, v.v = b;
      return math::apply_integer(k, w, v).v;
    });
  if (kind == K::rem) return fmod(Real{a}, Real{b}).v;
  if (isLong(kind) || (call && (kind == K::pow || kind == K::atan2))) {
    Real y = outlined(ir::stringifyBinaryKind(kind), operandsOf({a, b}, d),
                      [&](llvm::ArrayRef<Real> x) { return math::apply(k, x[0], x[1]); });
    return d == Dtype::f32 ? narrowed(y.v) : y.v;
  }
  if (d == Dtype::f32 && (kind == K::pow || kind == K::atan2))
    return narrowed(math::apply(k, Real{widened(a)}, Real{widened(b)}).v);
  switch (kind) {
    case K::add: return (Real{a} + Real{b}).v;
    case K::sub: return (Real{a} - Real{b}).v;
    case K::mul: return (Real{a} * Real{b}).v;
    case K::div: return (Real{a} / Real{b}).v;
    case K::max: return math::maximum(Real{a}, Real{b}).v;
    case K::min: return math::minimum(Real{a}, Real{b}).v;
    case K::pow: return math::pow(Real{a}, Real{b}).v;
    default: return math::atan2(Real{a}, Real{b}).v;
  }
}

LV emitTernary(ir::TernaryKind kind, LV a, LV b, LV c, Dtype d) {
  auto k = detail::Ternary(int(kind));
  Real y = outlined(ir::stringifyTernaryKind(kind), operandsOf({a, b, c}, d),
                    [&](llvm::ArrayRef<Real> x) { return math::apply(k, x[0], x[1], x[2]); });
  return d == Dtype::f32 ? narrowed(y.v) : y.v;
}

LV emitCompare(ir::CompareKind kind, LV a, LV b, Dtype d) {
  auto k = detail::Compare(int(kind));
  unify(a, b);
  if (is_float(d)) return math::compare(k, Real{a}, Real{b}).v;
  if (d == Dtype::bool_) {
    using P = llvm::CmpInst;
    constexpr P::Predicate predicates[] = {P::ICMP_EQ, P::ICMP_NE, P::ICMP_ULT, P::ICMP_ULE, P::ICMP_UGT, P::ICMP_UGE};
    return ib().CreateICmp(predicates[int(kind)], a, b);
  }
  return asWhole(d, [&](auto w) {
    auto v = w;
    w.v = a, v.v = b;
    return math::compare(k, w, v).v;
  });
}

LV emitConvert(LV x, Dtype from, Dtype to) {
  if (from == to) return x;
  auto* type = withLanes(registerType(ib().getContext(), to), x);
  if (to == Dtype::bool_) {
    if (is_float(from)) return (Real{x} != 0.0).v;
    return ib().CreateICmpNE(x, llvm::Constant::getNullValue(x->getType()));
  }
  if (from == Dtype::bool_) return is_float(to) ? ib().CreateUIToFP(x, type) : ib().CreateZExt(x, type);
  if (is_float(from) && is_float(to)) return to == Dtype::f64 ? ib().CreateFPExt(x, type) : ib().CreateFPTrunc(x, type);
  if (is_float(to)) return isSigned(from) ? ib().CreateSIToFP(x, type) : ib().CreateUIToFP(x, type);
  if (is_float(from))  // truncates, saturates, NaN to 0
    return ib().CreateIntrinsic(isSigned(to) ? llvm::Intrinsic::fptosi_sat : llvm::Intrinsic::fptoui_sat,
                                {type, x->getType()}, {x});
  if (size_of(from) == size_of(to)) return x;
  if (size_of(from) > size_of(to)) return ib().CreateTrunc(x, type);
  return isSigned(from) ? ib().CreateSExt(x, type) : ib().CreateZExt(x, type);
}

LV emitBitcast(LV x, Dtype, Dtype to) {
  return ib().CreateBitCast(x, withLanes(registerType(ib().getContext(), to), x));
}

LV emitLogAddExp(LV a, LV b, Dtype d) {
  unify(a, b);
  if (d == Dtype::f32) return narrowed(math::log_add_exp(Real{widened(a)}, Real{widened(b)}).v);
  return math::log_add_exp(Real{a}, Real{b}).v;
}

LV emitCombine(ir::ReduceKind kind, LV a, LV b, Dtype d) {
  using K = ir::ReduceKind;
  using B = ir::BinaryKind;
  switch (kind) {
    case K::sum: return emitBinary(B::add, a, b, d);
    case K::prod: return emitBinary(B::mul, a, b, d);
    case K::max: return emitBinary(B::max, a, b, d);
    case K::min: return emitBinary(B::min, a, b, d);
    case K::all: return emitBinary(B::and_, a, b, d);
    case K::any: return emitBinary(B::or_, a, b, d);
  }
  return a;
}

LV reductionIdentity(ir::ReduceKind kind, llvm::Type* type, Dtype d) {
  using K = ir::ReduceKind;
  bool real = is_float(d);
  auto integer = [&](std::uint64_t c, bool s = true) { return llvm::ConstantInt::get(type, c, s); };
  unsigned width = type->getScalarSizeInBits();
  switch (kind) {
    case K::sum: return real ? llvm::ConstantFP::get(type, -0.0) : integer(0);
    case K::prod: return real ? llvm::ConstantFP::get(type, 1.0) : integer(1);
    case K::max:
      if (real) return llvm::ConstantFP::get(type, -math::kInf);
      return isSigned(d) ? llvm::ConstantInt::get(type, llvm::APInt::getSignedMinValue(width)) : integer(0);
    case K::min:
      if (real) return llvm::ConstantFP::get(type, math::kInf);
      return llvm::ConstantInt::get(type, isSigned(d) ? llvm::APInt::getSignedMaxValue(width) : llvm::APInt::getMaxValue(width));
    case K::all: return integer(1);
    case K::any: return integer(0);
  }
  return nullptr;
}

}  // namespace nuthatch::cpu
