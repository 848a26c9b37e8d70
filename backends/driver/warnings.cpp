#include "backends/driver/warnings.h"

#include <cstdio>
#include <mutex>
#include <set>
#include <vector>

#include "ir/trace/program.h"
#include "passes/advice/unrolled_loops.h"

namespace nuthatch::detail {

std::string warningsText(const Program& program) {
  std::string text;
  for (const std::string& line : passes::unrolledLoops(*ir::traced(program).module)) text += line + "\n";
  return text;
}

void printWarnings(const Program& program) {
  static std::mutex mutex;
  static std::set<std::string> said;
  for (const std::string& line : passes::unrolledLoops(*ir::traced(program).module)) {
    std::lock_guard lock(mutex);
    if (said.insert(line.substr(0, line.find(": "))).second) std::fprintf(stderr, "%s\n", line.c_str());
  }
}

}  // namespace nuthatch::detail
