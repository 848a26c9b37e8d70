#pragma once
#include "nuthatch/random.h"

namespace nuthatch::detail {

/// i64 counts of this shape, [..., K], of total_count draws from probs [..., K].
Tensor multinomial(const Key& key, const Tensor& total_count, const Tensor& probs, const Shape& shape);

}  // namespace nuthatch::detail
