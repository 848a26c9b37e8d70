#pragma once
/// Shape arithmetic of distributions.
#include <optional>
#include <string>

#include "nuthatch/tensor.h"

namespace nuthatch::detail {

/// The common shape as NumPy broadcasts, or nothing.
std::optional<Shape> try_broadcast(const Shape& a, const Shape& b);
/// a followed by b.
Shape join(const Shape& a, const Shape& b);
/// Without the last n extents, and only these.
Shape leading(const Shape& shape, std::size_t n);
Shape trailing(const Shape& shape, std::size_t n);
/// x in that shape; x itself when it has it already.
Tensor broadcast_if_needed(const Tensor& x, const Shape& shape);
/// "-10", "0.25": few digits, as in messages.
std::string number(double x);

}  // namespace nuthatch::detail
