#include "nuthatch/detail/array.h"

#include "ir/api/blocks.h"

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

Remote::~Remote() = default;

Array::Array(Dtype dtype, Shape shape) : dtype(dtype), shape(std::move(shape)), data(take_block(bytes()), give_block) {}

}  // namespace detail
}  // namespace nuthatch
