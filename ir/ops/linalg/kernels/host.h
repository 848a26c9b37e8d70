#pragma once
// The machine of the reference evaluation: plain numbers and arrays.
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <type_traits>
#include <vector>

#include "ir/ops/linalg/kernels/cholesky.h"
#include "ir/ops/linalg/kernels/svd.h"

namespace nuthatch::ir::kernels {

template <class T> class Host {
 public:
  using Number = T;
  using Mask = bool;
  using Index = std::int64_t;
  /// Element (i, j) at data[i * stride + j]; a vector has stride 0. Results of integers keep their own pointer.
  struct Matrix {
    T* data = nullptr;
    std::int64_t stride = 0;
    std::int64_t* integers = nullptr;
  };

  Index index(std::int64_t i) { return i; }
  Index next(Index i) { return i + 1; }
  Index backwards(std::int64_t n, Index i) { return n - 1 - i; }
  Index plus(Index i, std::int64_t n) { return i + n; }
  Index times(Index i, std::int64_t n) { return i * n; }
  /// Rows of temporaries are extended to whole vectors; work on them may start at an aligned place before the first.
  std::int64_t padded(std::int64_t n) { return n; }
  Index aligned(Index i) { return i; }
  T number(double x) { return T(x); }
  T count(Index i) { return T(i); }
  T epsilon() { return std::numeric_limits<T>::epsilon(); }
  T bigPower() { return std::is_same_v<T, float> ? T(0x1p50) : T(0x1p400); }
  T abs(T x) { return std::fabs(x); }
  T sqrt(T x) { return std::sqrt(x); }
  T fma(T a, T b, T c) { return std::fma(a, b, c); }
  T select(bool p, T a, T b) { return p ? a : b; }

  T load(const Matrix& a, Index i, Index j) { return a.data[i * a.stride + j]; }
  void store(const Matrix& a, Index i, Index j, T x) { a.data[i * a.stride + j] = x; }
  void storeInteger(const Matrix& a, Index i, T x) { a.integers[i] = std::int64_t(x); }
  void exchange(bool p, const Matrix& a, Index i, Index j, Index k, Index l) {
    if (p) std::swap(a.data[i * a.stride + j], a.data[k * a.stride + l]);
  }
  Matrix temporary(std::int64_t rows, std::int64_t columns) {
    buffers.emplace_back(new T[std::size_t(rows * columns)]);
    return {buffers.back().get(), columns};
  }

  /// One number.
  Matrix cell() { return temporary(1, 1); }

  template <class F> void loop(Index from, Index to, F&& body) {
    for (Index i = from; i < to; ++i) body(i);
  }
  /// Iterations that do not depend on each other.
  template <class F> void each(Index from, Index to, F&& body) { loop(from, to, body); }
  /// body(i, j, head(i)) for the elements of a part of a matrix, which do not depend on each other.
  template <class Head, class F> void cells(Index top, Index bottom, Index left, Index right, Head&& head, F&& body) {
    loop(top, bottom, [&](Index i) {
      const auto first = head(i);
      loop(left, right, [&](Index j) { body(i, j, first); });
    });
  }
  /// Numbers that go round a loop: body(i, numbers) changes them.
  template <std::size_t N, class F> std::array<T, N> fold(Index from, Index to, std::array<T, N> numbers, F&& body) {
    loop(from, to, [&](Index i) { body(i, numbers); });
    return numbers;
  }
  /// Sums over the rows of a matrix are taken column by column: rows are short, or columns have workers of their own.
  bool alongColumns(std::int64_t) { return false; }
  /// Not to be done by several workers.
  template <class F> void once(F&& body) { body(); }
  template <class F> void row(Index from, Index to, F&& body) { loop(from, to, body); }
  /// Positions in a row that a tile works on together.
  template <class F> void bundles(Index from, Index to, F&& body) { loop(from, to, body); }
  Index single(Index i) { return i; }
  /// For each position j: sums[a] = init(a, j) - sum over k in [from, to) of factor(a, k) value(k, j), one fma per k in
  /// order, for all a < count; then finish(j, sums).
  template <class Init, class Factor, class Value, class Finish>
  void tile(int count, Index from, Index to, Index j, Init&& init, Factor&& factor, Value&& value, Finish&& finish) {
    std::array<T, kPanel> sums;
    for (int a = 0; a < count; ++a) sums[std::size_t(a)] = init(a, j);
    for (Index k = from; k < to; ++k)
      for (int a = 0; a < count; ++a) sums[std::size_t(a)] = std::fma(-factor(a, k), value(k, j), sums[std::size_t(a)]);
    finish(j, sums);
  }
  template <class F> void when(bool p, F&& body) {
    if (p) body();
  }

 private:
  std::vector<std::unique_ptr<T[]>> buffers;
};

}  // namespace nuthatch::ir::kernels
