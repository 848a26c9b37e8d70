#pragma once
// Evaluating single operations through the API's door, with arrays written as literals.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "nuthatch/detail/emit.h"
#include "nuthatch/detail/kinds.h"
#include "nuthatch/error.h"

namespace nuthatch::test {

using namespace nuthatch::detail;
using List = std::vector<std::int64_t>;

template <class T> constexpr Dtype dtypeFor() {
  if constexpr (std::is_same_v<T, bool>) return Dtype::bool_;
  else if constexpr (std::is_same_v<T, std::int32_t>) return Dtype::i32;
  else if constexpr (std::is_same_v<T, std::int64_t>) return Dtype::i64;
  else if constexpr (std::is_same_v<T, std::uint32_t>) return Dtype::ui32;
  else if constexpr (std::is_same_v<T, std::uint64_t>) return Dtype::ui64;
  else if constexpr (std::is_same_v<T, float>) return Dtype::f32;
  else return Dtype::f64;
}

template <class T> Array array(Shape shape, const std::vector<T>& values) {
  Array a(dtypeFor<T>(), std::move(shape));
  EXPECT_EQ(a.num_elements(), std::int64_t(values.size()));
  for (std::size_t i = 0; i < values.size(); ++i) a.as<T>()[i] = values[i];
  return a;
}
inline Array doubles(Shape shape, const std::vector<double>& values) { return array<double>(std::move(shape), values); }
inline Array vector(const std::vector<double>& values) { return doubles({std::int64_t(values.size())}, values); }
inline Array index(std::int64_t i) { return array<std::int64_t>({}, {i}); }
inline Array zeros(Dtype dtype, Shape shape) {
  Array a(dtype, std::move(shape));
  std::fill_n(a.data.get(), a.bytes(), std::byte{0});
  return a;
}
/// 0, 1, 2, ... in row-major order.
template <class T = double> Array counting(Shape shape) {
  Array a(dtypeFor<T>(), std::move(shape));
  for (std::int64_t i = 0; i < a.num_elements(); ++i) a.as<T>()[i] = T(i);
  return a;
}

template <class T> std::vector<T> values(const Array& a) {
  EXPECT_EQ(a.dtype, dtypeFor<T>());
  return std::vector<T>(a.as<T>(), a.as<T>() + a.num_elements());
}
inline std::vector<double> values(const Array& a) { return values<double>(a); }

inline Array eval(const char* op, const std::vector<Array>& operands, const Attrs& attrs = {}) {
  Values in;
  for (const Array& a : operands) in.push_back(concrete(a));
  return emit(op, in, attrs, std::source_location::current())->array;
}
template <class K> std::pair<const char*, Attr> kind(K k) { return {"kind", Kind{int(k)}}; }

template <class T> Array unary(Unary k, const std::vector<T>& x) {
  return eval("unary", {array<T>({std::int64_t(x.size())}, x)}, {kind(k)});
}
template <class T> Array binary(Binary k, const std::vector<T>& a, const std::vector<T>& b) {
  const Shape shape{std::int64_t(a.size())};
  return eval("binary", {array<T>(shape, a), array<T>(shape, b)}, {kind(k)});
}

/// Equal as numbers, equal signs of zero, NaN equal to NaN.
template <class T> void expectSame(const Array& have, const std::vector<T>& want) {
  auto got = values<T>(have);
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t i = 0; i < want.size(); ++i) {
    if constexpr (std::is_floating_point_v<T>) {
      if (std::isnan(want[i])) {
        EXPECT_TRUE(std::isnan(got[i])) << "at " << i << ": " << got[i];
      } else {
        EXPECT_EQ(got[i], want[i]) << "at " << i;
        EXPECT_EQ(std::signbit(got[i]), std::signbit(want[i])) << "at " << i;
      }
    } else {
      EXPECT_EQ(got[i], want[i]) << "at " << i;
    }
  }
}
inline void expectSame(const Array& have, const std::vector<double>& want) { expectSame<double>(have, want); }

inline std::vector<double> randoms(std::size_t n, unsigned seed, double low = -2, double high = 2) {
  std::mt19937_64 bits(seed);
  std::uniform_real_distribution<double> draw(low, high);
  std::vector<double> out(n);
  for (double& x : out) x = draw(bits);
  return out;
}
inline Array randomArray(Shape shape, unsigned seed) {
  const auto n = std::size_t(shape.num_elements());
  return doubles(std::move(shape), randoms(n, seed));
}

}  // namespace nuthatch::test
