#include "nuthatch/tensor.h"

#include <algorithm>
#include <cmath>

#include "ir/api/gpus.h"
#include "ir/api/operands.h"

namespace nuthatch {
using namespace detail;

namespace {
/// The dtype of numbers written together, and the numbers as an array.
struct Literals {
  Shape shape;
  std::vector<Literal> flat;

  Dtype dtype() const {
    bool real = false, wide = false, all_bool = !flat.empty();
    for (const auto& x : flat) {
      real = real || is_float(x.dtype);
      wide = wide || x.dtype == Dtype::f64 || x.dtype == Dtype::i64;
      all_bool = all_bool && x.dtype == Dtype::bool_;
    }
    return all_bool ? Dtype::bool_ : !real ? (flat.empty() ? Dtype::f64 : Dtype::i64) : wide ? Dtype::f64 : Dtype::f32;
  }
  Array array() const {
    Array a(dtype(), shape);
    for (std::size_t i = 0; i < flat.size(); ++i) {
      const Literal& x = flat[i];
      const double real = is_float(x.dtype) ? x.real : double(x.integer);
      switch (a.dtype) {
        case Dtype::bool_: a.as<bool>()[i] = x.integer != 0; break;
        case Dtype::i64: a.as<std::int64_t>()[i] = x.integer; break;
        case Dtype::f32: a.as<float>()[i] = float(real); break;
        default: a.as<double>()[i] = real;
      }
    }
    return a;
  }
};

template <class Row>
void same_length(const Row& first, const Row& row, Where where) {
  if (row.size() != first.size())
    throw Error("Tensor{...}: rows of " + std::to_string(first.size()) + " and " + std::to_string(row.size()) + " numbers", where);
}

template <class T, class V>
Array vector_array(const V& x, Dtype dtype) {
  Array a(dtype, Shape{std::int64_t(x.size())});
  std::copy(x.begin(), x.end(), a.as<T>());
  return a;
}

const Array& only_concrete(const char* op, const Tensor& x, Where where) {
  const Value& v = checked(op, x, where);
  if (!v.concrete())
    fail(op, "a traced value of shape " + to_string(v.type.shape) + " (from " + to_string(v.where) +
                 ") has no elements yet; return it from the traced function and look at the result",
         where);
  return v.array;
}

template <class T>
T element(const Array& a, std::int64_t i) {
  if constexpr (std::is_same_v<T, bool>)
    return real_at(a, i) != 0;
  else if constexpr (std::is_floating_point_v<T>)
    return T(real_at(a, i));
  else
    return T(integer_at(a, i));
}
}  // namespace

Tensor::Tensor(Literal x, Where where) : value_(concrete(Literals{{}, {x}}.array(), true, where)) {}
Tensor::Tensor(const std::vector<double>& x, Where where) : value_(concrete(vector_array<double>(x, f64), false, where)) {}
Tensor::Tensor(const std::vector<float>& x, Where where) : value_(concrete(vector_array<float>(x, f32), false, where)) {}
Tensor::Tensor(const std::vector<int>& x, Where where) : value_(concrete(vector_array<std::int64_t>(x, i64), false, where)) {}
Tensor::Tensor(const std::vector<std::int64_t>& x, Where where)
    : value_(concrete(vector_array<std::int64_t>(x, i64), false, where)) {}
Tensor::Tensor(const std::vector<bool>& x, Where where) : value_(concrete(vector_array<bool>(x, bool_), false, where)) {}

Tensor::Tensor(std::initializer_list<Literal> x, Where where)
    : value_(concrete(Literals{{std::int64_t(x.size())}, std::vector<Literal>(x)}.array(), false, where)) {}

Tensor::Tensor(std::initializer_list<std::initializer_list<Literal>> x, Where where) {
  Literals all{{std::int64_t(x.size()), std::int64_t(x.size() ? x.begin()->size() : 0)}, {}};
  for (const auto& row : x) {
    same_length(*x.begin(), row, where);
    all.flat.insert(all.flat.end(), row.begin(), row.end());
  }
  value_ = concrete(all.array(), false, where);
}

Tensor::Tensor(std::initializer_list<std::initializer_list<std::initializer_list<Literal>>> x, Where where) {
  const auto& first = *x.begin();
  Literals all{{std::int64_t(x.size()), std::int64_t(first.size()), std::int64_t(first.size() ? first.begin()->size() : 0)}, {}};
  for (const auto& matrix : x) {
    same_length(first, matrix, where);
    for (const auto& row : matrix) {
      same_length(*first.begin(), row, where);
      all.flat.insert(all.flat.end(), row.begin(), row.end());
    }
  }
  value_ = concrete(all.array(), false, where);
}

Dtype Tensor::dtype() const { return checked("dtype", *this, value_ ? value_->where : Where()).type.dtype; }
const Shape& Tensor::shape() const { return checked("shape", *this, value_ ? value_->where : Where()).type.shape; }
std::int64_t Tensor::ndim() const { return std::int64_t(shape().size()); }
std::int64_t Tensor::size() const { return shape().num_elements(); }
std::int64_t Tensor::size(int dim, Where where) const {
  checked("size", *this, where);
  return shape()[std::size_t(axis_of("size", dim, shape().size(), shape(), where))];
}
bool Tensor::is_concrete() const { return value_ && value_->concrete(); }
bool Tensor::is_weak() const { return value_ && value_->weak; }

Tensor Tensor::cast(Dtype dtype, Where where) const {
  const Value& v = checked("cast", *this, where);
  if (v.weak) {  // a cast literal has a dtype of its own from now on
    auto strong = share<Value>(*detail::value(convert(*this, dtype, where)));
    strong->weak = false;
    // ... but in a program it is a constant still, not one of its captures.
    if (strong->concrete() && tracing()) return constant(strong->array, where);
    return wrap(std::move(strong));
  }
  return convert(*this, dtype, where);
}

Tensor Tensor::to(const Device& device, Where where) const {
  const Array& a = only_concrete("to", *this, where);
  if (device.is_gpu()) return wrap(concrete(on_gpu(a, device.index()), is_weak(), where));
  a.data.get();
  return *this;
}

template <class T>
T Tensor::item(Where where) const {
  const Array& a = only_concrete("item", *this, where);
  if (a.num_elements() != 1) fail("item", "shape " + to_string(a.shape) + " does not have one element", where);
  return element<T>(a, 0);
}

template <class T>
std::vector<T> Tensor::to_vector(Where where) const {
  const Array& a = only_concrete("to_vector", *this, where);
  std::vector<T> out(std::size_t(a.num_elements()));
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = element<T>(a, std::int64_t(i));
  return out;
}

#define NUTHATCH_ELEMENT(T)            \
  template T Tensor::item<T>(Where) const; \
  template std::vector<T> Tensor::to_vector<T>(Where) const;
NUTHATCH_ELEMENT(double)
NUTHATCH_ELEMENT(float)
NUTHATCH_ELEMENT(int)
NUTHATCH_ELEMENT(unsigned)
NUTHATCH_ELEMENT(long)
NUTHATCH_ELEMENT(unsigned long)
NUTHATCH_ELEMENT(bool)
#undef NUTHATCH_ELEMENT

Tensor::operator bool() const {
  if (!value_) throw Error("if (x): an empty Tensor is used; it was declared and never given a value");
  if (!value_->concrete())
    throw Error("if (x): the condition depends on a traced value of shape " + to_string(shape()) +
                    "\n  use select(p, a, b) elementwise, or cond(p, f, g) to evaluate one branch only",
                value_->where);
  if (value_->array.num_elements() != 1)
    throw Error("if (x): a condition is one element, not shape " + to_string(shape()) + "; use all_of or any_of", value_->where);
  return real_at(value_->array, 0) != 0;
}

}  // namespace nuthatch
