#pragma once
/// Where a compiled function spends its time: by group of fused operations, with the user's source lines.
#include <string>
#include <vector>

#include "nuthatch/transform.h"

namespace nuthatch {

/// A loop of fused operations, one operation with code of its own, or a control structure with those inside it.
struct ProfileGroup {
  std::string what;      // "loop over [512]: exp, sum"
  std::string where;     // "model.cpp:12", lines in the order of the operations
  int depth = 0;         // of loops and branches around
  double calls = 0;      // in one run
  double seconds = 0;    // in one run, inner groups included
  double self = 0;       // without inner groups: copies between iterations, and what cannot be told apart from measuring
  double bytes = 0;      // read from and written to memory in one run, as explain counts them; 0 for loops and branches
};

struct Profile {
  double seconds = 0;  // of one run, all of it
  long runs = 0;       // that were averaged
  std::vector<ProfileGroup> groups;  // in the order in which they run, inner ones after the one around them

  /// One occurrence of a group in the last run, microseconds since its start. At most 100,000 are kept.
  struct Event {
    std::size_t group;
    double start, duration;
  };
  std::vector<Event> events;

  /// The last run in the format of Chrome's and Perfetto's trace viewers (Trace Event Format, complete events).
  std::string trace() const;
  /// trace() as a file. Error where it cannot be written.
  void write_trace(const std::string& path, Where where = Where::current()) const;
};
/// A table, the groups indented as they are nested: time in one run, without inner groups, its share of the run, calls,
/// bytes moved per second of it, what, where.
std::string to_string(const Profile&);

namespace detail {
Profile profiled(const Leaves& arguments, Body, Where);
}  // namespace detail

/// Compiles jit(f)(arguments...) with a clock around every group, runs it once, and then for a tenth of a second (at
/// least once, at most 1,000 times); the table gives means. Reading the clock costs some 20 ns per group and iteration;
/// its mean is subtracted, yet groups of a few nanoseconds inside loops are measured poorly. Work that several threads
/// share is timed from its start to its end. `explain` says how many bytes the same groups move.
///
///   print("{}\n", profile(grad(f), x));
///
/// For Linux perf, which sees a program as a whole, set NUTHATCH_PERF_MAP=1: /tmp/perf-PID.map then names programs.
template <class F, class... A>
Profile profile(const F& f, const A&... arguments) {
  const std::tuple<detail::jit_argument_t<A>...> all(arguments...);
  return detail::profiled(
      tree::flatten(all),
      [&](const tree::Leaves& inner) {
        using Result = detail::result_t<F, const detail::jit_argument_t<A>&...>;
        return tree::flatten(Result(std::apply(f, tree::unflatten(all, inner))));
      },
      Where::current());
}

}  // namespace nuthatch
