#pragma once
#include "ir/ops/linalg/kernels/lu.h"

namespace nuthatch::ir::kernels {

constexpr int kJacobiSweeps = 24;  // five to ten are needed; a matrix that is done is not touched again

/// The rotation that makes the off-diagonal element of [[a, c], [c, b]] vanish, by the smaller of the two angles: its
/// sine, its tangent, and the tangent of half the angle. Golub and Van Loan, Matrix Computations, section 8.5.2.
template <class M> struct Rotation {
  typename M::Number sine, tangent, half;
  Rotation(M& m, typename M::Number a, typename M::Number b, typename M::Number c)
      : sine(m.number(0)), tangent(m.number(0)), half(m.number(0)) {
    auto theta = (b - a) / (c + c);
    auto t = m.number(1) / (m.abs(theta) + m.sqrt(m.fma(theta, theta, m.number(1))));
    tangent = m.select(theta < m.number(0), -t, t);
    auto cosine = m.number(1) / m.sqrt(m.fma(tangent, tangent, m.number(1)));
    sine = tangent * cosine;
    half = sine / (m.number(1) + cosine);
  }
};

/// Rows p and q of y become c y_p - s y_q and s y_p + c y_q, where `turned` holds. Written with h = s / (1 + c), as
/// y_p - s (y_q + h y_p), rounding errors are proportional to the change: small rotations lose nothing (Rutishauser 1966).
template <class M>
void rotateRows(M& m, typename M::Mask turned, const Rotation<M>& r, typename M::Matrix y, typename M::Index p,
                typename M::Index q, std::int64_t length) {
  m.row(m.index(0), m.index(length), [&](auto j) {
    auto a = m.load(y, p, j), b = m.load(y, q, j);
    m.store(y, p, j, m.select(turned, m.fma(-r.sine, m.fma(r.half, a, b), a), a));
    m.store(y, q, j, m.select(turned, m.fma(r.sine, m.fma(-r.half, b, a), b), b));
  });
}

/// Runs `pair(p, q)` for all p < q, again and again until a sweep leaves `again` (a cell) at zero.
template <class M, class Pair> void sweeps(M& m, std::int64_t n, typename M::Matrix again, Pair&& pair) {
  using Index = typename M::Index;
  const Index zero = m.index(0), end = m.index(n);
  m.store(again, zero, zero, m.number(1));
  m.loop(zero, m.index(kJacobiSweeps), [&](Index) {
    m.when(m.load(again, zero, zero) != m.number(0), [&] {
      m.store(again, zero, zero, m.number(0));
      m.loop(zero, end, [&](Index p) { m.loop(m.next(p), end, [&](Index q) { pair(p, q); }); });
    });
  });
}

/// Orders the rows of `vectors` and the numbers keys(0, i) by increasing key; `compared(a, b)`: a comes before b.
template <class M, class Before>
void orderRows(M& m, std::int64_t n, typename M::Matrix keys, typename M::Matrix vectors, std::int64_t length,
               typename M::Matrix also, std::int64_t alsoLength, Before&& before) {
  using Index = typename M::Index;
  const Index zero = m.index(0), end = m.index(n);
  m.loop(zero, end, [&](Index k) {
    const auto [first, row] = m.fold(m.next(k), end, std::array{m.load(keys, zero, k), m.count(k)}, [&](Index i, auto& best) {
      auto key = m.load(keys, zero, i);
      auto better = before(key, best[0]);
      best = {m.select(better, key, best[0]), m.select(better, m.count(i), best[1])};
    });
    m.loop(m.next(k), end, [&, row = row](Index i) {
      auto chosen = row == m.count(i);
      m.when(chosen, [&] {
        m.once([&] { m.exchange(chosen, keys, zero, k, zero, i); });
        m.row(zero, m.index(length), [&](auto j) { m.exchange(chosen, vectors, k, j, i, j); });
        m.row(zero, m.index(alsoLength), [&](auto j) { m.exchange(chosen, also, k, j, i, j); });
      });
    });
  });
}

/// Identity matrix into y [n, n].
template <class M> void identity(M& m, std::int64_t n, typename M::Matrix y) {
  using Index = typename M::Index;
  const Index zero = m.index(0), end = m.index(n);
  m.each(zero, end, [&](Index i) {
    m.row(zero, end, [&](auto j) { m.store(y, i, j, m.number(0)); });
    m.store(y, i, i, m.number(1));
  });
}

/// Eigenvalues w, ascending, and eigenvectors, the columns of v, of the symmetric matrix whose lower triangle x [n, n]
/// has: cyclic Jacobi. A pair is rotated unless its off-diagonal element is below rounding relative to the geometric
/// mean of the two diagonal ones. Where x is not finite everything is NaN.
template <class M>
void eigh(M& m, std::int64_t n, typename M::Matrix x, typename M::Matrix w, typename M::Matrix v) {
  using Index = typename M::Index;
  auto a = m.temporary(n, n), vectors = m.temporary(n, n), values = m.temporary(1, n), ofRow = m.temporary(1, n);
  auto again = m.cell();
  const Index zero = m.index(0), end = m.index(n);
  m.each(zero, end, [&](Index i) {
    const auto [sum] = m.fold(zero, m.next(i), std::array{m.number(0)}, [&](Index j, auto& nothing) {
      auto e = m.load(x, i, j);
      m.store(a, i, j, e);
      m.store(a, j, i, e);
      nothing[0] = nothing[0] + (e - e);
    });
    m.store(ofRow, zero, i, sum);
  });
  const auto [bad] = m.fold(zero, end, std::array{m.number(0)}, [&](Index i, auto& sum) { sum[0] = sum[0] + m.load(ofRow, zero, i); });
  identity(m, n, vectors);
  sweeps(m, n, again, [&](Index p, Index q) {
    auto app = m.load(a, p, p), aqq = m.load(a, q, q), apq = m.load(a, p, q);
    auto scale = m.sqrt(m.abs(app)) * m.sqrt(m.abs(aqq));
    auto turned = m.abs(apq) > m.epsilon() * scale;
    m.when(turned, [&] {
      m.store(again, zero, zero, m.select(turned, m.number(1), m.load(again, zero, zero)));
      const Rotation<M> r(m, app, aqq, apq);
      rotateRows(m, turned, r, a, p, q, n);
      rotateRows(m, turned, r, vectors, p, q, n);
      auto step = r.tangent * apq;
      m.once([&] {
        m.store(a, p, p, m.select(turned, app - step, app));
        m.store(a, q, q, m.select(turned, aqq + step, aqq));
        m.store(a, p, q, m.select(turned, m.number(0), apq));
        m.store(a, q, p, m.select(turned, m.number(0), apq));
      });
      m.each(zero, end, [&](Index i) {
        m.store(a, i, p, m.load(a, p, i));
        m.store(a, i, q, m.load(a, q, i));
      });
    });
  });
  m.each(zero, end, [&, bad = bad](Index i) { m.store(values, zero, i, m.load(a, i, i) + bad); });
  orderRows(m, n, values, vectors, n, vectors, 0, [](auto key, auto first) { return key < first; });
  m.row(zero, end, [&](auto j) { m.store(w, zero, j, m.load(values, zero, j)); });
  m.each(zero, end, [&, bad = bad](Index i) { m.loop(zero, end, [&](Index j) { m.store(v, i, j, m.load(vectors, j, i) + bad); }); });
}

}  // namespace nuthatch::ir::kernels
