#pragma once
/// A sum of innovations: what all random walks are.
#include "nuthatch/distribution.h"

namespace nuthatch::detail {

/// x_1 ~ init, x_t - x_{t-1} ~ innovation, for num_steps values. Throws, naming the distribution, when they do not fit.
Distribution random_walk(const char* name, const Distribution& init, const Distribution& innovation,
                         std::int64_t num_steps, Where where);

}  // namespace nuthatch::detail
