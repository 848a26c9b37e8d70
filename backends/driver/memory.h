#pragma once
// The memory a program will need, known before it runs, against what there is.
#include <cstdint>

namespace nuthatch::detail {

/// Throws nuthatch::Error when `workspaces` scratch areas and the results do not fit into the machine's memory, or are
/// large and do not fit into what is free of it. `lanes` chains share a scratch area.
void requireMemory(std::int64_t workspace_bytes, std::int64_t workspaces, int lanes, double result_bytes);

}  // namespace nuthatch::detail
