// The sampler with everything that belongs to it.
#include <algorithm>
#include <cmath>

#include "benchmarks/parts.h"

namespace nuthatch::benchmark {
namespace {

double number(const Fit& fit, const char* name) {
  const Attribute& value = fit.attrs.at(name);
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return double(*integer);
  return std::get<double>(value);
}

/// Stops a run that has taken long enough: what was done until then counts.
std::function<bool(const Progress&)> within(double seconds) {
  return [seconds, first = std::optional<Clock::time_point>()](const Progress&) mutable {
    if (!first) first = Clock::now();
    return seconds_since(*first) < seconds;
  };
}

double least_effective_sample_size(const Fit& fit) {
  const Table table = fit.summary({.kind = "diagnostics"});
  double least = INFINITY;
  for (const std::string& row : table.rows()) {
    const double ess = table.at(row, "ess_bulk");
    if (!std::isnan(ess)) least = std::min(least, ess);
  }
  return least;
}

}  // namespace

void measure_nuts(const Problem& problem, const Options& options, bool checked) {
  for (const int chains : {1, 4, 8}) {
    Measurement m{"nuts/" + problem.name + "/" + std::to_string(chains), problem.name,
                  "NUTS per leapfrog and chain, all included", "ns", {}, 1, chains, chains, checked};
    for (int r = 0; r < options.repetitions; ++r) {
      const Fit fit = problem.run(
          NUTS(problem.model),
          {.num_chains = chains, .progress = false, .on_progress = within(0.5), .threads = 1, .lane_width = chains},
          Key(std::uint64_t(r)));
      m.values.push_back(number(fit, "nanoseconds_per_leapfrog"));
    }
    report(m);
  }
}

namespace {

/// One schedule of warm-up and draws; the kernel's adaptation goes with it.
struct Schedule {
  std::string name, description;
  std::int64_t num_warmup;
  std::string adaptation;
};

void measure_schedule(const Problem& problem, const Options& options, const Schedule& schedule, bool checked) {
  const std::string prefix = schedule.name + "/" + problem.name;
  auto line = [&](const std::string& part, const std::string& what, const std::string& unit) {
    return Measurement{prefix + "/" + part, problem.name, schedule.description + ": " + what, unit, {}, 1, 4, 4, checked};
  };
  Measurement time = line("time", "time after compilation on one core", "ms"),
              ess = line("ess", "least bulk effective sample size per second, warm-up included", "1/s"),
              leapfrogs = line("leapfrogs", "leapfrogs", "1"),
              efficiency = line("efficiency", "least bulk effective sample size per 1000 leapfrogs of sampling", "1");
  double spent = 0;
  for (int r = 0; r < options.repetitions && spent < options.budget; ++r) {
    const Fit fit = problem.run(NUTS(problem.model, {.adaptation = schedule.adaptation}),
                                {.num_warmup = schedule.num_warmup, .num_chains = 4, .progress = false,
                                 .on_progress = within(options.budget), .threads = 1, .lane_width = 4},
                                Key(100 + std::uint64_t(r)));
    const double seconds = number(fit, "sampling_time") + number(fit, "warmup_time");
    spent += seconds;
    if (!std::get<bool>(fit.attrs.at("complete"))) {
      std::fprintf(stderr, "%s: not complete after %.1f s\n", prefix.c_str(), seconds);
      return;
    }
    const double least = least_effective_sample_size(fit);
    time.values.push_back(1e3 * seconds);
    ess.values.push_back(least / seconds);
    leapfrogs.values.push_back(number(fit, "leapfrogs"));
    efficiency.values.push_back(1e3 * least / sum(fit.sample_stats["n_steps"]).item());
  }
  for (const Measurement& m : {time, ess, leapfrogs, efficiency}) report(m);
}

}  // namespace

void measure_end_to_end(const Problem& problem, const Options& options, bool checked) {
  measure_schedule(problem, options, {"end_to_end", "4 x (1000 + 1000) draws", 1000, "windows"}, checked);
  measure_schedule(problem, options, {"end_to_end_fisher", "4 x (300 + 1000) draws, metric from gradients", 300, "fisher"},
                   checked);
}

}  // namespace nuthatch::benchmark
