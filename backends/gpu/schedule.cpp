#include "backends/gpu/schedule.h"

namespace nuthatch::gpu {

static void collect(const std::vector<Step>& steps, std::vector<const Step*>& out) {
  for (const Step& step : steps) {
    out.push_back(&step);
    if (const auto* loop = std::get_if<Loop>(&step.what)) collect(loop->body, out);
  }
}

std::vector<const Step*> allSteps(const std::vector<Step>& steps) {
  std::vector<const Step*> out;
  collect(steps, out);
  return out;
}

}  // namespace nuthatch::gpu
