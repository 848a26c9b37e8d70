#pragma once
// Where the arrays between the steps of a schedule lie: one block, in which arrays that are not needed at the same time
// share places.
#include "backends/gpu/schedule.h"

namespace nuthatch::gpu {

struct SchedulePlaces {
  std::vector<std::int64_t> offset;  // in the block; -1: an argument or a result, or not used
  std::int64_t bytes = 0;            // of the block
};

std::int64_t bytesOf(const Schedule&, ValueId, std::int64_t chains);
SchedulePlaces placesOf(const Schedule&, std::int64_t chains);

}  // namespace nuthatch::gpu
