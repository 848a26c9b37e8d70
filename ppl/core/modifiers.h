#pragma once
/// What kind of modifier a distribution is, for rules that see through them.
#include <cstdint>

#include "nuthatch/detail/distribution_impl.h"

namespace nuthatch::detail {

enum class ModifierKind : std::uint8_t { none, expanded, independent, masked, restricted };
ModifierKind modifier_kind(const DistributionImpl&);

}  // namespace nuthatch::detail
