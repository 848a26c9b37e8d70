#pragma once
// The machine that runs the algorithms of ir/ops/linalg/kernels by emitting code. One matrix per lane; without lanes, rows
// are walked in vectors of neighbouring elements. Threads of a group share the independent iterations of one matrix, or,
// where matrices are many or tiny, each has matrices of its own.
#include <array>
#include <limits>

#include "backends/cpu/emitter.h"

namespace nuthatch::cpu {

/// What the algorithms work on: an operand or result of the operation at one index of its batch, or a temporary array.
struct FactorMatrix {
  mlir::Value value;               // null for temporaries
  const Index* batch = nullptr;    // leading coordinates of `value`
  bool vector = false;             // `value` has one more dimension, not two
  bool computed = false;           // an operand, which need not be in memory
  LV data = nullptr;
  int64_t columns = 0;
};

class FactorMachine {
  static constexpr int64_t kPanelRows = 4, kThreadsOfBlock = 1024;

 public:
  using Number = Real;
  using Matrix = FactorMatrix;
  using Mask = cpu::Mask;
  struct Index {
    LV v;
  };
  FactorMachine(Emitter& e, Dtype dtype, bool varies) : e(e), dtype(dtype), varies(varies) {}

  Index index(int64_t i) { return {e.i64(i)}; }
  Index next(Index i) { return {e.builder.CreateAdd(i.v, e.i64(1))}; }
  Index plus(Index i, int64_t n) { return {e.add(i.v, n)}; }
  Index times(Index i, int64_t n) { return {e.mul(i.v, n)}; }
  Index sum(Index a, Index b) { return {e.builder.CreateAdd(a.v, b.v)}; }
  Mask same(Index a, Index b) { return {e.builder.CreateICmpEQ(a.v, b.v)}; }
  Mask before(Index a, Index b) { return {e.builder.CreateICmpSLT(a.v, b.v)}; }
  Index backwards(int64_t n, Index i) { return {e.builder.CreateSub(e.i64(n - 1), i.v)}; }
  /// Rows of temporaries are extended to whole vectors; work on them may start at an aligned place before the first.
  int64_t padded(int64_t n) { return (n + bundle() - 1) / bundle() * bundle(); }
  Index aligned(Index i) { return {e.builder.CreateAnd(i.v, e.i64(-bundle()))}; }
  Real number(double x) { return {llvm::ConstantFP::get(registerType(e.module.getContext(), dtype), x)}; }
  Real count(Index i) { return {emitConvert(i.v, Dtype::i64, dtype)}; }
  Real epsilon() {
    return number(dtype == Dtype::f32 ? double(std::numeric_limits<float>::epsilon()) : std::numeric_limits<double>::epsilon());
  }
  Real bigPower() { return number(dtype == Dtype::f32 ? 0x1p50 : 0x1p400); }
  Real abs(Real x) { return cpu::abs(x); }
  Real sqrt(Real x) { return cpu::sqrt(x); }
  Real fma(Real a, Real b, Real c) { return cpu::fma(a, b, c); }
  Real select(Mask p, Real a, Real b) { return {chooseLanes(p.v, a.v, b.v)}; }

  Real load(const Matrix& a, Index i, Index j) { return loadAt(a, i, {j.v, 0}); }
  Real load(const Matrix& a, Index i, Ix j) { return loadAt(a, i, j); }
  void store(const Matrix& a, Index i, Index j, Real x) { storeAt(a, i, {j.v, 0}, x); }
  void store(const Matrix& a, Index i, Ix j, Real x) { storeAt(a, i, j, x); }
  void storeInteger(const Matrix& a, Index i, Real x) {
    if (!a.value) return store(a, index(0), index(0), x);
    e.store(a.value, coordinates(a, i, {i.v, 0}), emitConvert(x.v, dtype, Dtype::i64));
  }
  template <class Column> void exchange(Mask p, const Matrix& a, Index i, Column j, Index k, Column l) {
    Real x = load(a, i, j), y = load(a, k, l);
    store(a, i, j, select(p, y, x));
    store(a, k, l, select(p, x, y));
  }
  /// An operand or result at one index of its batch.
  Matrix at(mlir::Value value, const cpu::Index& batch) {
    Matrix out;
    out.value = value;
    out.batch = &batch;
    out.vector = Emitter::shape(value).size() < batch.dims.size() + 2;
    return out;
  }
  /// A result. Threads that work on a matrix together share it, also where it is a single number, of which each has
  /// one of its own in the end.
  Matrix result(mlir::Value value, const cpu::Index& batch) {
    if (!e.threads || ir::tensorType(value).getNumElements() != 1) return at(value, batch);
    Matrix out = temporary(1, 1);
    singles.push_back({value, out});
    return out;
  }
  /// Behind the algorithm.
  void deliver(const cpu::Index& batch) {
    for (auto& [value, matrix] : singles) {
      cpu::Index place = batch;
      while (place.dims.size() < Emitter::shape(value).size()) place.dims.push_back({e.i64(0), 0});
      LV x = load(matrix, index(0), index(0)).v;
      e.store(value, place, emitConvert(x, dtype, Emitter::dtype(value)));
    }
    singles.clear();
  }
  /// The operand `x` at one index of its batch, computed where it is not in memory.
  void copy(mlir::Value x, const cpu::Index& batch, int64_t rows, int64_t columns, const Matrix& to) {
    cells(index(0), index(rows), index(0), index(columns), [](Index i) { return i; }, [&](Index i, Ix j, Index) {
      cpu::Index at = batch;
      at.dims.push_back({i.v, 0});
      at.dims.push_back(j);
      store(to, i, j, Real{e.element(x, at)});
    });
    e.memo.clear();
  }
  Matrix temporary(int64_t rows, int64_t columns) {
    Matrix out;
    out.columns = rows > 1 && columns % 64 == 0 ? columns + 8 : columns;  // a column is not in one set of the cache
    const int64_t elements = rows * out.columns;
    out.data = e.temporary(dtype, ownMatrices ? elements * e.threads : elements, varies, /*shared=*/true);
    return out;
  }
  /// A number that all threads which work on a matrix compute in the same way.
  Matrix cell() {
    Matrix out;
    out.columns = 1;
    out.data = e.temporary(dtype, 1, varies);
    return out;
  }

  /// body(batch) for matrices of `n` rows or columns, whichever are fewer, at all indices of a batch.
  void overBatch(llvm::ArrayRef<int64_t> space, int64_t n, llvm::function_ref<void(const cpu::Index&)> body) {
    const int64_t matrices = Emitter::product(space);
    // Steps of a tiny matrix take less time than waiting for others, the more of them the longer.
    const int64_t tiny = e.threads > kThreadsOfBlock ? 16 : kPanelRows;
    if (e.together() && e.threads > 1 && e.threads <= kThreadsOfBlock && matrices > 1 && (matrices >= e.threads || n <= tiny)) {
      ownMatrices = true;
      e.acrossThreads(space, body);
      ownMatrices = false;
    } else if (e.together() && e.threads > 1 && n <= tiny) {
      e.onOneThread([&] { e.fillInOrder(space, body, false, false, true); });
    } else {
      e.fillInOrder(space, body, false, false, true);
    }
    cpu::Index first;
    first.dims.assign(space.size(), Ix{e.i64(0), 0});
    deliver(first);
  }
  /// Threads share the work on one matrix.
  bool shares() const { return e.together() && e.threads > 1; }
  int64_t workers() const { return e.threads; }
  /// Sums over the rows of a matrix are taken column by column: rows are short, or columns have threads of their own.
  bool alongColumns(int64_t columns) const { return e.threads || columns < 2 * int64_t(kDataLanes); }
  /// What body() reads is written by no thread before all have waited for another reason.
  void undisturbed(llvm::function_ref<void()> body) {
    const bool kept = e.unsynchronised;
    body();
    e.unsynchronised = kept;
  }

  template <class F> void loop(Index from, Index to, F&& body) {
    e.ifThen(e.builder.CreateICmpSLT(from.v, to.v), [&] {
      e.loop(from.v, to.v, 1, [&](LV i) { body(Index{i}); }, true);
    });
  }
  /// Iterations that do not depend on each other.
  template <class F> void each(Index from, Index to, F&& body) {
    if (!e.together()) return loop(from, to, body);
    e.acrossThreads(from.v, to.v, [&](LV i) { body(Index{i}); });
  }
  /// body(i, j, head(i)) for the elements of a part of a matrix, which do not depend on each other.
  template <class Head, class F> void cells(Index top, Index bottom, Index left, Index right, Head&& head, F&& body) {
    if (shares())
      return e.acrossCells(top.v, bottom.v, left.v, right.v, [&](LV i, LV j) { body(Index{i}, Ix{j, 0}, head(Index{i})); });
    loop(top, bottom, [&](Index i) {
      const auto first = head(i);
      row(left, right, [&](Ix j) { body(i, j, first); });
    });
  }
  /// Numbers that go round a loop: body(i, numbers) changes them.
  template <std::size_t N, class F> std::array<Real, N> fold(Index from, Index to, std::array<Real, N> numbers, F&& body) {
    e.memo.clear();
    const unsigned width = varies ? e.lanes : 0;
    llvm::SmallVector<LV, 4> running;
    for (Real x : numbers) running.push_back(splat(x.v, width));
    e.accumulate(from.v, to.v, running, [&](LV i) {
      e.memo.clear();
      for (std::size_t k = 0; k < N; ++k) numbers[k] = {running[k]};
      body(Index{i}, numbers);
      for (std::size_t k = 0; k < N; ++k) running[k] = splat(numbers[k].v, width);
      e.memo.clear();
    });
    for (std::size_t k = 0; k < N; ++k) numbers[k] = {running[k]};
    return numbers;
  }
  /// What one thread does while others wait.
  template <class F> void once(F&& body) {
    if (shares()) e.onOneThread([&] { body(); });
    else body();
  }
  template <class F> void row(Index from, Index to, F&& body) {
    e.alongRow(from.v, to.v, [&](Ix j) { body(j); });
  }
  /// body(positions): positions of a row that a tile works on together, one data vector or two elements with lanes.
  template <class F> void bundles(Index from, Index to, F&& body) {
    if (e.together())
      return e.acrossThreads(from.v, to.v, [&](LV j) {
        llvm::SmallVector<Ix, 1> positions{{j, 0}};
        body(llvm::ArrayRef<Ix>(positions));
      });
    auto guarded = [&](LV begin, LV end, int64_t step, int count, int64_t stride) {
      e.ifThen(e.builder.CreateICmpSLT(begin, end), [&] {
        e.loop(begin, end, step, [&](LV j) {
          llvm::SmallVector<Ix, 2> positions;
          for (int v = 0; v < count; ++v) positions.push_back({e.add(j, v), stride});
          body(llvm::ArrayRef<Ix>(positions));
        }, true);
      });
    };
    LV whole = e.builder.CreateAnd(e.builder.CreateSub(to.v, from.v), e.i64(-bundle()));
    LV middle = e.builder.CreateAdd(from.v, whole);
    if (!e.dataVectors()) guarded(from.v, middle, bundle(), int(bundle()), 0);
    else guarded(from.v, middle, bundle(), 1, 1);
    guarded(middle, to.v, 1, 1, 0);
  }
  llvm::SmallVector<Ix, 1> single(Index i) { return {{i.v, 0}}; }
  /// For each position j: sums[a] = init(a, j) - sum over k in [from, to) of factor(a, k) value(k, j), one fma per k in
  /// order, for all a < count; then finish(j, sums).
  template <class Init, class Factor, class Value, class Finish>
  void tile(int count, Index from, Index to, llvm::ArrayRef<Ix> positions, Init&& init, Factor&& factor, Value&& value,
            Finish&& finish) {
    e.memo.clear();
    llvm::SmallVector<LV> sums;
    for (Ix j : positions)
      for (int a = 0; a < count; ++a) sums.push_back(splat(init(a, j).v, lanesAt(j)));
    e.accumulate(from.v, to.v, sums, [&](LV at) {
      e.memo.clear();
      Index k{at};
      llvm::SmallVector<Real> factors;
      for (int a = 0; a < count; ++a) factors.push_back(-factor(a, k));
      size_t next = 0;
      for (Ix j : positions) {
        Real x = value(k, j);
        for (int a = 0; a < count; ++a, ++next) sums[next] = fma(factors[size_t(a)], x, {sums[next]}).v;
      }
      e.memo.clear();
    });
    size_t next = 0;
    for (Ix j : positions) {
      llvm::SmallVector<Real> column;
      for (int a = 0; a < count; ++a) column.push_back({sums[next++]});
      finish(j, column);
    }
  }
  template <class F> void when(Mask p, F&& body) { e.ifThen(anyLane(p.v), body); }

 private:
  int64_t bundle() { return e.threads ? 1 : e.lanes > 1 ? 2 : int64_t(kDataLanes); }
  unsigned lanesAt(Ix j) { return varies ? e.lanes : j.stride ? kDataLanes : 0; }
  cpu::Index coordinates(const Matrix& a, Index i, Ix j) {
    cpu::Index at = *a.batch;
    if (!a.vector) at.dims.push_back({i.v, 0});
    at.dims.push_back(j);
    return at;
  }
  /// In a temporary. Those of threads with matrices of their own are interleaved: neighbours read neighbouring places.
  Ix position(const Matrix& a, Index i, Ix j) {
    LV at = e.builder.CreateAdd(e.mul(i.v, a.columns), j.base);
    if (ownMatrices && !e.isPrivate(a.data)) at = e.builder.CreateAdd(e.mul(at, e.threads), e.thread);
    return {at, j.stride};
  }
  Real loadAt(const Matrix& a, Index i, Ix j) {
    if (a.computed) {
      e.memo.clear();
      return {e.element(a.value, coordinates(a, i, j))};
    }
    return {a.value ? e.load(a.value, coordinates(a, i, j)) : e.loadAt(a.data, dtype, varies, false, position(a, i, j))};
  }
  void storeAt(const Matrix& a, Index i, Ix j, Real x) {
    if (a.value) return e.store(a.value, coordinates(a, i, j), x.v);
    e.storeAt(a.data, dtype, varies, position(a, i, j), x.v);
  }

  Emitter& e;
  Dtype dtype;
  bool varies;
  bool ownMatrices = false;  // every thread works on matrices of its own
  llvm::SmallVector<std::pair<mlir::Value, Matrix>, 3> singles;
};

}  // namespace nuthatch::cpu
