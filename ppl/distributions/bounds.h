#pragma once
/// Order between parameters that are bounds; checked like their constraints, where both are concrete.
#include "nuthatch/distribution.h"

namespace nuthatch::detail {

/// Parameter `low` must be less than parameter `high`; both are indices.
void require_less(DistributionImpl& d, std::size_t low, std::size_t high);
void require_not_greater(DistributionImpl& d, std::size_t low, std::size_t high);

} // namespace nuthatch::detail
