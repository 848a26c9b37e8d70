#pragma once
#include "ir/ops/linalg/kernels/eigh.h"
#include "ir/ops/linalg/kernels/qr.h"

namespace nuthatch::ir::kernels {

/// Thin singular value decomposition x = u diag(s) vt of x [rows, columns], rows >= columns, s descending: one-sided
/// Jacobi; `x` is used up. Rotations make the columns of x V orthogonal; their norms are s. Their directions u come from a QR
/// factorisation, which completes them where s is zero. Demmel and Veselic (1992), SIAM J. Matrix Anal. Appl. 13.
template <class M>
void svd(M& m, std::int64_t rows, std::int64_t columns, typename M::Matrix x, typename M::Matrix u, typename M::Matrix s,
         typename M::Matrix vt) {
  using Index = typename M::Index;
  auto g = m.temporary(columns, rows), vectors = m.temporary(columns, columns), norms = m.temporary(1, columns);
  auto again = m.temporary(1, 1), poison = m.temporary(1, 1), sums = m.temporary(1, 3);
  auto work = m.temporary(rows, columns), q = m.temporary(rows, columns), r = m.temporary(columns, columns);
  const Index zero = m.index(0), one = m.index(1), two = m.index(2), width = m.index(columns), height = m.index(rows);
  const auto undo = intoRange(m, rows, columns, x);
  m.store(poison, zero, zero, m.number(0));
  m.loop(zero, height, [&](Index i) {
    m.loop(zero, width, [&](Index j) {
      auto e = m.load(x, i, j);
      m.store(g, j, i, e);
      m.store(poison, zero, zero, m.load(poison, zero, zero) + (e - e));
    });
  });
  identity(m, columns, vectors);

  auto tolerance = m.epsilon() * m.sqrt(m.number(double(rows)));
  sweeps(m, columns, again, [&](Index a, Index b) {
    for (Index k : {zero, one, two}) m.store(sums, zero, k, m.number(0));
    m.loop(zero, height, [&](Index i) {
      auto p = m.load(g, a, i), q = m.load(g, b, i);
      m.store(sums, zero, zero, m.fma(p, p, m.load(sums, zero, zero)));
      m.store(sums, zero, one, m.fma(q, q, m.load(sums, zero, one)));
      m.store(sums, zero, two, m.fma(p, q, m.load(sums, zero, two)));
    });
    auto pp = m.load(sums, zero, zero), qq = m.load(sums, zero, one), pq = m.load(sums, zero, two);
    auto turned = m.abs(pq) > tolerance * (m.sqrt(pp) * m.sqrt(qq));
    m.when(turned, [&] {
      m.store(again, zero, zero, m.select(turned, m.number(1), m.load(again, zero, zero)));
      const Rotation<M> rotation(m, pp, qq, pq);
      rotateRows(m, turned, rotation, g, a, b, rows);
      rotateRows(m, turned, rotation, vectors, a, b, columns);
    });
  });

  m.loop(zero, width, [&](Index k) {
    m.store(sums, zero, zero, m.number(0));
    m.loop(zero, height, [&](Index i) {
      auto e = m.load(g, k, i);
      m.store(sums, zero, zero, m.fma(e, e, m.load(sums, zero, zero)));
    });
    m.store(norms, zero, k, m.sqrt(m.load(sums, zero, zero)) + m.load(poison, zero, zero));
  });
  orderRows(m, columns, norms, g, rows, vectors, columns, [](auto key, auto first) { return key > first; });
  m.loop(zero, height, [&](Index i) { m.loop(zero, width, [&](Index j) { m.store(work, i, j, m.load(g, j, i)); }); });
  qr(m, rows, columns, work, q, r);
  auto bad = m.load(poison, zero, zero);
  m.row(zero, width, [&](auto j) { m.store(s, zero, j, m.load(norms, zero, j) * undo); });
  m.loop(zero, width, [&](Index j) {
    auto negative = m.load(r, j, j) < m.number(0);
    m.loop(zero, height, [&](Index i) {
      auto e = m.load(q, i, j);
      m.store(u, i, j, m.select(negative, -e, e) + bad);
    });
    m.row(zero, width, [&](auto k) { m.store(vt, j, k, m.load(vectors, j, k) + bad); });
  });
}

}  // namespace nuthatch::ir::kernels
