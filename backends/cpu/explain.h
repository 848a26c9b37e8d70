#pragma once
// What the plan of a program costs: its groups, the bytes each reads and writes, how often inputs are read, and its
// buffers.
#include <string>

#include "ir/trace/program.h"

namespace nuthatch::cpu {

/// For one chain; the memory of a chain in lanes is that of a program whose arguments differ and whose captures are
/// shared.
std::string explain(const ir::TracedProgram&);

} // namespace nuthatch::cpu
