#pragma once
// How many chains share a vector register, from what a program of one chain does.
#include <cstdint>

#include "ir/trace/program.h"

namespace nuthatch::detail {

/// 1 for one chain, 4 for up to four, 8 for more. A program with products, factors or solutions of matrices that do not
/// stay in a second-level cache for eight chains stays at four: docs/design/schedules.md has the measurements.
int packWidth(const ir::TracedProgram&, std::int64_t chains);

}  // namespace nuthatch::detail
