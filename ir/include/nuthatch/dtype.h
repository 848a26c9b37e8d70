#pragma once
/// Element types and shapes. `bool_` is the IR's i1, stored as one byte.
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace nuthatch {

enum class Dtype : std::uint8_t { bool_, i32, i64, ui32, ui64, f32, f64 };

inline constexpr Dtype bool_ = Dtype::bool_, i32 = Dtype::i32, i64 = Dtype::i64, ui32 = Dtype::ui32,
                       ui64 = Dtype::ui64, f32 = Dtype::f32, f64 = Dtype::f64;

/// Bytes per element: 1, 4 or 8.
constexpr std::size_t size_of(Dtype d) {
  switch (d) {
    case Dtype::bool_: return 1;
    case Dtype::i32: case Dtype::ui32: case Dtype::f32: return 4;
    default: return 8;
  }
}
constexpr bool is_float(Dtype d) { return d == Dtype::f32 || d == Dtype::f64; }
constexpr bool is_integer(Dtype d) { return !is_float(d) && d != Dtype::bool_; }
const char* name(Dtype);

/// Extents, outermost first; empty for a scalar.
struct Shape : std::vector<std::int64_t> {
  using std::vector<std::int64_t>::vector;
  Shape() = default;
  Shape(std::initializer_list<std::int64_t> extents) : std::vector<std::int64_t>(extents) {}
  explicit Shape(std::vector<std::int64_t> extents) : std::vector<std::int64_t>(std::move(extents)) {}
  std::int64_t num_elements() const {
    std::int64_t n = 1;
    for (auto e : *this) n *= e;
    return n;
  }
};
/// "[3, 4]", "[]" for a scalar.
std::string to_string(const Shape&);

}  // namespace nuthatch
