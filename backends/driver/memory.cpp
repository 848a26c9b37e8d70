#include "backends/driver/memory.h"

#include <string>

#include "nuthatch/detail/available_memory.h"
#include "nuthatch/error.h"

namespace nuthatch::detail {

void requireMemory(std::int64_t workspace_bytes, std::int64_t workspaces, int lanes, double result_bytes) {
  constexpr double kLarge = 256e6;  // less is not worth asking the system what is free
  const double scratch = double(workspace_bytes) * double(workspaces), needed = scratch + result_bytes;
  const bool too_large = needed > machine_memory();
  if (needed < kLarge && !too_large) return;
  const double free = available_memory();
  if (needed <= free) return;
  std::string message = "this program needs " + memory_text(needed) + " of memory, more than the " +
                        (too_large ? memory_text(machine_memory()) + " of this machine" : memory_text(free) + " that are free on this machine") +
                        ": " + memory_text(result_bytes) + " for its results, " + memory_text(scratch) + " for intermediate values";
  if (lanes > 1 || workspaces > 1)
    message += " (" + memory_text(double(workspace_bytes) / lanes) + " for each chain, " + std::to_string(lanes * workspaces) + " at once)";
  throw Error(message);
}

}  // namespace nuthatch::detail
