#pragma once
// The factorisations are written once, against a `machine` that supplies numbers, loops and matrices. The reference
// evaluation runs them on arrays (host.h); the code generator runs them on values it emits, one matrix per lane
// (backends/cpu/emit_factorise.cpp). So both perform the same operations in the same order. A condition that may differ
// between lanes is a mask: `when(mask, body)` skips the body where no lane needs it, and the body selects.
#include <cstdint>

namespace nuthatch::ir::kernels {

/// P x = L U with partial pivoting, in place: on entry `a` [n, n] is x, then U with the multipliers of the unit lower L
/// below its diagonal; row i of L U is row permutation(i) of x. The pivot is the first entry of largest magnitude. A
/// column without a nonzero pivot leaves zero multipliers, so that the determinant of a singular matrix is 0.
/// Golub and Van Loan, Matrix Computations, algorithm 3.4.1.
template <class M> void lu(M& m, std::int64_t n, typename M::Matrix a, typename M::Matrix permutation) {
  using Index = typename M::Index;
  auto order = m.temporary(1, n), best = m.temporary(1, 2);  // best: magnitude, row
  const Index zero = m.index(0), one = m.index(1), end = m.index(n);
  m.loop(zero, end, [&](Index i) { m.store(order, zero, i, m.count(i)); });
  m.loop(zero, end, [&](Index k) {
    const Index below = m.next(k);
    m.store(best, zero, zero, m.abs(m.load(a, k, k)));
    m.store(best, zero, one, m.count(k));
    m.loop(below, end, [&](Index i) {
      auto size = m.abs(m.load(a, i, k)), largest = m.load(best, zero, zero);
      auto larger = size > largest;
      m.store(best, zero, zero, m.select(larger, size, largest));
      m.store(best, zero, one, m.select(larger, m.count(i), m.load(best, zero, one)));
    });
    m.loop(below, end, [&](Index i) {
      auto chosen = m.load(best, zero, one) == m.count(i);
      m.when(chosen, [&] {
        m.exchange(chosen, order, zero, k, zero, i);
        m.row(zero, end, [&](auto j) { m.exchange(chosen, a, k, j, i, j); });
      });
    });
    auto pivot = m.load(a, k, k);
    auto divisor = m.select(pivot == m.number(0), m.number(1), pivot);
    m.loop(below, end, [&](Index i) {
      auto l = m.load(a, i, k) / divisor;
      m.store(a, i, k, l);
      m.row(below, end, [&](auto j) { m.store(a, i, j, m.fma(-l, m.load(a, k, j), m.load(a, i, j))); });
    });
  });
  m.loop(zero, end, [&](Index i) { m.storeInteger(permutation, i, m.load(order, zero, i)); });
}

}  // namespace nuthatch::ir::kernels
