#pragma once
#include "backends/cpu/lane.h"

namespace nuthatch::cpu {

/// Metadata of modules whose code threads run together.
inline constexpr const char* kThreadsMark = "nuthatch.threads";

/// a - b trunc(a / b), exact, with the sign of a, for doubles without vectors: NaN where b is zero, a is infinite, or either
/// is NaN. By integer arithmetic, for processors that have no such function: long division, eleven bits at a time.
Real exactRemainder(Real a, Real b);

}  // namespace nuthatch::cpu
