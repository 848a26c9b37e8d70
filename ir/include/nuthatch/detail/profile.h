#pragma once
/// Measured runs of a program, by the backend.
#include "nuthatch/detail/emit.h"
#include "nuthatch/profile.h"

namespace nuthatch::detail {
Profile profile_program(const Program&, const std::vector<Array>& arguments);
}  // namespace nuthatch::detail
