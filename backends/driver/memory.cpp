#include "backends/driver/memory.h"

#include <cstdio>
#include <fstream>
#include <string>
#include <unistd.h>

#include "nuthatch/error.h"

namespace nuthatch::detail {

double machineMemory() {
  static const double bytes = [] {
    double all = double(::sysconf(_SC_PHYS_PAGES)) * double(::sysconf(_SC_PAGESIZE)), limit = 0;
    for (const char* file : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"})
      if (std::ifstream in(file); in >> limit && limit > 0 && limit < all) all = limit;
    return all;
  }();
  return bytes;
}

static std::string text(double bytes) {
  char out[32];
  std::snprintf(out, sizeof out, bytes < 1e9 ? "%.1f MB" : "%.1f GB", bytes / (bytes < 1e9 ? 1e6 : 1e9));
  return out;
}

void requireMemory(std::int64_t workspace_bytes, std::int64_t workspaces, int lanes, double result_bytes) {
  const double scratch = double(workspace_bytes) * double(workspaces), needed = scratch + result_bytes;
  if (needed <= machineMemory()) return;
  std::string message = "this program needs " + text(needed) + " of memory, more than the " + text(machineMemory()) + " of this machine: " +
                        text(result_bytes) + " for its results, " + text(scratch) + " for intermediate values";
  if (lanes > 1 || workspaces > 1)
    message += " (" + text(double(workspace_bytes) / lanes) + " for each chain, " + std::to_string(lanes * workspaces) + " at once)";
  throw Error(message);
}

}  // namespace nuthatch::detail
