#pragma once
/// A concrete dense row-major array: what a Tensor holds outside a trace, and what compiled programs read and write.

#include "nuthatch/detail/shared.h"
#include "nuthatch/dtype.h"

namespace nuthatch::detail {

struct Array {
  Dtype dtype = Dtype::f64;
  Shape shape;
  Shared<std::byte> data;  // 64-byte aligned, size_of(dtype) * num_elements() bytes

  Array() = default;
  Array(Dtype dtype, Shape shape);  // uninitialised elements
  std::int64_t num_elements() const { return shape.num_elements(); }
  std::size_t bytes() const { return std::size_t(num_elements()) * size_of(dtype); }
  template <class T> T* as() { return reinterpret_cast<T*>(data.get()); }
  template <class T> const T* as() const { return reinterpret_cast<const T*>(data.get()); }
};

}  // namespace nuthatch::detail
