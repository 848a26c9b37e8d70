#pragma once
// What the reference kernels share: choosing the C++ type of a dtype, and moving elements between strided layouts.
#include <type_traits>
#include <utility>

#include "ir/math/integer.h"
#include "ir/ops/attributes.h"

namespace nuthatch::ir {

using Operands = std::span<const Array>;
using Results = std::span<Array>;

/// The C++ type that stores a dtype. bool is one byte holding 0 or 1.
template <class F> decltype(auto) withStorage(Dtype dtype, F&& f) {
  switch (dtype) {
    case Dtype::bool_: return f(std::type_identity<bool>());
    case Dtype::i32: return f(std::type_identity<std::int32_t>());
    case Dtype::i64: return f(std::type_identity<std::int64_t>());
    case Dtype::ui32: return f(std::type_identity<std::uint32_t>());
    case Dtype::ui64: return f(std::type_identity<std::uint64_t>());
    case Dtype::f32: return f(std::type_identity<float>());
    case Dtype::f64: break;
  }
  return f(std::type_identity<double>());
}

/// The type whose operators are the dialect's arithmetic: integers wrap.
template <class T> using Arithmetic = typename std::conditional_t<std::is_integral_v<T> && !std::is_same_v<T, bool>,
                                                                  std::type_identity<math::Wrapping<T>>, std::type_identity<T>>::type;
/// The same for numbers only; bool does not occur.
template <class F> void withNumber(Dtype dtype, F&& f) {
  withStorage(dtype, [&]<class T>(std::type_identity<T>) {
    if constexpr (!std::is_same_v<T, bool>) f(std::type_identity<Arithmetic<T>>());
  });
}

using Strides = std::vector<std::int64_t>;
/// Row-major strides in elements.
Strides rowMajor(std::span<const std::int64_t> shape);

/// A strided view of an array: element (i, j, ...) is at offset + i * strides[0] + j * strides[1] + ...
struct Layout {
  std::int64_t offset = 0;
  Strides strides;
};
/// to(index) = from(index) for every index of `shape`; elements of `size` bytes. The target never aliases the source.
void copyStrided(std::size_t size, std::span<const std::int64_t> shape, std::byte* to, const Layout& toLayout,
                 const std::byte* from, const Layout& fromLayout);
/// Sets every element to the one at `value`.
void fill(Array& out, const std::byte* value);

/// Offsets of all indices of `shape`, in row-major order, under the given strides.
std::vector<std::int64_t> offsets(std::span<const std::int64_t> shape, std::span<const std::int64_t> strides);

/// The number of elements before, along and after a dimension.
struct Around {
  std::int64_t outer = 1, extent = 1, inner = 1;
  Around(const Shape& shape, std::int64_t dim) {
    for (std::size_t d = 0; d < shape.size(); ++d) (std::int64_t(d) < dim ? outer : std::int64_t(d) == dim ? extent : inner) *= shape[d];
  }
};

}  // namespace nuthatch::ir
