#include "nuthatch/random.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "ir/api/operands.h"
#include "nuthatch/array.h"
#include "nuthatch/math.h"
#include "nuthatch/order.h"

namespace nuthatch {
using namespace detail;

namespace {
const Tensor& data(const char* op, const Key& key, Where where) {
  if (!key.tensor().defined()) fail(op, "an empty Key is used; write Key(seed)", where);
  return key.tensor();
}
void float_dtype(const char* op, Dtype dtype, Where where) {
  if (!is_float(dtype)) fail(op, std::string("dtype is f32 or f64, not ") + name(dtype), where);
}
Tensor bits(const char* op, const Key& key, const Shape& shape, Dtype dtype, Where where) {
  for (auto n : shape)
    if (n < 0) fail(op, "negative extent in shape " + to_string(shape), where);
  return emit_one("rng_bits", {data(op, key, where)}, {{"dtype", dtype}, {"shape", Ints(shape)}}, where);
}
Tensor bitwise(Binary kind, const Tensor& a, std::int64_t b, Where where) {
  return binary(kind, "random", a, literal_integer(b, a.dtype()), where);
}
/// The high bits as the fraction of a number in [1, 2), less 1.
Tensor unit(const char* op, const Key& key, const Shape& shape, Dtype dtype, Where where) {
  float_dtype(op, dtype, where);
  const bool single = dtype == f32;
  Tensor b = bits(op, key, shape, single ? ui32 : ui64, where);
  b = bitwise(Binary::shr, b, single ? 9 : 12, where);
  b = bitwise(Binary::or_, b, single ? 0x3f800000 : 0x3ff0000000000000, where);
  Tensor x = emit_one("bitcast", {b}, {{"dtype", dtype}}, where);
  return binary(Binary::sub, op, x, literal(1, dtype), where);
}
}  // namespace

Key::Key(std::uint64_t seed, Where where) {
  Array a(ui32, {2});
  a.as<std::uint32_t>()[0] = std::uint32_t(seed >> 32);
  a.as<std::uint32_t>()[1] = std::uint32_t(seed);
  data_ = wrap(concrete(std::move(a), false, where));
}
Key Key::from_tensor(Tensor t, Where where) {
  const TensorType& type = checked("Key::from_tensor", t, where).type;
  if (type.dtype != ui32 || type.shape.empty() || type.shape.back() != 2)
    fail("Key::from_tensor", "key data are ui32[..., 2], not " + describe(t), where);
  Key key;
  key.data_ = std::move(t);
  return key;
}
Shape Key::shape() const {
  Shape s = data_.shape();
  s.pop_back();
  return s;
}
std::int64_t Key::size() const {
  const Shape s = shape();
  if (s.empty()) throw Error("Key: one key has no size; split it");
  return s[0];
}
Key Key::operator[](const Index& i) const {
  if (data("Key", *this, i.where).ndim() < 2) fail("Key", "one key cannot be indexed; split it first", i.where);
  return from_tensor(data_[i], i.where);
}
std::string to_string(const Key& key) { return "Key(" + to_string(key.tensor()) + ")"; }

Key split(const Key& key, std::int64_t n, Where where) {
  if (n < 1) fail("split", "into " + std::to_string(n) + " keys", where);
  return Key::from_tensor(emit_one("rng_split", {data("split", key, where)}, {{"count", n}}, where), where);
}
namespace detail {
Key child_key(const Key& keys, std::int64_t i, Where where) {
  return Key::from_tensor(index(keys.tensor(), {Index(ellipsis, where), Index(i, where), Index(all, where)}, where), where);
}
}  // namespace detail

Key fold_in(const Key& key, const Tensor& number, Where where) {
  const Tensor& k = data("fold_in", key, where);
  if (!is_integer(checked("fold_in", number, where).type.dtype)) fail("fold_in", "takes integers, not " + describe(number), where);
  const Shape batch = broadcast_shape("fold_in", key.shape(), number.shape(), where);
  Shape keys = batch;
  keys.push_back(2);
  return Key::from_tensor(
      emit_one("rng_fold_in", {expand(k, keys, where), expand(convert(number, ui32, where), batch, where)}, {}, where), where);
}

Tensor random_bits(const Key& key, const Shape& shape, Dtype dtype, Where where) {
  if (dtype != ui32 && dtype != ui64) fail("random_bits", std::string("dtype is ui32 or ui64, not ") + name(dtype), where);
  return bits("random_bits", key, shape, dtype, where);
}

Tensor uniform(const Key& key, const Shape& shape, Dtype dtype, Where where) { return unit("uniform", key, shape, dtype, where); }

// Rounding may carry u (high - low) + low below low; never up to high.
Tensor uniform(const Key& key, const Shape& shape, const Tensor& low, const Tensor& high, Where where) {
  CallerLine line(where);
  const Dtype dtype = floating(promote("uniform", low, high, where));
  Tensor a = convert(low, dtype, where), b = convert(high, dtype, where);
  return maximum(a, unit("uniform", key, shape, dtype, where) * (b - a) + a);
}

Tensor normal(const Key& key, const Shape& shape, Dtype dtype, Where where) {
  CallerLine line(where);
  float_dtype("normal", dtype, where);
  const double low = dtype == f32 ? double(std::nextafterf(-1.0f, 0.0f)) : std::nextafter(-1.0, 0.0);
  Tensor a = literal(low, dtype);
  return std::numbers::sqrt2 * erf_inv(maximum(a, unit("normal", key, shape, dtype, where) * 2.0 + a));
}

Tensor exponential(const Key& key, const Shape& shape, Dtype dtype, Where where) {
  CallerLine line(where);
  return -log1p(-unit("exponential", key, shape, dtype, where));
}

Tensor gumbel(const Key& key, const Shape& shape, Dtype dtype, Where where) {
  CallerLine line(where);
  float_dtype("gumbel", dtype, where);
  Tensor tiny = literal(dtype == f32 ? double(std::numeric_limits<float>::min()) : std::numeric_limits<double>::min(), dtype);
  return -log(-log(maximum(tiny, unit("gumbel", key, shape, dtype, where) * (1.0 - tiny) + tiny)));
}

Tensor bernoulli(const Key& key, const Tensor& p, Where where) {
  return bernoulli(key, p, checked("bernoulli", p, where).type.shape, where);
}
Tensor bernoulli(const Key& key, const Tensor& p, const Shape& shape, Where where) {
  Tensor q = to_float("bernoulli", p, where);
  if (broadcast_shape("bernoulli", q.shape(), shape, where) != shape)
    fail("bernoulli", "p of shape " + to_string(q.shape()) + " does not broadcast to " + to_string(shape), where);
  return compare(Compare::lt, "bernoulli", unit("bernoulli", key, shape, q.dtype(), where), q, where);
}

Tensor categorical(const Key& key, const Tensor& logits, Where where) {
  Shape shape = checked("categorical", logits, where).type.shape;
  if (!shape.empty()) shape.pop_back();
  return categorical(key, logits, shape, where);
}
Tensor categorical(const Key& key, const Tensor& logits, const Shape& shape, Where where) {
  Tensor l = to_float("categorical", logits, where);
  if (l.shape().empty()) fail("categorical", "logits need a dimension of categories", where);
  Shape full = shape, batch = l.shape();
  batch.pop_back();
  if (broadcast_shape("categorical", batch, shape, where) != shape)
    fail("categorical", "logits of shape " + to_string(l.shape()) + " do not broadcast to " + to_string(shape), where);
  full.push_back(l.shape().back());
  return argmax(binary(Binary::add, "categorical", gumbel(key, full, l.dtype(), where), l, where), -1, where);
}

namespace {
/// Known bounds must leave something to draw: low < high, element by element where shapes are equal or one is a scalar.
void check_ascending(const Tensor& low, const Tensor& high, Where where) {
  if (!low.is_concrete() || !high.is_concrete()) return;
  const auto a = low.to_vector<std::int64_t>(where), b = high.to_vector<std::int64_t>(where);
  if (low.shape() != high.shape() && a.size() != 1 && b.size() != 1) return;
  for (std::size_t i = 0; i < std::max(a.size(), b.size()) && !a.empty() && !b.empty(); ++i) {
    const std::int64_t from = a[a.size() == 1 ? 0 : i], to = b[b.size() == 1 ? 0 : i];
    if (from >= to) fail("randint", "low " + std::to_string(from) + " is not below high " + std::to_string(to), where);
  }
}
}  // namespace

// 128 (64) random bits modulo the span, computed from two halves; the bias is below 2^-64 (2^-32) for spans below it.
Tensor randint(const Key& key, const Shape& shape, const Tensor& low, const Tensor& high, Dtype dtype, Where where) {
  CallerLine line(where);
  if (dtype != i32 && dtype != i64) fail("randint", std::string("dtype is i32 or i64, not ") + name(dtype), where);
  const Dtype wide = dtype == i32 ? ui32 : ui64;
  auto bound = [&](const Tensor& x) {
    if (!is_integer(checked("randint", x, where).type.dtype)) fail("randint", "bounds are integers, not " + describe(x), where);
    return convert(x, dtype, where);
  };
  Tensor a = bound(low), b = bound(high);
  check_ascending(low, high, where);
  auto [k1, k2] = split<2>(key, where);
  Tensor span = select(b <= a, literal_integer(1, wide), convert(b - a, wide, where));
  Tensor half = literal_integer(std::int64_t(1) << (dtype == i32 ? 16 : 32), wide) % span;
  Tensor multiplier = (half * half) % span;
  Tensor offset = (bits("randint", k1, shape, wide, where) % span * multiplier + bits("randint", k2, shape, wide, where) % span) % span;
  return a + convert(offset, dtype, where);
}

// In the order of 64 random bits each; two equal ones, which would keep their order, are not to be expected.
Tensor permutation(const Key& key, std::int64_t n, Where where) {
  CallerLine line(where);
  if (!key.shape().empty()) fail("permutation", "needs one key, not " + to_string(key.shape()), where);
  if (n < 0) fail("permutation", std::to_string(n) + " numbers", where);
  return argsort(bits("permutation", key, {n}, ui64, where), -1, where);
}
Tensor permutation(const Key& key, const Tensor& x, Where where) {
  if (checked("permutation", x, where).type.shape.empty()) fail("permutation", "x is a scalar and has no rows", where);
  return take(x, permutation(key, x.size(0), where), 0, where);
}

}  // namespace nuthatch
