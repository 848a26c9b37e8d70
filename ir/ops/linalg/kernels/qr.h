#pragma once
#include "ir/ops/linalg/kernels/lu.h"

namespace nuthatch::ir::kernels {

/// Multiplies x by a power of two when its largest magnitude is so large or small that squares of elements would leave
/// the range of the type; returns the factor that undoes it, else 1.
template <class M> typename M::Number intoRange(M& m, std::int64_t rows, std::int64_t columns, typename M::Matrix x) {
  using Index = typename M::Index;
  const Index zero = m.index(0), width = m.index(columns), height = m.index(rows);
  auto ofRow = m.temporary(1, rows);
  m.each(zero, height, [&](Index i) {
    const auto [largest] = m.fold(zero, width, std::array{m.number(0)}, [&](Index j, auto& so) {
      auto size = m.abs(m.load(x, i, j));
      so[0] = m.select(size > so[0], size, so[0]);
    });
    m.store(ofRow, zero, i, largest);
  });
  const auto [largest] = m.fold(zero, height, std::array{m.number(0)}, [&](Index i, auto& so) {
    auto size = m.load(ofRow, zero, i);
    so[0] = m.select(size > so[0], size, so[0]);
  });
  auto one = m.number(1), big = m.bigPower();
  auto factor = m.select(largest * big < one, big, m.select(largest > big, one / big, one));
  m.when(factor != one, [&] {
    m.cells(zero, height, zero, width, [&](Index) { return factor; },
            [&](Index i, auto j, auto by) { m.store(x, i, j, m.load(x, i, j) * by); });
  });
  return one / factor;
}

/// Thin Householder QR of x [rows, columns], rows >= columns: q [rows, columns] with orthonormal columns, r upper
/// triangular. Signs are LAPACK's: r_kk = -sign(x) |x|, unless the rest of the column is zero already, then r_kk = x.
/// `x` is used up; below its diagonal it holds the reflectors. Golub and Van Loan, Matrix Computations, section 5.2.
template <class M>
void qr(M& m, std::int64_t rows, std::int64_t columns, typename M::Matrix x, typename M::Matrix q, typename M::Matrix r) {
  using Index = typename M::Index;
  auto scales = m.temporary(1, columns), sums = m.temporary(1, columns);
  const Index zero = m.index(0), width = m.index(columns), height = m.index(rows);

  const auto undo = intoRange(m, rows, columns, x);

  // Applies I - tau v v^T from column `first` on; v is column k of x below the diagonal, with 1 on it.
  auto reflect = [&](typename M::Matrix y, Index k, Index first) {
    const Index below = m.next(k);
    auto tau = m.load(scales, zero, k);
    auto finish = [&](auto j, typename M::Number sum) {
      auto s = tau * sum;
      m.store(sums, zero, j, s);
      m.store(y, k, j, m.load(y, k, j) - s);
    };
    if (m.alongColumns(columns)) {
      m.bundles(first, width, [&](auto positions) {
        m.tile(1, below, height, positions, [&](int, auto j) { return m.load(y, k, j); },
               [&](int, Index i) { return -m.load(x, i, k); }, [&](Index i, auto j) { return m.load(y, i, j); },
               [&](auto j, auto& sum) { finish(j, sum[0]); });
      });
    } else {
      m.row(first, width, [&](auto j) { m.store(sums, zero, j, m.load(y, k, j)); });
      m.loop(below, height, [&](Index i) {
        auto v = m.load(x, i, k);
        m.row(first, width, [&](auto j) { m.store(sums, zero, j, m.fma(v, m.load(y, i, j), m.load(sums, zero, j))); });
      });
      m.row(first, width, [&](auto j) { finish(j, m.load(sums, zero, j)); });
    }
    m.cells(below, height, first, width, [&](Index i) { return m.load(x, i, k); },
            [&](Index i, auto j, auto v) { m.store(y, i, j, m.fma(-v, m.load(sums, zero, j), m.load(y, i, j))); });
  };

  m.loop(zero, width, [&](Index k) {
    const Index below = m.next(k);
    const auto [rest] = m.fold(below, height, std::array{m.number(0)}, [&](Index i, auto& sum) {
      auto e = m.load(x, i, k);
      sum[0] = m.fma(e, e, sum[0]);
    });
    auto head = m.load(x, k, k);
    auto done = rest == m.number(0);
    auto norm = m.sqrt(m.fma(head, head, rest));
    auto beta = m.select(head < m.number(0), norm, -norm);
    auto safe = m.select(done, m.number(1), beta);
    auto divisor = m.select(done, m.number(1), head - beta);
    m.once([&] {
      m.store(scales, zero, k, m.select(done, m.number(0), (beta - head) / safe));
      m.store(x, k, k, m.select(done, head, beta));
    });
    m.each(below, height, [&](Index i) { m.store(x, i, k, m.load(x, i, k) / divisor); });
    reflect(x, k, below);
  });

  m.each(zero, width, [&](Index i) {
    m.row(zero, i, [&](auto j) { m.store(r, i, j, m.number(0)); });
    m.row(i, width, [&](auto j) { m.store(r, i, j, m.load(x, i, j) * undo); });
  });
  m.cells(zero, height, zero, width, [&](Index) { return m.number(0); }, [&](Index i, auto j, auto none) { m.store(q, i, j, none); });
  m.each(zero, width, [&](Index i) { m.store(q, i, i, m.number(1)); });
  m.loop(zero, width, [&](Index step) {  // the last reflector first; it leaves the columns before its own alone
    const Index k = m.backwards(columns, step);
    reflect(q, k, k);
  });
}

}  // namespace nuthatch::ir::kernels
