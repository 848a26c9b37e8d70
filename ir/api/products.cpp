// Products of tensors beyond matmul: contractions by position, Kronecker products, matrix exponentials.
#include <algorithm>
#include <cmath>

#include "ir/api/matrix_batches.h"
#include "nuthatch/array.h"
#include "nuthatch/control.h"
#include "nuthatch/index.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "nuthatch/transform.h"

namespace nuthatch {
using namespace detail;

namespace {
Dtype product_dtype(const char* op, const Tensor& a, const Tensor& b, Where where) {
  const Dtype d = promote(op, a, b, where);
  return d == bool_ ? i64 : d;
}
Ints positions(const char* op, const Tensor& x, const std::vector<int>& axes, Where where) {
  Ints out;
  for (int a : axes) {
    const auto d = std::int64_t(axis_of(op, a, x.shape().size(), x.shape(), where));
    if (std::find(out.begin(), out.end(), d) != out.end()) fail(op, "axis " + std::to_string(a) + " is given twice", where);
    out.push_back(d);
  }
  return out;
}
Tensor contracted(const char* op, const Tensor& a, const Tensor& b, const Ints& of_a, const Ints& of_b, Where where) {
  for (std::size_t i = 0; i < of_a.size(); ++i)
    if (a.shape()[std::size_t(of_a[i])] != b.shape()[std::size_t(of_b[i])])
      fail(op, "axis " + std::to_string(of_a[i]) + " of shape " + to_string(a.shape()) + " and axis " + std::to_string(of_b[i]) +
                   " of shape " + to_string(b.shape()) + " differ", where);
  const Dtype dtype = product_dtype(op, a, b, where);
  return dot_general(convert(a, dtype, where), convert(b, dtype, where), {}, {}, of_a, of_b, where);
}
}  // namespace

Tensor inner(const Tensor& a, const Tensor& b, Where where) {
  const auto m = checked("inner", a, where).type.shape.size(), n = checked("inner", b, where).type.shape.size();
  if (m == 0 || n == 0) return binary(Binary::mul, "inner", a, b, where);
  return contracted("inner", a, b, {std::int64_t(m) - 1}, {std::int64_t(n) - 1}, where);
}

Tensor vdot(const Tensor& a, const Tensor& b, Where where) {
  checked("vdot", a, where), checked("vdot", b, where);
  if (a.size() != b.size()) fail("vdot", "shapes " + to_string(a.shape()) + " and " + to_string(b.shape()) + " have different numbers of elements", where);
  return contracted("vdot", flatten(a, where), flatten(b, where), {0}, {0}, where);
}

Tensor tensordot(const Tensor& a, const Tensor& b, const std::pair<std::vector<int>, std::vector<int>>& axes, Where where) {
  checked("tensordot", a, where), checked("tensordot", b, where);
  if (axes.first.size() != axes.second.size())
    fail("tensordot", std::to_string(axes.first.size()) + " and " + std::to_string(axes.second.size()) + " axes are paired", where);
  return contracted("tensordot", a, b, positions("tensordot", a, axes.first, where), positions("tensordot", b, axes.second, where), where);
}
Tensor tensordot(const Tensor& a, const Tensor& b, int axes, Where where) {
  const int m = int(checked("tensordot", a, where).type.shape.size()), n = int(checked("tensordot", b, where).type.shape.size());
  if (axes < 0 || axes > std::min(m, n))
    fail("tensordot", std::to_string(axes) + " axes of shapes " + to_string(a.shape()) + " and " + to_string(b.shape()), where);
  std::pair<std::vector<int>, std::vector<int>> pairs;
  for (int i = 0; i < axes; ++i) {
    pairs.first.push_back(m - axes + i);
    pairs.second.push_back(i);
  }
  return tensordot(a, b, pairs, where);
}

// Every dimension of the result is the pair (dimension of a, dimension of b); the shorter shape is filled up in front.
Tensor kron(const Tensor& a, const Tensor& b, Where where) {
  Shape s = checked("kron", a, where).type.shape, t = checked("kron", b, where).type.shape, product;
  while (s.size() < t.size()) s.insert(s.begin(), 1);
  while (t.size() < s.size()) t.insert(t.begin(), 1);
  Shape of_a, of_b;
  for (std::size_t d = 0; d < s.size(); ++d) {
    of_a.push_back(s[d]), of_a.push_back(1);
    of_b.push_back(1), of_b.push_back(t[d]);
    product.push_back(s[d] * t[d]);
  }
  return reshaped(binary(Binary::mul, "kron", reshaped(a, of_a, where), reshaped(b, of_b, where), where), product, where);
}

Tensor block_diag(const std::vector<Tensor>& blocks, Where where) {
  if (blocks.empty()) fail("block_diag", "no blocks", where);
  const Dtype dtype = promote("block_diag", blocks, where);
  std::vector<Tensor> parts;
  std::int64_t total = 0, before = 0;
  for (const auto& block : blocks) {
    const Shape& s = checked("block_diag", block, where).type.shape;
    if (s.size() > 2) fail("block_diag", "a block of shape " + to_string(s) + " is not a matrix", where);
    parts.push_back(convert(s.size() == 2 ? block : reshaped(block, {1, block.size()}, where), dtype, where));
    total += parts.back().shape()[1];
  }
  for (auto& part : parts) {
    const std::int64_t n = part.shape()[1];
    part = pad(part, {{0, 0}, {before, total - before - n}}, literal(0, dtype), where);
    before += n;
  }
  return concat(parts, 0, where);
}

namespace {
/// Coefficients of the diagonal Pade approximant of order 13, and the 1-norm up to which it is exact to rounding: Higham
/// (2005), table 2.3.
constexpr double kPade[] = {64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600, 670442572800,
                            33522128640, 1323241920, 40840800, 960960, 16380, 182, 1};
constexpr double kPadeNorm = 5.371920351148152;
constexpr std::int64_t kMostSquarings = 64;  // of a matrix of norm 1e20, whose exponential overflows in general

Tensor exponential(const Tensor& x) {
  const Tensor one = eye(x.shape().back(), x.dtype());
  const Tensor size = stop_gradient(max(sum(abs(x), 0)));
  const Tensor squarings = maximum(ceil(log2(size / kPadeNorm)), 0.0);
  const Tensor a = x * exp2(-squarings);
  const Tensor a2 = matmul(a, a), a4 = matmul(a2, a2), a6 = matmul(a2, a4);
  auto sum_of = [&](int first) {  // every second coefficient, from `first` up
    Tensor low = kPade[first + 6] * a6 + kPade[first + 4] * a4 + kPade[first + 2] * a2 + kPade[first] * one;
    Tensor high = kPade[first + 12] * a6 + kPade[first + 10] * a4 + kPade[first + 8] * a2;
    return low + matmul(a6, high);
  };
  const Tensor odd = matmul(a, sum_of(1)), even = sum_of(0);
  const Tensor start = solve(even - odd, even + odd);
  auto [count, result] = while_loop(
      std::pair{zeros({}, x.dtype()), start}, [&](const auto& state) { return state.first < squarings; },
      [](const auto& state) { return std::pair{state.first + 1.0, matmul(state.second, state.second)}; },
      {.max_trip = kMostSquarings});
  return result;
}
}  // namespace

Tensor expm(const Tensor& operand, Where where) {
  Tensor x = matrices("expm", operand, true, where);
  const Shape shape = x.shape();
  if (x.size() == 0) return x;
  if (shape.size() == 2) return exponential(x);
  Tensor flat = reshaped(x, {x.size() / (shape.back() * shape.back()), shape.back(), shape.back()}, where);
  return reshaped(vmap([](const Tensor& one) { return exponential(one); })(flat), shape, where);
}

}  // namespace nuthatch
