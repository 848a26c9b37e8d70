#pragma once
/// Distributions on the real line.
#include "nuthatch/constraints.h"

namespace nuthatch::detail {

/// Where a set of numbers begins and ends; -infinity and infinity where it does not.
struct Ends {
  Tensor lower, upper;
};
Ends ends(const Constraint& set);

}  // namespace nuthatch::detail
