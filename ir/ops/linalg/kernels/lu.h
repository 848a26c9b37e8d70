#pragma once
// The factorisations are written once, against a `machine` that supplies numbers, loops and matrices. The reference
// evaluation runs them on arrays (host.h); the code generator runs them on values it emits, one matrix per lane
// (backends/cpu/emit_factorise.cpp). So both perform the same operations in the same order. A condition that may differ
// between lanes is a mask: `when(mask, body)` skips the body where no lane needs it, and the body selects. Iterations of
// `each` and elements of `cells` do not depend on each other: threads of a group share them.
#include <array>
#include <cstdint>

namespace nuthatch::ir::kernels {

/// P x = L U with partial pivoting, in place: on entry `a` [n, n] is x, then U with the multipliers of the unit lower L
/// below its diagonal; row i of L U is row permutation(i) of x. The pivot is the first entry of largest magnitude. A
/// column without a nonzero pivot leaves zero multipliers, so that the determinant of a singular matrix is 0.
/// Golub and Van Loan, Matrix Computations, algorithm 3.4.1.
template <class M> void lu(M& m, std::int64_t n, typename M::Matrix a, typename M::Matrix permutation) {
  using Index = typename M::Index;
  auto order = m.temporary(1, n);
  const Index zero = m.index(0), end = m.index(n);
  m.each(zero, end, [&](Index i) { m.store(order, zero, i, m.count(i)); });
  m.loop(zero, end, [&](Index k) {
    const Index below = m.next(k);
    const auto [magnitude, row] = m.fold(below, end, std::array{m.abs(m.load(a, k, k)), m.count(k)}, [&](Index i, auto& best) {
      auto size = m.abs(m.load(a, i, k));
      auto larger = size > best[0];
      best = {m.select(larger, size, best[0]), m.select(larger, m.count(i), best[1])};
    });
    m.loop(below, end, [&, row = row](Index i) {
      auto chosen = row == m.count(i);
      m.when(chosen, [&] {
        m.once([&] { m.exchange(chosen, order, zero, k, zero, i); });
        m.row(zero, end, [&](auto j) { m.exchange(chosen, a, k, j, i, j); });
      });
    });
    auto pivot = m.load(a, k, k);
    auto divisor = m.select(pivot == m.number(0), m.number(1), pivot);
    m.each(below, end, [&](Index i) { m.store(a, i, k, m.load(a, i, k) / divisor); });
    m.cells(below, end, below, end, [&](Index i) { return m.load(a, i, k); },
            [&](Index i, auto j, auto l) { m.store(a, i, j, m.fma(-l, m.load(a, k, j), m.load(a, i, j))); });
  });
  m.each(zero, end, [&](Index i) { m.storeInteger(permutation, i, m.load(order, zero, i)); });
}

}  // namespace nuthatch::ir::kernels
