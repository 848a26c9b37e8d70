// What a user waits for before the first draw.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "benchmarks/gradient_program.h"
#include "benchmarks/parts.h"
#include "benchmarks/temporary_cache.h"

namespace nuthatch::benchmark {
namespace {

double monotonic_seconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return double(now.tv_sec) + 1e-9 * double(now.tv_nsec);
}

/// Seconds from the start of a new process to its first draw.
double time_first_draw(const Problem& problem, const Options& options) {
  const std::string self = "/proc/" + std::to_string(getpid()) + "/exe";  // also after the file has been built anew
  const std::string command = self + " --data '" + options.folder + "' --first-draw " + problem.name;
  const double start = monotonic_seconds();
  FILE* pipe = popen(command.c_str(), "r");
  double at = 0;
  const bool found = pipe && std::fscanf(pipe, "%lf", &at) == 1;
  if (pipe) pclose(pipe);
  if (!found) throw Error(problem.name + ": no first draw");
  return at - start;
}

}  // namespace

void measure_compile(const Problem& problem, const Options& options) {
  const TemporaryCache cache;
  struct Phase {
    const char* name;
    double CompileStats::* seconds;
  };
  const LogDensity density(problem.bound);
  for (const bool cold : {true, false}) {
    const std::string state = cold ? "cold" : "cached";
    std::vector<CompileStats> stats;
    Measurement trace{"compile/" + problem.name + "/gradient/trace/" + state, problem.name, "gradient program: trace", "ms",
                      {}, 1, 8, 8, false};
    for (int r = 0; r < options.repetitions; ++r) {
      if (cold) cache.clear();
      const auto start = Clock::now();
      const auto program = gradient_program(density);
      trace.values.push_back(1e3 * seconds_since(start));
      stats.push_back(detail::executor().compile_lanes(program, lanes(density, 8, 2))->stats());
    }
    report(trace);
    for (const Phase& phase : {Phase{"passes", &CompileStats::passes_s}, Phase{"emit", &CompileStats::emit_s},
                               Phase{"llvm", &CompileStats::llvm_s}, Phase{"link", &CompileStats::link_s}}) {
      Measurement m{"compile/" + problem.name + "/gradient/" + phase.name + "/" + state, problem.name,
                    std::string("gradient program: ") + phase.name, "ms", {}, 1, 8, 8, false};
      for (const CompileStats& s : stats) m.values.push_back(1e3 * (s.*phase.seconds));
      if (cold || median(m.values) > 0) report(m);  // what the cache holds is not done again
    }
    Measurement sampler{"compile/" + problem.name + "/nuts/" + state, problem.name, "whole sampler: trace and compile", "ms",
                        {}, 1, 4, 4, false};
    for (int r = 0; r < options.repetitions; ++r) {
      if (cold) cache.clear();
      const Fit fit = problem.run(NUTS(problem.model),
                                  {.num_warmup = 0, .num_samples = 4, .progress = false,
                                   .on_progress = [](const Progress&) { return false; }, .threads = 1, .lane_width = 4},
                                  Key(1));
      sampler.values.push_back(1e3 * fit.timing().compile.count());
    }
    report(sampler);
  }
}

void measure_first_draw(const Problem& problem, const Options& options) {
  const TemporaryCache cache;
  for (const bool cold : {true, false}) {
    Measurement m{"first_draw/" + problem.name + (cold ? "/cold" : "/cached"), problem.name,
                  "from the start of a process to its first draw", "ms", {}, 1, 4, 4, false};
    for (int r = 0; r < options.repetitions; ++r) {
      if (cold) cache.clear();
      m.values.push_back(1e3 * time_first_draw(problem, options));
    }
    report(m);
  }
}

int first_draw(const Problem& problem) {
  problem.run(NUTS(problem.model),
              {.progress = false,
               .on_progress =
                   [](const Progress& p) {
                     if (p.draw < 1) return true;
                     std::printf("%.9f\n", monotonic_seconds());
                     std::fflush(stdout);
                     std::_Exit(0);
                   }},
              Key(0));
  return 1;
}

}  // namespace nuthatch::benchmark
