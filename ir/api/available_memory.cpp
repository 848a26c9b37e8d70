#include "nuthatch/detail/available_memory.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <initializer_list>
#include <unistd.h>

namespace nuthatch::detail {

namespace {

/// The number behind a name in a file of the kernel's; negative where there is none.
double figure(const char* file, const std::string& name) {
  std::ifstream in(file);
  for (std::string word; in >> word;)
    if (double value; word == name && in >> value) return value;
  return -1;
}

double first_number(const char* file) {
  std::ifstream in(file);
  double value = -1;
  return in >> value ? value : -1;
}

/// What the control group of this process may take beyond what it has; the files it has cached can be given up.
double left_in_group(const char* limit, const char* used, const char* statistics, const char* cached) {
  const double most = first_number(limit), now = first_number(used);
  return most < 0 || now < 0 ? -1 : most - now + std::max(figure(statistics, cached), 0.0);
}

}  // namespace

double machine_memory() {
  static const double bytes = [] {
    double all = double(::sysconf(_SC_PHYS_PAGES)) * double(::sysconf(_SC_PAGESIZE));
    for (const char* file : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"})
      if (const double limit = first_number(file); limit > 0) all = std::min(all, limit);
    return all;
  }();
  return bytes;
}

double available_memory() {
  double free = machine_memory();
  if (const double kilobytes = figure("/proc/meminfo", "MemAvailable:"); kilobytes >= 0) free = std::min(free, 1024 * kilobytes);
  for (const double left : {left_in_group("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current",
                                          "/sys/fs/cgroup/memory.stat", "inactive_file"),
                            left_in_group("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes",
                                          "/sys/fs/cgroup/memory/memory.stat", "total_inactive_file")})
    if (left >= 0) free = std::min(free, left);
  return free;
}

std::string memory_text(double bytes) {
  char out[32];
  std::snprintf(out, sizeof out, bytes < 1e9 ? "%.1f MB" : "%.1f GB", bytes / (bytes < 1e9 ? 1e6 : 1e9));
  return out;
}

}  // namespace nuthatch::detail
