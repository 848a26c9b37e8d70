#include "nuthatch/detail/array.h"

#include <new>

namespace nuthatch {

const char* name(Dtype d) {
  switch (d) {
    case Dtype::bool_: return "bool";
    case Dtype::i32: return "i32";
    case Dtype::i64: return "i64";
    case Dtype::ui32: return "ui32";
    case Dtype::ui64: return "ui64";
    case Dtype::f32: return "f32";
    case Dtype::f64: return "f64";
  }
  return "?";
}

std::string to_string(const Shape& shape) {
  std::string s = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) s += (i ? ", " : "") + std::to_string(shape[i]);
  return s + "]";
}

namespace detail {

// Whole cache lines, so that vector loads of the last elements stay inside the allocation.
constexpr std::size_t kLine = 64;

Array::Array(Dtype dtype, Shape shape) : dtype(dtype), shape(std::move(shape)) {
  std::size_t size = (bytes() + kLine - 1) / kLine * kLine;
  auto* p = static_cast<std::byte*>(::operator new(size ? size : kLine, std::align_val_t(kLine)));
  data = Shared<std::byte>(p, [](void* q) { ::operator delete(q, std::align_val_t(kLine)); });
}

}  // namespace detail
}  // namespace nuthatch
