#pragma once
// The measurements of a profiled program, on the thread that runs it.
#include <cstdint>
#include <vector>

extern "C" void nuthatch_profile_group(std::int64_t group, std::int64_t start, std::int64_t end);

namespace nuthatch::runtime {

struct GroupTime {
  std::int64_t calls = 0, ticks = 0;  // of the time stamp counter
};
struct GroupEvent {
  std::int64_t group, start, end;
};

/// While one exists, what groups report on this thread is added up here.
class GroupClock {
 public:
  explicit GroupClock(std::size_t groups);
  ~GroupClock();
  GroupClock(const GroupClock&) = delete;

  std::vector<GroupTime> times;
  std::vector<GroupEvent> events;     // the first ones, where they are kept
  std::size_t event_capacity = 0;
};

/// The time stamp counter, as compiled programs read it.
std::int64_t ticks();

/// What measuring costs, in ticks: between the two readings of an empty group, and for all of it.
struct ClockCost {
  double inside, all;
};
ClockCost clockCost();

}  // namespace nuthatch::runtime
