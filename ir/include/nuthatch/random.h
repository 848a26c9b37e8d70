#pragma once
/// Counter-based random numbers: Threefry-2x32-20. Element i depends on (key, i) only: the same numbers on every machine
/// and thread count. Bits, split, fold_in, uniform and randint equal JAX's partitionable generator bit for bit.
/// A batch of keys (shape [B...]) gives results [B..., shape...].
#include <array>
#include <cstdint>

#include "nuthatch/index.h"
#include "nuthatch/tensor.h"

namespace nuthatch {

/// A random key, or an array of keys. Use a key once; split it for more.
class Key {
 public:
  Key() = default;
  explicit Key(std::uint64_t seed, Where where = Where::current());
  /// A ui32 tensor [..., 2] as key data.
  static Key from_tensor(Tensor data, Where where = Where::current());
  const Tensor& tensor() const { return data_; }
  /// Shape of the key array; [] for one key.
  Shape shape() const;
  /// Extent of the leading axis of a key array.
  std::int64_t size() const;
  /// Key i of an array of keys.
  Key operator[](const Index& i) const;

 private:
  Tensor data_;
};
std::string to_string(const Key&);

/// An array of n new keys.
Key split(const Key& key, std::int64_t n = 2, Where where = Where::current());
/// auto [a, b, c] = split<3>(key);
template <std::size_t N>
std::array<Key, N> split(const Key& key, Where where = Where::current());
/// A new key from a key and an integer (its low 32 bits), which may be traced.
Key fold_in(const Key& key, const Tensor& data, Where where = Where::current());

/// Random bits; dtype ui32 or ui64.
Tensor random_bits(const Key& key, const Shape& shape = {}, Dtype dtype = ui64, Where where = Where::current());
/// Uniform on [0, 1).
Tensor uniform(const Key& key, const Shape& shape = {}, Dtype dtype = f64, Where where = Where::current());
/// Uniform on [low, high), which broadcast to the shape.
Tensor uniform(const Key& key, const Shape& shape, const Tensor& low, const Tensor& high, Where where = Where::current());
/// Standard normal: sqrt(2) erf_inv(u), u uniform on (-1, 1).
Tensor normal(const Key& key, const Shape& shape = {}, Dtype dtype = f64, Where where = Where::current());
/// Exponential with rate 1.
Tensor exponential(const Key& key, const Shape& shape = {}, Dtype dtype = f64, Where where = Where::current());
/// Standard Gumbel.
Tensor gumbel(const Key& key, const Shape& shape = {}, Dtype dtype = f64, Where where = Where::current());
/// true with probability p; shape defaults to that of p, which broadcasts to it.
Tensor bernoulli(const Key& key, const Tensor& p, Where where = Where::current());
Tensor bernoulli(const Key& key, const Tensor& p, const Shape& shape, Where where = Where::current());
/// i64 index drawn in proportion to exp(logits) over the last dimension; the other dimensions broadcast to shape.
Tensor categorical(const Key& key, const Tensor& logits, Where where = Where::current());
Tensor categorical(const Key& key, const Tensor& logits, const Shape& shape, Where where = Where::current());
/// Integers low ... high-1, i64 or i32. Error when known bounds have low >= high; traced ones give low.
Tensor randint(const Key& key, const Shape& shape, const Tensor& low, const Tensor& high, Dtype dtype = i64,
               Where where = Where::current());
/// The numbers 0 ... n-1 in random order, i64.
Tensor permutation(const Key& key, std::int64_t n, Where where = Where::current());
/// The rows of x in random order.
Tensor permutation(const Key& key, const Tensor& x, Where where = Where::current());

namespace detail {
/// Key i along the last axis of a key array.
Key child_key(const Key& keys, std::int64_t i, Where where);
}  // namespace detail

template <std::size_t N>
std::array<Key, N> split(const Key& key, Where where) {
  Key keys = split(key, std::int64_t(N), where);
  std::array<Key, N> result;
  for (std::size_t i = 0; i < N; ++i) result[i] = detail::child_key(keys, std::int64_t(i), where);
  return result;
}

}  // namespace nuthatch
