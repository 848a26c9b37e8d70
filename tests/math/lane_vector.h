// The smallest model of the concept of ir/math/concept.h that is not double:
// four lanes, with nothing defined but what the concept lists. It proves that the
// special functions are generic and treat lanes independently.
#pragma once

#include "ir/math/concept.h"
#include "ir/math/loop.h"

namespace nuthatch::test {

struct LaneMask {
  bool lane[4];
};
struct LaneInts {
  std::uint64_t lane[4];
};
struct Lanes {
  double lane[4];
};

template <class Result, class F> Result each_lane(F f) {
  return {{f(0), f(1), f(2), f(3)}};
}

#define NUTHATCH_LANES_BINARY(Result, Type, Scalar, op)                        \
  inline Result operator op(const Type &a, const Type &b) {                    \
    return each_lane<Result>([&](int i) { return a.lane[i] op b.lane[i]; });   \
  }                                                                            \
  inline Result operator op(const Type &a, Scalar b) {                         \
    return each_lane<Result>([&](int i) { return a.lane[i] op b; });           \
  }                                                                            \
  inline Result operator op(Scalar a, const Type &b) {                         \
    return each_lane<Result>([&](int i) { return a op b.lane[i]; });           \
  }
NUTHATCH_LANES_BINARY(Lanes, Lanes, double, +)
NUTHATCH_LANES_BINARY(Lanes, Lanes, double, -)
NUTHATCH_LANES_BINARY(Lanes, Lanes, double, *)
NUTHATCH_LANES_BINARY(Lanes, Lanes, double, /)
NUTHATCH_LANES_BINARY(LaneMask, Lanes, double, <)
NUTHATCH_LANES_BINARY(LaneMask, Lanes, double, <=)
NUTHATCH_LANES_BINARY(LaneMask, Lanes, double, >)
NUTHATCH_LANES_BINARY(LaneMask, Lanes, double, >=)
NUTHATCH_LANES_BINARY(LaneMask, Lanes, double, ==)
NUTHATCH_LANES_BINARY(LaneMask, Lanes, double, !=)
NUTHATCH_LANES_BINARY(LaneInts, LaneInts, std::int64_t, +)
NUTHATCH_LANES_BINARY(LaneInts, LaneInts, std::int64_t, -)
NUTHATCH_LANES_BINARY(LaneInts, LaneInts, std::int64_t, &)
NUTHATCH_LANES_BINARY(LaneInts, LaneInts, std::int64_t, |)
NUTHATCH_LANES_BINARY(LaneInts, LaneInts, std::int64_t, ^)
#undef NUTHATCH_LANES_BINARY

inline LaneMask operator==(const LaneInts &a, std::int64_t b) {
  return each_lane<LaneMask>([&](int i) { return a.lane[i] == static_cast<std::uint64_t>(b); });
}
inline LaneInts operator<<(const LaneInts &a, int n) {
  return each_lane<LaneInts>([&](int i) { return a.lane[i] << n; });
}
inline LaneInts shr(const LaneInts &a, int n) {
  return each_lane<LaneInts>([&](int i) { return a.lane[i] >> n; });
}

inline Lanes operator-(const Lanes &a) {
  return each_lane<Lanes>([&](int i) { return -a.lane[i]; });
}
inline LaneMask operator&(const LaneMask &a, const LaneMask &b) {
  return each_lane<LaneMask>([&](int i) { return a.lane[i] && b.lane[i]; });
}
inline LaneMask operator|(const LaneMask &a, const LaneMask &b) {
  return each_lane<LaneMask>([&](int i) { return a.lane[i] || b.lane[i]; });
}
inline LaneMask operator!(const LaneMask &a) {
  return each_lane<LaneMask>([&](int i) { return !a.lane[i]; });
}

inline double lane_of(double a, int) { return a; }
inline double lane_of(const Lanes &a, int i) { return a.lane[i]; }

template <class A, class B, class C> Lanes fma(const A &a, const B &b, const C &c) {
  return each_lane<Lanes>(
      [&](int i) { return math::fma(lane_of(a, i), lane_of(b, i), lane_of(c, i)); });
}
template <class A, class B> Lanes select(const LaneMask &m, const A &a, const B &b) {
  static_assert(!(std::is_same_v<A, double> && std::is_same_v<B, double>));
  return each_lane<Lanes>([&](int i) { return m.lane[i] ? lane_of(a, i) : lane_of(b, i); });
}
inline Lanes sqrt(const Lanes &x) {
  return each_lane<Lanes>([&](int i) { return math::sqrt(x.lane[i]); });
}
inline Lanes abs(const Lanes &x) {
  return each_lane<Lanes>([&](int i) { return math::abs(x.lane[i]); });
}
inline Lanes floor(const Lanes &x) {
  return each_lane<Lanes>([&](int i) { return math::floor(x.lane[i]); });
}
inline Lanes rint(const Lanes &x) {
  return each_lane<Lanes>([&](int i) { return math::rint(x.lane[i]); });
}
inline Lanes trunc(const Lanes &x) {
  return each_lane<Lanes>([&](int i) { return math::trunc(x.lane[i]); });
}
inline Lanes copysign(const Lanes &x, const Lanes &y) {
  return each_lane<Lanes>([&](int i) { return math::copysign(x.lane[i], y.lane[i]); });
}
inline Lanes lit(const Lanes &, double c) { return {{c, c, c, c}}; }
inline LaneInts bits(const Lanes &x) {
  return each_lane<LaneInts>([&](int i) { return math::bits(x.lane[i]); });
}
inline Lanes from_bits(const LaneInts &x) {
  return each_lane<Lanes>([&](int i) { return math::from_bits(x.lane[i]); });
}

} // namespace nuthatch::test

template <> struct nuthatch::math::real_traits<nuthatch::test::Lanes> {
  using mask = nuthatch::test::LaneMask;
  using integer = nuthatch::test::LaneInts;
};

namespace nuthatch::test {

template <std::size_t N, class Body>
std::array<Lanes, N> repeat_while(LaneMask more, std::array<Lanes, N> state, int limit, Body &&body) {
  const auto any = [&] { return more.lane[0] || more.lane[1] || more.lane[2] || more.lane[3]; };
  for (int i = 0; any() && i < limit; ++i) {
    const math::Turn<Lanes, N> turn = body(state);
    for (std::size_t k = 0; k < N; ++k) state[k] = select(more, turn.state[k], state[k]);
    more = more & turn.more;
  }
  return state;
}
template <std::size_t N, std::size_t Rows, std::size_t Columns, class Body>
std::array<Lanes, N> over_rows(const double (&table)[Rows][Columns], std::array<Lanes, N> state, Body &&body) {
  for (const auto &row : table) {
    std::array<Lanes, Columns> values;
    for (std::size_t c = 0; c < Columns; ++c) values[c] = lit(Lanes{}, row[c]);
    state = body(state, values);
  }
  return state;
}

} // namespace nuthatch::test
