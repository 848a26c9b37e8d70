#pragma once
// What a profiled program's measurements are about.
#include <string>

namespace nuthatch::cpu {

/// A group of fused operations; its number is its position, which is the order of emission.
struct ProfiledGroup {
  std::string what, where;
  int parent = -1;  // the group of the loop or branch around it
  double bytes = 0;  // read and written by one run of the group, but for those inside it
};

}  // namespace nuthatch::cpu
