#pragma once
// The memory a program will need, known before it runs, against what the machine has.
#include <cstdint>

namespace nuthatch::detail {

/// Memory of the machine, or the share of it that its control group may use. Bytes.
double machineMemory();

/// Throws nuthatch::Error when `workspaces` scratch areas and the results do not fit into the machine's memory.
/// `lanes` chains share a scratch area.
void requireMemory(std::int64_t workspace_bytes, std::int64_t workspaces, int lanes, double result_bytes);

}  // namespace nuthatch::detail
