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
  auto again = m.cell(), ofRow = m.temporary(1, rows);
  auto work = m.temporary(rows, columns), q = m.temporary(rows, columns), r = m.temporary(columns, columns);
  const Index zero = m.index(0), width = m.index(columns), height = m.index(rows);
  const auto undo = intoRange(m, rows, columns, x);
  m.each(zero, height, [&](Index i) {
    const auto [sum] = m.fold(zero, width, std::array{m.number(0)}, [&](Index j, auto& nothing) {
      auto e = m.load(x, i, j);
      m.store(g, j, i, e);
      nothing[0] = nothing[0] + (e - e);
    });
    m.store(ofRow, zero, i, sum);
  });
  const auto [bad] = m.fold(zero, height, std::array{m.number(0)}, [&](Index i, auto& sum) { sum[0] = sum[0] + m.load(ofRow, zero, i); });
  identity(m, columns, vectors);

  auto tolerance = m.epsilon() * m.sqrt(m.number(double(rows)));
  sweeps(m, columns, again, [&](Index a, Index b) {
    const auto [pp, qq, pq] = m.fold(zero, height, std::array{m.number(0), m.number(0), m.number(0)}, [&](Index i, auto& sums) {
      auto p = m.load(g, a, i), q = m.load(g, b, i);
      sums = {m.fma(p, p, sums[0]), m.fma(q, q, sums[1]), m.fma(p, q, sums[2])};
    });
    auto turned = m.abs(pq) > tolerance * (m.sqrt(pp) * m.sqrt(qq));
    m.when(turned, [&, pp = pp, qq = qq, pq = pq] {
      m.store(again, zero, zero, m.select(turned, m.number(1), m.load(again, zero, zero)));
      const Rotation<M> rotation(m, pp, qq, pq);
      rotateRows(m, turned, rotation, g, a, b, rows);
      rotateRows(m, turned, rotation, vectors, a, b, columns);
    });
  });

  m.each(zero, width, [&, bad = bad](Index k) {
    const auto [square] = m.fold(zero, height, std::array{m.number(0)}, [&](Index i, auto& sum) {
      auto e = m.load(g, k, i);
      sum[0] = m.fma(e, e, sum[0]);
    });
    m.store(norms, zero, k, m.sqrt(square) + bad);
  });
  orderRows(m, columns, norms, g, rows, vectors, columns, [](auto key, auto first) { return key > first; });
  m.each(zero, height, [&](Index i) { m.loop(zero, width, [&](Index j) { m.store(work, i, j, m.load(g, j, i)); }); });
  qr(m, rows, columns, work, q, r);
  m.row(zero, width, [&](auto j) { m.store(s, zero, j, m.load(norms, zero, j) * undo); });
  m.each(zero, width, [&, bad = bad](Index j) {
    auto negative = m.load(r, j, j) < m.number(0);
    m.loop(zero, height, [&](Index i) {
      auto e = m.load(q, i, j);
      m.store(u, i, j, m.select(negative, -e, e) + bad);
    });
    m.row(zero, width, [&](auto k) { m.store(vt, j, k, m.load(vectors, j, k) + bad); });
  });
}

}  // namespace nuthatch::ir::kernels
