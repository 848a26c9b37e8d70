#pragma once
// Values being emitted, as the arithmetic types the functions of ir/math are written against. A value is a scalar or a
// vector; where both meet, the scalar is splat. The instruction builder is the thread's current one.
#include <llvm/IR/IRBuilder.h>

#include "ir/math/concept.h"
#include "ir/math/integer.h"
#include "ir/math/loop.h"

namespace nuthatch::cpu {

using LV = llvm::Value*;

/// The builder that lane arithmetic appends to.
llvm::IRBuilder<>& ib();
/// Makes `b` the thread's builder for the lifetime of the object.
struct BuilderScope {
  explicit BuilderScope(llvm::IRBuilder<>& b);
  ~BuilderScope();
  llvm::IRBuilder<>* outer;
};

inline unsigned lanesOf(LV v) {
  auto* t = llvm::dyn_cast<llvm::FixedVectorType>(v->getType());
  return t ? t->getNumElements() : 0;
}
inline LV splat(LV v, unsigned lanes) { return lanes && !lanesOf(v) ? ib().CreateVectorSplat(lanes, v) : v; }
inline void unify(LV& a, LV& b) {
  unsigned n = std::max(lanesOf(a), lanesOf(b));
  a = splat(a, n);
  b = splat(b, n);
}
/// i1 or <n x i1>: true where any lane is.
LV anyLane(LV mask);

struct Mask {
  LV v;
  friend Mask operator&(Mask a, Mask b) { unify(a.v, b.v); return {ib().CreateAnd(a.v, b.v)}; }
  friend Mask operator|(Mask a, Mask b) { unify(a.v, b.v); return {ib().CreateOr(a.v, b.v)}; }
  friend Mask operator!(Mask a) { return {ib().CreateNot(a.v)}; }
};

inline LV chooseLanes(LV m, LV a, LV b) {
  unsigned n = std::max({lanesOf(m), lanesOf(a), lanesOf(b)});
  return ib().CreateSelect(splat(m, n), splat(a, n), splat(b, n));
}

/// 64-bit integers of the special functions.
struct Bits {
  LV v;
  static LV constant(LV like, std::int64_t c) { return llvm::ConstantInt::get(like->getType(), std::uint64_t(c), true); }
#define NH_BITS_OP(op, Create)                                                                       \
  friend Bits operator op(Bits a, Bits b) { unify(a.v, b.v); return {ib().Create(a.v, b.v)}; }        \
  friend Bits operator op(Bits a, std::int64_t b) { return {ib().Create(a.v, constant(a.v, b))}; }    \
  friend Bits operator op(std::int64_t a, Bits b) { return {ib().Create(constant(b.v, a), b.v)}; }
  NH_BITS_OP(+, CreateAdd)
  NH_BITS_OP(-, CreateSub)
  NH_BITS_OP(&, CreateAnd)
  NH_BITS_OP(|, CreateOr)
  NH_BITS_OP(^, CreateXor)
#undef NH_BITS_OP
  friend Bits operator<<(Bits a, int n) { return {ib().CreateShl(a.v, n)}; }
  friend Mask operator==(Bits a, Bits b) { unify(a.v, b.v); return {ib().CreateICmpEQ(a.v, b.v)}; }
  friend Mask operator==(Bits a, std::int64_t b) { return {ib().CreateICmpEQ(a.v, constant(a.v, b))}; }
  friend Mask operator!=(Bits a, Bits b) { unify(a.v, b.v); return {ib().CreateICmpNE(a.v, b.v)}; }
  friend Mask operator!=(Bits a, std::int64_t b) { return {ib().CreateICmpNE(a.v, constant(a.v, b))}; }
};
inline Bits shr(Bits a, int n) { return {ib().CreateLShr(a.v, n)}; }
inline Bits select(Mask m, Bits a, Bits b) { return {chooseLanes(m.v, a.v, b.v)}; }
inline Bits select(Mask m, Bits a, std::int64_t b) { return {chooseLanes(m.v, a.v, Bits::constant(a.v, b))}; }
inline Bits select(Mask m, std::int64_t a, Bits b) { return {chooseLanes(m.v, Bits::constant(b.v, a), b.v)}; }

struct Real;
}  // namespace nuthatch::cpu
namespace nuthatch::math {
template <> struct real_traits<cpu::Real> {
  using mask = cpu::Mask;
  using integer = cpu::Bits;
};
}  // namespace nuthatch::math
namespace nuthatch::cpu {

/// A float or double, or a vector of them.
struct Real {
  LV v;
  static LV constant(LV like, double c) { return llvm::ConstantFP::get(like->getType(), c); }
#define NH_REAL_OP(op, Create)                                                                        \
  friend Real operator op(Real a, Real b) { unify(a.v, b.v); return {ib().Create(a.v, b.v)}; }         \
  friend Real operator op(Real a, double b) { return {ib().Create(a.v, constant(a.v, b))}; }           \
  friend Real operator op(double a, Real b) { return {ib().Create(constant(b.v, a), b.v)}; }
  NH_REAL_OP(+, CreateFAdd)
  NH_REAL_OP(-, CreateFSub)
  NH_REAL_OP(*, CreateFMul)
  NH_REAL_OP(/, CreateFDiv)
#undef NH_REAL_OP
  friend Real operator-(Real a) { return {ib().CreateFNeg(a.v)}; }
#define NH_REAL_CMP(op, Create)                                                                       \
  friend Mask operator op(Real a, Real b) { unify(a.v, b.v); return {ib().Create(a.v, b.v)}; }         \
  friend Mask operator op(Real a, double b) { return {ib().Create(a.v, constant(a.v, b))}; }           \
  friend Mask operator op(double a, Real b) { return {ib().Create(constant(b.v, a), b.v)}; }
  NH_REAL_CMP(<, CreateFCmpOLT)
  NH_REAL_CMP(<=, CreateFCmpOLE)
  NH_REAL_CMP(>, CreateFCmpOGT)
  NH_REAL_CMP(>=, CreateFCmpOGE)
  NH_REAL_CMP(==, CreateFCmpOEQ)
  NH_REAL_CMP(!=, CreateFCmpUNE)
#undef NH_REAL_CMP
};

template <class T> concept RealOrLiteral = std::is_same_v<T, Real> || std::is_arithmetic_v<T>;
inline LV typed(Real x, LV) { return x.v; }
inline LV typed(double c, LV like) { return Real::constant(like, c); }
inline LV firstReal(Real x) { return x.v; }
template <class... T> LV firstReal(double, T... rest) { return firstReal(rest...); }
template <class... T> LV firstReal(Real x, T...) { return x.v; }

template <RealOrLiteral A, RealOrLiteral B, RealOrLiteral C>
  requires(std::is_same_v<A, Real> || std::is_same_v<B, Real> || std::is_same_v<C, Real>)
Real fma(A a, B b, C c) {
  LV like = firstReal(a, b, c);
  LV x = typed(a, like), y = typed(b, like), z = typed(c, like);
  unsigned n = std::max({lanesOf(x), lanesOf(y), lanesOf(z)});
  x = splat(x, n), y = splat(y, n), z = splat(z, n);
  return {ib().CreateIntrinsic(llvm::Intrinsic::fma, {x->getType()}, {x, y, z})};
}
template <RealOrLiteral A, RealOrLiteral B>
  requires(std::is_same_v<A, Real> || std::is_same_v<B, Real>)
Real select(Mask m, A a, B b) {
  LV like = firstReal(a, b);
  return {chooseLanes(m.v, typed(a, like), typed(b, like))};
}
template <RealOrLiteral A, RealOrLiteral B>
  requires(std::is_same_v<A, Real> || std::is_same_v<B, Real>)
Real copysign(A a, B b) {
  LV like = firstReal(a, b);
  LV x = typed(a, like), y = typed(b, like);
  unify(x, y);
  return {ib().CreateIntrinsic(llvm::Intrinsic::copysign, {x->getType()}, {x, y})};
}
inline Real unaryIntrinsic(llvm::Intrinsic::ID id, Real x) { return {ib().CreateIntrinsic(id, {x.v->getType()}, {x.v})}; }
inline Real sqrt(Real x) { return unaryIntrinsic(llvm::Intrinsic::sqrt, x); }
inline Real abs(Real x) { return unaryIntrinsic(llvm::Intrinsic::fabs, x); }
inline Real floor(Real x) { return unaryIntrinsic(llvm::Intrinsic::floor, x); }
inline Real rint(Real x) { return unaryIntrinsic(llvm::Intrinsic::rint, x); }
inline Real trunc(Real x) { return unaryIntrinsic(llvm::Intrinsic::trunc, x); }
/// Where there are threads by integer arithmetic (remainder.h), else by the C library.
Real fmod(Real a, Real b);
inline Real lit(Real x, double c) { return {Real::constant(x.v, c)}; }

inline llvm::Type* withLanes(llvm::Type* scalar, LV like) {
  unsigned n = lanesOf(like);
  return n ? llvm::FixedVectorType::get(scalar, n) : scalar;
}
inline Bits bits(Real x) { return {ib().CreateBitCast(x.v, withLanes(ib().getInt64Ty(), x.v))}; }
inline Real from_bits(Bits i) { return {ib().CreateBitCast(i.v, withLanes(ib().getDoubleTy(), i.v))}; }
inline Bits to_int(Real x) { return bits(x + math::detail::kRound) - math::detail::kRoundBits; }
inline Real to_real(Bits i) { return from_bits(i + math::detail::kRoundBits) - math::detail::kRound; }

/// rare() only where some lane needs it: a branch around the work.
Real whereRare(Mask m, Real usual, llvm::function_ref<Real()> rare);

template <class Rare> Real where_rare(const Mask& m, const Real& usual, Rare&& rare) { return whereRare(m, usual, rare); }

/// The loops of ir/math/loop.h, emitted once. A lane that is done keeps its state; the loop ends when all are.
using StepFunction = llvm::function_ref<Mask(llvm::MutableArrayRef<Real> state)>;
void repeatWhile(Mask more, llvm::MutableArrayRef<Real> state, int limit, StepFunction step);
using RowFunction = llvm::function_ref<void(llvm::MutableArrayRef<Real> state, llvm::ArrayRef<Real> row)>;
void overRows(llvm::ArrayRef<double> table, unsigned columns, llvm::MutableArrayRef<Real> state, RowFunction body);

template <std::size_t N, class Body>
std::array<Real, N> repeat_while(const Mask& more, std::array<Real, N> state, int limit, Body&& body) {
  repeatWhile(more, state, limit, [&](llvm::MutableArrayRef<Real> s) {
    std::array<Real, N> now;
    std::copy(s.begin(), s.end(), now.begin());
    const math::Turn<Real, N> turn = body(now);
    std::copy(turn.state.begin(), turn.state.end(), s.begin());
    return turn.more;
  });
  return state;
}
template <std::size_t N, std::size_t Rows, std::size_t Columns, class Body>
std::array<Real, N> over_rows(const double (&table)[Rows][Columns], std::array<Real, N> state, Body&& body) {
  overRows(llvm::ArrayRef(&table[0][0], Rows * Columns), Columns, state,
           [&](llvm::MutableArrayRef<Real> s, llvm::ArrayRef<Real> row) {
             std::array<Real, N> now;
             std::copy(s.begin(), s.end(), now.begin());
             std::array<Real, Columns> entries;
             std::copy(row.begin(), row.end(), entries.begin());
             now = body(now, entries);
             std::copy(now.begin(), now.end(), s.begin());
           });
  return state;
}

/// f(arguments) as a call of an internal function of the module, emitted on the first use: for functions too long to
/// repeat in every loop. `name` and the lanes of the first argument say which.
LV callOwn(llvm::StringRef name, llvm::Module&, llvm::Type* result, llvm::ArrayRef<LV> arguments,
           llvm::function_ref<LV(llvm::ArrayRef<LV>)> f);
/// The same for a function of numbers of one type.
Real outlined(llvm::StringRef name, llvm::ArrayRef<Real> arguments, llvm::function_ref<Real(llvm::ArrayRef<Real>)> f);

/// Unsigned 32-bit lanes of the random number generator.
struct Word {
  LV v;
  static LV constant(LV like, std::uint32_t c) { return llvm::ConstantInt::get(like->getType(), c); }
  friend Word operator+(Word a, Word b) { unify(a.v, b.v); return {ib().CreateAdd(a.v, b.v)}; }
  friend Word operator+(Word a, std::uint32_t b) { return {ib().CreateAdd(a.v, constant(a.v, b))}; }
  friend Word operator^(Word a, Word b) { unify(a.v, b.v); return {ib().CreateXor(a.v, b.v)}; }
  friend Word operator^(Word a, std::uint32_t b) { return {ib().CreateXor(a.v, constant(a.v, b))}; }
};
inline Word rotl(Word a, int n) {
  return {ib().CreateIntrinsic(llvm::Intrinsic::fshl, {a.v->getType()}, {a.v, a.v, Word::constant(a.v, n)})};
}

/// Integers of the dialect: wrapping, by width and signedness.
template <int Width, bool Signed> struct Whole {
  LV v;
  static LV constant(LV like, std::int64_t c) { return llvm::ConstantInt::get(like->getType(), std::uint64_t(c), true); }
#define NH_WHOLE_OP(op, Create)                                                                       \
  friend Whole operator op(Whole a, Whole b) { unify(a.v, b.v); return {ib().Create(a.v, b.v)}; }
  NH_WHOLE_OP(+, CreateAdd)
  NH_WHOLE_OP(-, CreateSub)
  NH_WHOLE_OP(*, CreateMul)
  NH_WHOLE_OP(&, CreateAnd)
  NH_WHOLE_OP(|, CreateOr)
  NH_WHOLE_OP(^, CreateXor)
#undef NH_WHOLE_OP
  friend Whole operator/(Whole a, Whole b) {
    unify(a.v, b.v);
    return {Signed ? ib().CreateSDiv(a.v, b.v) : ib().CreateUDiv(a.v, b.v)};
  }
  friend Whole operator%(Whole a, Whole b) {
    unify(a.v, b.v);
    return {Signed ? ib().CreateSRem(a.v, b.v) : ib().CreateURem(a.v, b.v)};
  }
#define NH_WHOLE_CMP(op, SignedPredicate, UnsignedPredicate)                                          \
  friend Mask operator op(Whole a, Whole b) {                                                         \
    unify(a.v, b.v);                                                                                  \
    return {ib().CreateICmp(Signed ? llvm::CmpInst::SignedPredicate : llvm::CmpInst::UnsignedPredicate, a.v, b.v)}; \
  }
  NH_WHOLE_CMP(==, ICMP_EQ, ICMP_EQ)
  NH_WHOLE_CMP(!=, ICMP_NE, ICMP_NE)
  NH_WHOLE_CMP(<, ICMP_SLT, ICMP_ULT)
  NH_WHOLE_CMP(<=, ICMP_SLE, ICMP_ULE)
  NH_WHOLE_CMP(>, ICMP_SGT, ICMP_UGT)
  NH_WHOLE_CMP(>=, ICMP_SGE, ICMP_UGE)
#undef NH_WHOLE_CMP
};
template <int W, bool S> Whole<W, S> lit(Whole<W, S> x, std::int64_t c) { return {Whole<W, S>::constant(x.v, c)}; }
template <int W, bool S> Whole<W, S> select(Mask m, Whole<W, S> a, Whole<W, S> b) { return {chooseLanes(m.v, a.v, b.v)}; }
template <int W, bool S> Whole<W, S> shift_left(Whole<W, S> a, Whole<W, S> n) {
  unify(a.v, n.v);
  return {ib().CreateShl(a.v, n.v)};
}
template <int W, bool S> Whole<W, S> shift_right(Whole<W, S> a, Whole<W, S> n) {
  unify(a.v, n.v);
  return {S ? ib().CreateAShr(a.v, n.v) : ib().CreateLShr(a.v, n.v)};
}

}  // namespace nuthatch::cpu

namespace nuthatch::math {
template <int W, bool S> struct integer_traits<cpu::Whole<W, S>> {
  static constexpr int width = W;
  static constexpr bool is_signed = S;
};
}  // namespace nuthatch::math
