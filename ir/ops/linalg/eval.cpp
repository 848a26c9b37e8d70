// Reference kernels of dot_general, cholesky and triangular_solve. Independent results go side by side in lanes; each
// one adds up in the order the dialect defines.
#include <algorithm>
#include <cmath>
#include <limits>

#include "ir/math/reduction_order.h"
#include "ir/ops/eval_support.h"
#include "ir/ops/linalg/kernels/host.h"

namespace nuthatch::ir {
namespace {

template <class V> V multiplyAdd(V a, V b, V c) {
  if constexpr (std::is_same_v<V, double>) return __builtin_fma(a, b, c);
  else if constexpr (std::is_same_v<V, float>) return __builtin_fmaf(a, b, c);
  else return a * b + c;
}

//===-------------------------------- dot_general --------------------------------===//

template <class V, int lanes> struct Lanes {
  V v[lanes];
};

/// y[k] = sum over i of a[i] * b[i * step + k] for k below `lanes`.
template <int lanes, class V> void contractLanes(std::int64_t n, const V* a, const V* b, std::int64_t step, V* y) {
  using L = Lanes<V, lanes>;
  L identity, zero;
  for (int k = 0; k < lanes; ++k) {
    zero.v[k] = V{};
    if constexpr (std::is_floating_point_v<V>) identity.v[k] = -V(0);
    else identity.v[k] = V{};
  }
  auto multiply = [&](L accumulator, std::int64_t i) {
    for (int k = 0; k < lanes; ++k) accumulator.v[k] = multiplyAdd(a[i], b[i * step + k], accumulator.v[k]);
    return accumulator;
  };
  auto add = [](L p, const L& q) {
    for (int k = 0; k < lanes; ++k) p.v[k] = p.v[k] + q.v[k];
    return p;
  };
  const L total = math::contract(n, identity, zero, multiply, add);
  for (int k = 0; k < lanes; ++k) y[k] = total.v[k];
}

/// The operand's elements in the order (batch, rows, columns), each a group of dimensions.
Array arranged(const Array& x, std::initializer_list<std::vector<std::int64_t>> groups) {
  const Strides strides = rowMajor(x.shape);
  Shape shape;
  Layout from;
  for (const auto& group : groups)
    for (std::int64_t d : group) {
      shape.push_back(x.shape[std::size_t(d)]);
      from.strides.push_back(strides[std::size_t(d)]);
    }
  if (from.strides == rowMajor(shape)) return x;
  Array out(x.dtype, shape);
  copyStrided(size_of(x.dtype), shape, out.data.get(), {0, rowMajor(shape)}, x.data.get(), from);
  return out;
}

std::vector<std::int64_t> freeDims(const Shape& shape, const std::vector<std::int64_t>& batch, const std::vector<std::int64_t>& contract) {
  std::vector<std::int64_t> out;
  for (std::int64_t d = 0; d < std::int64_t(shape.size()); ++d)
    if (std::ranges::find(batch, d) == batch.end() && std::ranges::find(contract, d) == contract.end()) out.push_back(d);
  return out;
}

std::int64_t product(const Shape& shape, const std::vector<std::int64_t>& dims) {
  std::int64_t n = 1;
  for (std::int64_t d : dims) n *= shape[std::size_t(d)];
  return n;
}

void evalDotGeneral(const Attributes& attributes, Operands in, Results out) {
  const auto lhsBatch = attributes.list("lhs_batch"), rhsBatch = attributes.list("rhs_batch"),
             lhsContract = attributes.list("lhs_contract"), rhsContract = attributes.list("rhs_contract");
  const auto lhsFree = freeDims(in[0].shape, lhsBatch, lhsContract), rhsFree = freeDims(in[1].shape, rhsBatch, rhsContract);
  const std::int64_t batches = product(in[0].shape, lhsBatch), rows = product(in[0].shape, lhsFree),
                     columns = product(in[1].shape, rhsFree), n = product(in[0].shape, lhsContract);
  const Array lhs = arranged(in[0], {lhsBatch, lhsFree, lhsContract}), rhs = arranged(in[1], {rhsBatch, rhsContract, rhsFree});
  withNumber(out[0].dtype, [&]<class V>(std::type_identity<V>) {
    V* y = out[0].as<V>();
    for (std::int64_t batch = 0; batch < batches; ++batch)
      for (std::int64_t row = 0; row < rows; ++row) {
        const V* a = lhs.as<V>() + (batch * rows + row) * n;
        const V* b = rhs.as<V>() + batch * n * columns;
        std::int64_t column = 0;
        for (; column + 8 <= columns; column += 8, y += 8) contractLanes<8>(n, a, b + column, columns, y);
        for (; column + 4 <= columns; column += 4, y += 4) contractLanes<4>(n, a, b + column, columns, y);
        for (; column < columns; ++column, ++y) contractLanes<1>(n, a, b + column, columns, y);
      }
  });
}

//===---------------------------------- cholesky ---------------------------------===//

/// Column by column: l_ij = (x_ij - l_i0 l_j0 - ... - l_i(j-1) l_j(j-1)) / l_jj, one fma after the other. From the first
/// pivot that is not positive on, the lower triangle is NaN.
template <class T> void cholesky(std::int64_t n, const T* x, T* l) {
  std::fill(l, l + n * n, T(0));
  for (std::int64_t j = 0; j < n; ++j) {
    auto rest = [&](std::int64_t i) {
      T s = x[i * n + j];
      for (std::int64_t k = 0; k < j; ++k) s = multiplyAdd(-l[i * n + k], l[j * n + k], s);
      return s;
    };
    const T pivot = rest(j);
    const T diagonal = pivot > T(0) ? std::sqrt(pivot) : std::numeric_limits<T>::quiet_NaN();
    l[j * n + j] = diagonal;
    for (std::int64_t i = j + 1; i < n; ++i) l[i * n + j] = rest(i) / diagonal;
  }
}

template <class F> void withFloat(Dtype dtype, F&& f) {
  if (dtype == Dtype::f32) f(std::type_identity<float>());
  else f(std::type_identity<double>());
}

void evalCholesky(const Attributes&, Operands in, Results out) {
  const std::int64_t n = in[0].shape.back(), total = in[0].num_elements();
  withFloat(in[0].dtype, [&]<class T>(std::type_identity<T>) {
    for (std::int64_t begin = 0; begin < total; begin += n * n) cholesky(n, in[0].as<T>() + begin, out[0].as<T>() + begin);
  });
}

void evalCholeskyPullback(const Attributes&, Operands in, Results out) {
  const std::int64_t n = in[0].shape.back(), total = in[0].num_elements();
  std::copy_n(in[1].data.get(), in[1].bytes(), out[0].data.get());
  withFloat(in[0].dtype, [&]<class T>(std::type_identity<T>) {
    for (std::int64_t begin = 0; begin < total; begin += n * n) {
      kernels::Host<T> host;
      kernels::choleskyPullback(host, n, {const_cast<T*>(in[0].as<T>()) + begin, n, nullptr}, {out[0].as<T>() + begin, n, nullptr});
    }
  });
}

//===------------------------------- triangular_solve ----------------------------===//

/// Substitution in the order in which the unknowns become known (0, 1, ... for a lower op(a), n-1, n-2, ... for an
/// upper one): y_i = (b_i - sum a_ik y_k) / a_ii, one fma per known k in that order.
template <class T>
void solve(std::int64_t n, std::int64_t columns, bool lower, bool transpose, bool unit, const T* a, const T* b, T* y) {
  const bool forward = lower != transpose;
  auto at = [&](std::int64_t i, std::int64_t k) { return transpose ? a[k * n + i] : a[i * n + k]; };
  auto unknown = [&](std::int64_t step) { return forward ? step : n - 1 - step; };
  for (std::int64_t s = 0; s < n; ++s) {
    const std::int64_t i = unknown(s);
    T* row = y + i * columns;
    std::copy(b + i * columns, b + (i + 1) * columns, row);
    for (std::int64_t r = 0; r < s; ++r) {
      const std::int64_t k = unknown(r);
      const T factor = -at(i, k);
      const T* known = y + k * columns;
      for (std::int64_t c = 0; c < columns; ++c) row[c] = multiplyAdd(factor, known[c], row[c]);
    }
    if (!unit)
      for (std::int64_t c = 0; c < columns; ++c) row[c] = row[c] / at(i, i);
  }
}

void evalTriangularSolve(const Attributes& attributes, Operands in, Results out) {
  const bool lower = attributes.flag("lower"), transpose = attributes.flag("transpose"), unit = attributes.flag("unit_diagonal");
  const std::int64_t n = in[0].shape.back(), columns = in[1].shape.back();
  if (in[1].num_elements() == 0) return;
  const std::int64_t batches = in[1].num_elements() / (n * columns);
  withFloat(in[0].dtype, [&]<class T>(std::type_identity<T>) {
    for (std::int64_t i = 0; i < batches; ++i)
      solve(n, columns, lower, transpose, unit, in[0].as<T>() + i * n * n, in[1].as<T>() + i * n * columns,
            out[0].as<T>() + i * n * columns);
  });
}

}  // namespace

void registerLinalgEval() {
  registerEval("dot_general", evalDotGeneral);
  registerEval("cholesky", evalCholesky);
  registerEval("cholesky_pullback", evalCholeskyPullback);
  registerEval("triangular_solve", evalTriangularSolve);
}

}  // namespace nuthatch::ir
