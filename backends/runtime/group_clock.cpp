#include "backends/runtime/group_clock.h"

#include <x86intrin.h>

#include <algorithm>

namespace nuthatch::runtime {

namespace {
thread_local GroupClock* current = nullptr;
}

GroupClock::GroupClock(std::size_t groups) : times(groups) { current = this; }
GroupClock::~GroupClock() { current = nullptr; }

std::int64_t ticks() { return std::int64_t(__rdtsc()); }

ClockCost clockCost() {
  constexpr int kRounds = 2000;
  GroupClock clock(1);
  std::int64_t best = INT64_MAX;
  for (int again = 0; again < 5; ++again) {
    const std::int64_t begin = ticks();
    for (int k = 0; k < kRounds; ++k) {
      const std::int64_t start = ticks(), end = ticks();
      nuthatch_profile_group(0, start, end);
    }
    best = std::min(best, ticks() - begin);
  }
  return {double(clock.times[0].ticks) / double(clock.times[0].calls), double(best) / kRounds};
}

}  // namespace nuthatch::runtime

void nuthatch_profile_group(std::int64_t group, std::int64_t start, std::int64_t end) {
  auto* clock = nuthatch::runtime::current;
  if (!clock) return;
  auto& time = clock->times[std::size_t(group)];
  ++time.calls;
  time.ticks += end - start;
  if (clock->events.size() < clock->event_capacity) clock->events.push_back({group, start, end});
}
