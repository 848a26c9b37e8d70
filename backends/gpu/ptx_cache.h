#pragma once
// PTX on disk, beside the objects of the processors (backends/runtime/object_cache.h): writing it takes most of the time
// from a model to its first draw.
#include "backends/gpu/ptx.h"

namespace nuthatch::gpu {

/// compilePtx, or what it gave before. `from_cache` says which.
PtxProgram cachedPtx(const ir::TracedProgram&, const PtxOptions&, bool& from_cache);

}  // namespace nuthatch::gpu
