#pragma once
#include <cstdint>

namespace nuthatch::ir::kernels {

/// Columns are worked on in panels of so many: independent sums that share what they read.
constexpr int kPanel = 4;

/// The cotangent of x from that of L, where L L^T = x: lower triangular, an element below the diagonal counts for both
/// its places. `g` holds the cotangent of L, of which the lower triangle is read, and receives the result S.
///
/// Column k of S needs only columns to its right. With M = S + S^T there,
///     s_ik = (g_ik - sum_{m>k} m_im l_mk) / l_kk,   i > k
///     s_kk = (g_kk - sum_{i>k} s_ik l_ik) / (2 l_kk)
/// which is the factorisation's own recursion differentiated line by line: 2/3 n^3 flops, where the formula with two
/// triangular solves takes 4 n^3. Smith, Differentiation of the Cholesky algorithm, J. Comp. Graph. Stat. 4 (1995).
template <class M> void choleskyPullback(M& m, std::int64_t n, typename M::Matrix l, typename M::Matrix g) {
  using Index = typename M::Index;
  using Number = typename M::Number;
  const std::int64_t wide = m.padded(n);
  const Index zero = m.index(0), end = m.index(n), width = m.index(wide);
  auto s = m.temporary(n, wide);       // the symmetric M
  auto t = m.temporary(kPanel, wide);  // the panel's sums, a column of S in each row
  auto clear = [&](auto& a, Index i) { m.row(zero, width, [&](auto j) { m.store(a, i, j, m.number(0)); }); };
  m.loop(zero, end, [&](Index i) { clear(s, i); });
  m.loop(zero, m.index(kPanel), [&](Index i) { clear(t, i); });

  auto panel = [&](Index first, int columns) {
    auto column = [&](int a) { return m.plus(first, a); };
    const Index below = column(columns), from = m.aligned(below);
    m.loop(below, end, [&](Index i) {
      for (int a = 0; a < columns; ++a) m.store(t, m.index(a), i, m.load(g, i, column(a)));
    });
    m.bundles(from, width, [&](auto positions) {
      m.tile(columns, below, end, positions, [&](int a, auto j) { return m.load(t, m.index(a), j); },
             [&](int a, Index k) { return m.load(l, k, column(a)); }, [&](Index k, auto j) { return m.load(s, k, j); },
             [&](auto j, auto& sums) {
               for (int a = 0; a < columns; ++a) m.store(t, m.index(a), j, sums[a]);
             });
    });
    for (int a = columns - 1; a >= 0; --a) {
      const Index k = column(a), row = m.index(a);
      auto pivot = m.load(l, k, k);
      for (int b = a + 1; b < columns; ++b) {
        auto factor = m.load(l, column(b), k);
        m.row(from, width, [&](auto j) { m.store(t, row, j, m.fma(-factor, m.load(s, column(b), j), m.load(t, row, j))); });
      }
      m.row(from, width, [&](auto j) { m.store(s, k, j, m.load(t, row, j) / pivot); });
      m.loop(below, end, [&](Index i) { m.store(s, i, k, m.load(s, k, i)); });
      // Rows k, k + 1, ... of the panel itself.
      m.tile(columns - a, below, end, m.single(k), [&](int b, auto) { return m.load(g, column(a + b), k); },
             [&](int b, Index i) { return m.load(s, column(a + b), i); }, [&](Index i, auto) { return m.load(l, i, k); },
             [&](auto, auto& sums) {
               Number diagonal = sums[0];
               for (int b = a + 1; b < columns; ++b) {
                 Number x = sums[b - a];
                 for (int c = a + 1; c < columns; ++c) x = m.fma(-m.load(s, column(b), column(c)), m.load(l, column(c), k), x);
                 x = x / pivot;
                 m.store(s, column(b), k, x);
                 m.store(s, k, column(b), x);
                 diagonal = m.fma(-x, m.load(l, column(b), k), diagonal);
               }
               m.store(s, k, k, diagonal / pivot);
             });
    }
  };
  if (int rest = int(n % kPanel)) panel(m.index(n - rest), rest);
  m.loop(zero, m.index(n / kPanel), [&](Index p) { panel(m.times(m.backwards(n / kPanel, p), kPanel), kPanel); });

  m.loop(zero, end, [&](Index i) {
    m.loop(zero, i, [&](Index j) { m.store(g, i, j, m.load(s, i, j)); });
    m.store(g, i, i, m.load(s, i, i) * m.number(0.5));
    m.row(m.next(i), end, [&](auto j) { m.store(g, i, j, m.number(0)); });
  });
}

}  // namespace nuthatch::ir::kernels
