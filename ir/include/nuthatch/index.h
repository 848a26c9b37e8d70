#pragma once
/// What stands between the brackets: x[i], x(i, j, ...), x.at(i, ...).
#include <cstdint>
#include <optional>

#include "nuthatch/tensor.h"

namespace nuthatch {

/// Elements a, a + step, ... before b; negative bounds count from the end, bounds beyond the extent are cut to it.
struct Slice {
  std::optional<std::int64_t> start, stop;
  std::int64_t step = 1;
};
constexpr Slice slice(std::int64_t a, std::int64_t b, std::int64_t step = 1) { return {a, b, step}; }
/// From element a to the end.
constexpr Slice from(std::int64_t a) { return {a, std::nullopt, 1}; }
/// Up to, without, element b.
constexpr Slice until(std::int64_t b) { return {std::nullopt, b, 1}; }
/// A whole dimension.
inline constexpr Slice all{};
/// Inserts a dimension of extent 1.
struct NewAxis {};
inline constexpr NewAxis newaxis{};
/// As many `all` as are missing.
struct Ellipsis {};
inline constexpr Ellipsis ellipsis{};

/// One index. Integers are bounds checked and drop their dimension; negative ones count from the end. An integer tensor
/// gathers: its shape takes the place of the dimension, several broadcast together as in NumPy (next to each other: in
/// place; separated by slices: in front). Concrete index tensors are bounds checked. A traced index cannot be: negative
/// values count from the end, what is still out of range is clamped (reading) or dropped (x.at with index tensors).
class Index {
 public:
  enum class Kind : std::uint8_t { integer, tensor, slice, newaxis, ellipsis };
  template <class T>
    requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
  Index(T i, Where where = Where::current()) : kind(Kind::integer), integer(std::int64_t(i)), where(where) {}
  Index(const Tensor& i, Where where = Where::current()) : kind(Kind::tensor), tensor(i), where(where) {}
  Index(const Slice& s, Where where = Where::current()) : kind(Kind::slice), range(s), where(where) {}
  Index(NewAxis, Where where = Where::current()) : kind(Kind::newaxis), where(where) {}
  Index(Ellipsis, Where where = Where::current()) : kind(Kind::ellipsis), where(where) {}

  Kind kind;
  std::int64_t integer = 0;
  Slice range;
  Tensor tensor;
  Where where;
};

/// The pending update x.at(indices). Values broadcast to the shape of x(indices) and take the dtype of x. Where an
/// index occurs several times, add/mul/min/max combine all of them and the last `set` in row-major order wins.
class Update {
 public:
  Update(Tensor x, std::vector<Index> indices) : x_(std::move(x)), indices_(std::move(indices)) {}
  Tensor set(const Tensor& v, Where where = Where::current()) const;
  Tensor add(const Tensor& v, Where where = Where::current()) const;
  Tensor mul(const Tensor& v, Where where = Where::current()) const;
  Tensor min(const Tensor& v, Where where = Where::current()) const;
  Tensor max(const Tensor& v, Where where = Where::current()) const;

 private:
  Tensor x_;
  std::vector<Index> indices_;
};

/// x indexed by a list made at run time.
Tensor index(const Tensor& x, const std::vector<Index>& indices, Where where = Where::current());

}  // namespace nuthatch
