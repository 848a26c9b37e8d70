// What a user waits for before the first draw.
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "benchmarks/gpu/parts.h"
#include "benchmarks/temporary_cache.h"

namespace nuthatch::benchmark::gpu {
namespace {

int chains_of(const Options& options) { return options.small ? 4 : 1'024; }

double monotonic_seconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return double(now.tv_sec) + 1e-9 * double(now.tv_nsec);
}

/// Seconds from the start of a new process to its first draw.
double time_first_draw(const Options& options) {
  const double start = monotonic_seconds();
  FILE* pipe = popen((options.self + " --stop-at-first-draw").c_str(), "r");
  double at = 0;
  const bool found = pipe && std::fscanf(pipe, "%lf", &at) == 1;
  if (pipe) pclose(pipe);
  if (!found) throw Error("no first draw");
  return at - start;
}

}  // namespace

void first_draw(const Options& options) {
  const TemporaryCache cache;
  setenv("CUDA_CACHE_DISABLE", "1", 1);  // the driver has a cache of its own
  for (const bool cold : {true, false}) {
    Measurement m = measurement(options, std::string("first_draw/") + (cold ? "cold" : "cached"),
                                "eight schools: from the start of a process to its first draw", "s");
    m.chains = chains_of(options);
    m.checked = true;  // that there is one
    for (int r = 0; r < options.repetitions; ++r) {
      if (cold) cache.clear();
      m.values.push_back(time_first_draw(options));
    }
    publish(m);
  }
  unsetenv("CUDA_CACHE_DISABLE");
}

int stop_at_first_draw(const Options& options) {
  const Problem problem = eight_schools_problem();
  problem.run(NUTS(problem.model),
              {.num_chains = chains_of(options), .progress = false,
               .on_progress =
                   [](const Progress& p) {
                     if (p.draw < 1) return true;
                     std::printf("%.9f\n", monotonic_seconds());
                     std::fflush(stdout);
                     std::_Exit(0);
                   },
               .device = options.device},
              Key(0));
  return 1;
}

}  // namespace nuthatch::benchmark::gpu
