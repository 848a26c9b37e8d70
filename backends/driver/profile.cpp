// profile: runs of a program that measures its groups.
#include <algorithm>
#include <chrono>

#include "backends/cpu/compile.h"
#include "backends/runtime/data_threads.h"
#include "backends/runtime/group_clock.h"
#include "ir/api/blocks.h"
#include "nuthatch/detail/profile.h"
#include "nuthatch/detail/report.h"
#include "nuthatch/threads.h"

namespace nuthatch::detail {

namespace {

constexpr double kSeconds = 0.1;   // of measuring
constexpr long kRuns = 1000;
constexpr std::size_t kEvents = 100000;

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

class MeasuredProgram {
 public:
  MeasuredProgram(const Program& program, const std::vector<Array>& arguments)
      : code(cpu::compileProfiled(program)), workspace(take_block(std::size_t(std::max<std::int64_t>(code->workspace_bytes, 64))), give_block) {
    for (const auto& a : arguments) in.push_back(a.data.get());
    for (const auto& a : program.captures) in.push_back(a.data.get());
    for (const auto& t : program.results) {
      results.emplace_back(t.dtype, t.shape);
      out.push_back(results.back().data.get());
    }
  }
  void run() {
    const runtime::DataThreads data_threads(num_threads());
    RunReports reports(false);
    code->entry(in.data(), out.data(), workspace.get(), 0, 1, nullptr);
    reports.finish();
  }
  Shared<const cpu::Code> code;

 private:
  Shared<std::byte> workspace;
  std::vector<const void*> in;
  std::vector<void*> out;
  std::vector<Array> results;
};

/// Means over the runs, the cost of measuring taken off.
std::vector<ProfileGroup> groupsOf(const std::vector<cpu::ProfiledGroup>& source, const std::vector<runtime::GroupTime>& times,
                                   double runs, double seconds_per_tick) {
  const runtime::ClockCost cost = runtime::clockCost();
  const std::size_t n = source.size();
  std::vector<double> ticks(n), inner_calls(n, 0.0), inner_ticks(n, 0.0);
  std::vector<ProfileGroup> out(n);
  // Inner groups come after the one around them.
  for (std::size_t k = n; k-- > 0;) {
    const double calls = double(times[k].calls);
    ticks[k] = std::max(double(times[k].ticks) - calls * cost.inside - inner_calls[k] * cost.all, inner_ticks[k]);
    if (source[k].parent < 0) continue;
    inner_calls[std::size_t(source[k].parent)] += calls + inner_calls[k];
    inner_ticks[std::size_t(source[k].parent)] += ticks[k];
  }
  for (std::size_t k = 0; k < n; ++k) {
    const int depth = source[k].parent < 0 ? 0 : out[std::size_t(source[k].parent)].depth + 1;
    out[k] = {source[k].what, source[k].where, depth, double(times[k].calls) / runs, ticks[k] * seconds_per_tick / runs,
              (ticks[k] - inner_ticks[k]) * seconds_per_tick / runs, source[k].bytes * double(times[k].calls) / runs};
  }
  return out;
}

}  // namespace

Profile profile_program(const Program& program, const std::vector<Array>& arguments) {
  MeasuredProgram measured(program, arguments);
  measured.run();
  Profile out;
  runtime::GroupClock clock(measured.code->profiled.size());
  clock.events.reserve(kEvents);
  const double begin = now();
  const std::int64_t first = runtime::ticks();
  std::int64_t last_run = first;
  while (out.runs == 0 || (out.runs < kRuns && now() - begin < kSeconds)) {
    clock.events.clear();
    clock.event_capacity = kEvents;
    last_run = runtime::ticks();
    measured.run();
    ++out.runs;
  }
  const double seconds = now() - begin, seconds_per_tick = seconds / double(runtime::ticks() - first);
  out.groups = groupsOf(measured.code->profiled, clock.times, double(out.runs), seconds_per_tick);
  for (const auto& e : clock.events)
    out.events.push_back({std::size_t(e.group), double(e.start - last_run) * seconds_per_tick * 1e6,
                          double(e.end - e.start) * seconds_per_tick * 1e6});
  std::sort(out.events.begin(), out.events.end(), [](const auto& a, const auto& b) {
    return a.start != b.start ? a.start < b.start : a.duration > b.duration;
  });
  double measuring = 0;
  const runtime::ClockCost cost = runtime::clockCost();
  for (const auto& t : clock.times) measuring += double(t.calls) * cost.all;
  out.seconds = std::max(seconds - measuring * seconds_per_tick, 0.0) / double(out.runs);
  return out;
}

}  // namespace nuthatch::detail
