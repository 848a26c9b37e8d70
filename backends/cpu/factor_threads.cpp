#include "backends/cpu/factor_threads.h"

namespace nuthatch::cpu {
using ir::kernels::kPanel;
using Place = FactorMachine::Index;

/// Works on u = L^T: a thread has columns of a panel's rows. The panel's triangle is factorised by every thread for itself.
void choleskyByThreads(FactorMachine& m, int64_t n, FactorMatrix l) {
  const Place zero = m.index(0), end = m.index(n);
  auto u = m.temporary(n, n), t = m.temporary(kPanel, n);
  m.each(zero, end, [&](Place i) { m.loop(zero, m.next(i), [&](Place j) { m.store(u, j, i, m.load(l, i, j)); }); });

  panels(m, n, [&](Place first, int rows) {
    auto row = [&](int a) { return m.plus(first, a); };
    m.each(first, end, [&](Place at) {
      m.tile(rows, zero, first, m.single(at), [&](int a, Ix j) { return m.load(u, row(a), j); },
             [&](int a, Place k) { return m.load(u, k, row(a)); }, [&](Place k, Ix j) { return m.load(u, k, j); },
             [&](Ix j, auto& sums) {
               for (int a = 0; a < rows; ++a) m.store(t, m.index(a), j, sums[size_t(a)]);
             });
    });
    Real d[kPanel][kPanel], pivot[kPanel];
    m.undisturbed([&] {  // the sums are not written again before all have waited
      for (int a = 0; a < rows; ++a)
        for (int b = a; b < rows; ++b) d[a][b] = m.load(t, m.index(a), row(b));
    });
    for (int a = 0; a < rows; ++a) {
      pivot[a] = m.select(d[a][a] > 0.0, m.sqrt(d[a][a]), m.number(math::kNaN));
      for (int b = a + 1; b < rows; ++b) d[a][b] = d[a][b] / pivot[a];
      for (int b = a + 1; b < rows; ++b)
        for (int c = b; c < rows; ++c) d[b][c] = m.fma(-d[a][b], d[a][c], d[b][c]);
    }
    m.each(first, end, [&](Place j) {
      Real x[kPanel];
      for (int a = 0; a < rows; ++a) x[a] = m.load(t, m.index(a), j);
      for (int a = 0; a < rows; ++a) {
        x[a] = x[a] / pivot[a];
        for (int b = a + 1; b < rows; ++b) x[b] = m.fma(-d[a][b], x[a], x[b]);
        m.store(u, row(a), j, m.select(m.same(j, row(a)), pivot[a], x[a]));
      }
    });
  });

  m.each(zero, end, [&](Place i) {
    m.loop(zero, m.next(i), [&](Place j) { m.store(l, i, j, m.load(u, j, i)); });
    m.loop(m.next(i), end, [&](Place j) { m.store(l, i, j, m.number(0)); });
  });
}

/// A panel: S right of it by all threads, each a column of its rows; then the sums over those columns that its own triangle
/// needs, one to a thread; then the triangle, by one thread.
void pullbackByThreads(FactorMachine& m, int64_t n, FactorMatrix l, FactorMatrix g) {
  const Place zero = m.index(0), end = m.index(n);
  auto s = m.temporary(n, n), d = m.temporary(kPanel, kPanel);

  auto panel = [&](Place first, int columns) {
    auto column = [&](int a) { return m.plus(first, a); };
    const Place below = column(columns);
    m.each(below, end, [&](Place at) {
      m.tile(columns, below, end, m.single(at), [&](int a, Ix) { return m.load(g, at, column(a)); },
             [&](int a, Place k) { return m.load(l, k, column(a)); }, [&](Place k, Ix j) { return m.load(s, k, j); },
             [&](Ix, auto& x) {
               for (int a = columns - 1; a >= 0; --a) {
                 for (int b = a + 1; b < columns; ++b)
                   x[size_t(a)] = m.fma(-m.load(l, column(b), column(a)), x[size_t(b)], x[size_t(a)]);
                 x[size_t(a)] = x[size_t(a)] / m.load(l, column(a), column(a));
                 m.store(s, column(a), at, x[size_t(a)]);
                 m.store(s, at, column(a), x[size_t(a)]);
               }
             });
    });
    m.cells(zero, m.index(columns), zero, m.index(columns), [](Place a) { return a; }, [&](Place a, Ix b, Place) {
      m.when(!m.before({b.base}, a), [&] {
        const Place i = m.sum(first, {b.base}), k = m.sum(first, a);
        const auto [sum] = m.fold(below, end, std::array{m.load(g, i, k)}, [&](Place j, auto& running) {
          running[0] = m.fma(-m.load(s, i, j), m.load(l, j, k), running[0]);
        });
        m.store(d, a, b, sum);
      });
    });
    m.once([&] {
      for (int a = columns - 1; a >= 0; --a) {
        const Place k = column(a);
        Real pivot = m.load(l, k, k), diagonal = m.load(d, m.index(a), m.index(a));
        for (int b = a + 1; b < columns; ++b) {
          Real x = m.load(d, m.index(a), m.index(b));
          for (int c = a + 1; c < columns; ++c) x = m.fma(-m.load(s, column(b), column(c)), m.load(l, column(c), k), x);
          x = x / pivot;
          m.store(s, column(b), k, x);
          m.store(s, k, column(b), x);
          diagonal = m.fma(-x, m.load(l, column(b), k), diagonal);
        }
        m.store(s, k, k, diagonal / pivot);
      }
    });
  };
  if (int rest = int(n % kPanel)) panel(m.index(n - rest), rest);
  m.loop(zero, m.index(n / kPanel), [&](Place p) { panel(m.times(m.backwards(n / kPanel, p), kPanel), kPanel); });

  m.each(zero, end, [&](Place i) {
    m.loop(zero, i, [&](Place j) { m.store(g, i, j, m.load(s, i, j)); });
    m.store(g, i, i, m.load(s, i, i) * m.number(0.5));
    m.loop(m.next(i), end, [&](Place j) { m.store(g, i, j, m.number(0)); });
  });
}

/// Unknowns are taken out of all later equations as soon as they are known: each equation sees them in the order in which
/// substitution would sum them. A single column's unknowns of a panel are solved by every thread for itself.
void eliminateByThreads(FactorMachine& m, ir::TriangularSolveOp op, int64_t n, int64_t columns, FactorMatrix a, FactorMatrix rest,
                        FactorMatrix y) {
  const bool forward = op.getLower() != op.getTranspose();
  auto unknown = [&](Place step) { return forward ? step : m.backwards(n, step); };
  auto coefficient = [&](Place i, Place k) { return op.getTranspose() ? m.load(a, k, i) : m.load(a, i, k); };
  const Place zero = m.index(0), end = m.index(n);
  panels(m, n, [&](Place first, int rows) {
    auto row = [&](int r) { return unknown(m.plus(first, r)); };
    const Place below = m.plus(first, rows);
    using Unknowns = std::array<Real, kPanel>;
    auto solve = [&](Place j) {
      Unknowns x;
      for (int r = 0; r < rows; ++r) {
        x[size_t(r)] = m.load(rest, row(r), j);
        for (int k = 0; k < r; ++k) x[size_t(r)] = m.fma(-coefficient(row(r), row(k)), x[size_t(k)], x[size_t(r)]);
        if (!op.getUnitDiagonal()) x[size_t(r)] = x[size_t(r)] / coefficient(row(r), row(r));
      }
      return x;
    };
    auto takeOut = [&](Place i, Place j, llvm::function_ref<Real(int)> x) {
      Real sum = m.load(rest, i, j);
      for (int r = 0; r < rows; ++r) sum = m.fma(-coefficient(i, row(r)), x(r), sum);
      m.store(rest, i, j, sum);
    };
    if (columns > 1) {
      m.each(zero, m.index(columns), [&](Place j) {
        const Unknowns x = solve(j);
        for (int r = 0; r < rows; ++r) m.store(y, row(r), j, x[size_t(r)]);
      });
      m.cells(below, end, zero, m.index(columns), unknown,
              [&](Place, Ix j, Place i) { takeOut(i, {j.base}, [&](int r) { return m.load(y, row(r), j); }); });
      return;
    }
    // What is read here is not written before all have waited again, by the update below.
    Unknowns x;
    m.undisturbed([&] { x = solve(zero); });
    m.each(first, end, [&](Place step) {
      const Place i = unknown(step);
      m.when(m.before(step, below), [&] {
        Real mine = x[0];
        for (int r = 1; r < rows; ++r) mine = m.select(m.same(step, m.plus(first, r)), x[size_t(r)], mine);
        m.store(y, i, zero, mine);
      });
      m.when(!m.before(step, below), [&] { takeOut(i, zero, [&](int r) { return x[size_t(r)]; }); });
    });
  });
}

}  // namespace nuthatch::cpu
