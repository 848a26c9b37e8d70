#include "nuthatch/detail/shapes.h"

#include <algorithm>
#include <cstdio>

#include "nuthatch/array.h"

namespace nuthatch::detail {

std::optional<Shape> try_broadcast(const Shape& a, const Shape& b) {
  Shape result(std::max(a.size(), b.size()), 1);
  for (std::size_t i = 0; i < result.size(); ++i) {
    std::int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1, y = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (x != y && x != 1 && y != 1) return std::nullopt;
    result[result.size() - 1 - i] = x == 1 ? y : x;
  }
  return result;
}

Shape join(const Shape& a, const Shape& b) {
  Shape result = a;
  result.insert(result.end(), b.begin(), b.end());
  return result;
}

Shape leading(const Shape& shape, std::size_t n) {
  Shape result = shape;
  result.resize(shape.size() - std::min(n, shape.size()));
  return result;
}

Shape trailing(const Shape& shape, std::size_t n) {
  Shape result;
  result.assign(shape.end() - std::ptrdiff_t(std::min(n, shape.size())), shape.end());
  return result;
}

Tensor broadcast_if_needed(const Tensor& x, const Shape& shape) {
  return x.shape() == shape ? x : broadcast_to(x, shape);
}

std::string number(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", x);
  return text;
}

}  // namespace nuthatch::detail
