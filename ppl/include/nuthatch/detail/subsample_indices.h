#pragma once
#include "nuthatch/random.h"

namespace nuthatch::detail {

/// `count` different numbers of 0 ... size-1 in random order: the first part of a Fisher-Yates shuffle. i64 [count].
Tensor subsample_indices(const Key& key, std::int64_t size, std::int64_t count);

}  // namespace nuthatch::detail
