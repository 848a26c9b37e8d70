#pragma once
/// `Tensor`: a handle to a concrete array, or to a value of the program being traced.
///
/// Promotion. A scalar number is a *weak* literal: it adopts the dtype of what it meets, unless that would lose its
/// kind (an integer tensor times 0.5 is f64). Otherwise: bool_ with anything gives the other; i32 with i64 gives i64;
/// an integer with a float gives that float; f32 with f64 gives f64. ui32 and ui64 meet only integers of their own
/// signedness, and floats. Nothing narrows implicitly.
///
/// Shapes broadcast as in NumPy: aligned at the last dimension, extents of 1 repeat.
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <string>
#include <type_traits>
#include <vector>

#include "nuthatch/detail/shared.h"
#include "nuthatch/dtype.h"
#include "nuthatch/error.h"
#include "nuthatch/options.h"

namespace nuthatch {

namespace detail {
struct Value;
using ValuePtr = Shared<const Value>;

/// A number written in braces.
struct Literal {
  union {
    double real;
    std::int64_t integer;
  };
  Dtype dtype;
  template <class T>
    requires std::is_arithmetic_v<T>
  constexpr Literal(T x) {
    if constexpr (std::is_floating_point_v<T>) {
      real = double(x);
      dtype = sizeof(T) == 4 ? Dtype::f32 : Dtype::f64;
    } else {
      integer = std::int64_t(x);
      dtype = std::is_same_v<T, bool> ? Dtype::bool_ : Dtype::i64;
    }
  }
};
}  // namespace detail

template <class T>
concept Number = std::is_arithmetic_v<T>;

class Index;
class Update;

class Device;
class Tensor {
 public:
  /// An empty handle; using it in an operation is an Error.
  Tensor() = default;
  /// A weak scalar: double is f64, float f32, integers i64, bool bool_.
  template <Number T>
  Tensor(T x, Where where = Where::current()) : Tensor(detail::Literal(x), where) {}
  /// A vector; its elements are copied. Integers become i64, except `from(...)` of a given dtype.
  Tensor(const std::vector<double>& x, Where where = Where::current());
  Tensor(const std::vector<float>& x, Where where = Where::current());
  Tensor(const std::vector<int>& x, Where where = Where::current());
  Tensor(const std::vector<std::int64_t>& x, Where where = Where::current());
  Tensor(const std::vector<bool>& x, Where where = Where::current());
  /// `Tensor{0.2, 0.8}`, `Tensor{2, 0, 2}`, `Tensor{{1.0, 2.0}, {3.0, 4.0}}`. One float among the numbers makes all f64;
  /// rows of unequal length are an Error. `Tensor{5.0}` has shape [1], `Tensor(5.0)` is a scalar.
  explicit Tensor(std::initializer_list<detail::Literal> x, Where where = Where::current());
  explicit Tensor(std::initializer_list<std::initializer_list<detail::Literal>> x, Where where = Where::current());
  explicit Tensor(std::initializer_list<std::initializer_list<std::initializer_list<detail::Literal>>> x,
                  Where where = Where::current());

  Tensor(const Tensor&) = default;
  Tensor(Tensor&&) noexcept = default;
  // On lvalues only: x[0] = 5.0 would assign to a temporary. Write x.at(0).set(5.0).
  Tensor& operator=(const Tensor&) & = default;
  Tensor& operator=(Tensor&&) & noexcept = default;

  bool defined() const { return value_ != nullptr; }
  Dtype dtype() const;
  const Shape& shape() const;
  std::int64_t ndim() const;
  /// Number of elements.
  std::int64_t size() const;
  /// Extent of one dimension; negative ones count from the end.
  std::int64_t size(int dim, Where where = Where::current()) const;
  /// False for a value of a program being traced.
  bool is_concrete() const;
  /// True for a literal that adopts the dtype of what it meets.
  bool is_weak() const;

  /// The same values in another dtype: float to integer truncates and saturates, NaN gives 0; to bool_ is x != 0.
  Tensor cast(Dtype dtype, Where where = Where::current()) const;
  /// The same elements of a concrete tensor on a device (device.h), or brought from there. Rarely needed: programs take
  /// what they need to where they run. An Error when it is traced, or the device has not enough memory.
  Tensor to(const Device& device, Where where = Where::current()) const;

  /// The only element of a concrete tensor, converted to T (double, float, int, std::int64_t, unsigned, std::uint64_t,
  /// bool). Error when it has several elements or is traced.
  template <class T = double>
  T item(Where where = Where::current()) const;
  /// The elements of a concrete tensor in row-major order, converted to T.
  template <class T = double>
  std::vector<T> to_vector(Where where = Where::current()) const;
  /// A concrete scalar as a condition; under tracing an Error that names select and cond.
  explicit operator bool() const;

  /// Indexing, see index.h: integers, integer tensors, slice(a, b), from(a), until(b), all, newaxis, ellipsis.
  Tensor operator[](const Index& i) const;
  Tensor operator()(const Index& i) const;
  Tensor operator()(const Index& i, const Index& j) const;
  Tensor operator()(const Index& i, const Index& j, const Index& k) const;
  Tensor operator()(const Index& i, const Index& j, const Index& k, const Index& l) const;
  Tensor operator()(const Index& i, const Index& j, const Index& k, const Index& l, const Index& m) const;
  /// x.at(i, ...).set(v): a copy of x with the indexed elements replaced; see Update.
  Update at(const Index& i) const;
  Update at(const Index& i, const Index& j) const;
  Update at(const Index& i, const Index& j, const Index& k) const;
  Update at(const Index& i, const Index& j, const Index& k, const Index& l) const;

 private:
  Tensor(detail::Literal x, Where where);
  explicit Tensor(detail::ValuePtr value) : value_(std::move(value)) {}
  friend const detail::ValuePtr& detail_value(const Tensor&);
  friend Tensor detail_wrap(detail::ValuePtr);
  detail::ValuePtr value_;
};

inline const detail::ValuePtr& detail_value(const Tensor& x) { return x.value_; }
inline Tensor detail_wrap(detail::ValuePtr value) { return Tensor(std::move(value)); }

namespace detail {
/// What a handle points to, and a handle to a value: for the other modules of the library.
inline const ValuePtr& value(const Tensor& x) { return detail_value(x); }
inline Tensor wrap(ValuePtr value) { return detail_wrap(std::move(value)); }
}  // namespace detail

/// An operand of an operator: a tensor or a number, with the source line of the expression it stands in.
struct Arg {
  Tensor tensor;
  Where where;
  Arg(const Tensor& x, Where where = Where::current()) : tensor(x), where(where) {}
  template <Number T>
  Arg(T x, Where where = Where::current()) : tensor(x, where), where(where) {}
};

/// Arithmetic, elementwise with broadcasting and promotion. `/` of integers truncates towards zero.
Tensor operator+(const Arg& a, const Arg& b);
Tensor operator-(const Arg& a, const Arg& b);
Tensor operator*(const Arg& a, const Arg& b);
Tensor operator/(const Arg& a, const Arg& b);
/// Remainder with the sign of a (fmod).
Tensor operator%(const Arg& a, const Arg& b);
Tensor operator-(const Arg& a);
inline Tensor operator+(const Arg& a) { return a.tensor; }
inline Tensor& operator+=(Tensor& a, const Arg& b) { return a = Arg(a, b.where) + b; }
inline Tensor& operator-=(Tensor& a, const Arg& b) { return a = Arg(a, b.where) - b; }
inline Tensor& operator*=(Tensor& a, const Arg& b) { return a = Arg(a, b.where) * b; }
inline Tensor& operator/=(Tensor& a, const Arg& b) { return a = Arg(a, b.where) / b; }

/// Comparisons, elementwise; dtype bool_. Every comparison with NaN but != is false.
Tensor operator==(const Arg& a, const Arg& b);
Tensor operator!=(const Arg& a, const Arg& b);
Tensor operator<(const Arg& a, const Arg& b);
Tensor operator<=(const Arg& a, const Arg& b);
Tensor operator>(const Arg& a, const Arg& b);
Tensor operator>=(const Arg& a, const Arg& b);

/// Logic on bool_, bits on integers. ~ of bool_ is not.
Tensor operator&(const Arg& a, const Arg& b);
Tensor operator|(const Arg& a, const Arg& b);
Tensor operator^(const Arg& a, const Arg& b);
Tensor operator~(const Arg& a);
Tensor operator<<(const Arg& a, const Arg& bits);
Tensor operator>>(const Arg& a, const Arg& bits);

/// As NumPy prints it; a traced value shows as `Tensor(f64[3, 4], traced at model.cpp:12)`.
std::string to_string(const Tensor& x);
std::ostream& operator<<(std::ostream&, const Tensor&);

}  // namespace nuthatch
