// How much effective sample size a gradient buys under each adaptation, warm-up included. Gradients are counted, not
// timed: the same on every machine.
#include <algorithm>
#include <cmath>

#include "benchmarks/parts.h"

namespace nuthatch::benchmark {
namespace {

struct Variant {
  std::string name, adaptation;
  Metric metric;
  std::int64_t num_warmup;
};

double least(const Table& table, const char* column) {
  double result = INFINITY;
  for (const std::string& row : table.rows())
    if (const double x = table.at(row, column); !std::isnan(x)) result = std::min(result, x);
  return result;
}

}  // namespace

void measure_adaptation(const Problem& problem, const Options& options, bool checked) {
  for (const Variant& v : std::vector<Variant>{{"windows_1000", "windows", diagonal(), 1000},
                                               {"windows_300", "windows", diagonal(), 300},
                                               {"fisher_1000", "fisher", diagonal(), 1000},
                                               {"fisher_300", "fisher", diagonal(), 300},
                                               {"low_rank_1000", "fisher", low_rank(), 1000},
                                               {"default", "fisher", automatic(), 1000}}) {
    Measurement all{"adaptation/" + problem.name + "/" + v.name, problem.name,
                    "least bulk effective sample size per 1000 gradients, warm-up included, 4 chains of 1000 draws", "1", {},
                    1, 4, 4, checked},
        sampling = all;
    sampling.name += "/sampling";
    sampling.what = "the same without warm-up";
    for (int r = 0; r < options.repetitions; ++r) {
      const Fit fit = problem.run(NUTS(problem.model, {.metric = v.metric, .adaptation = v.adaptation}),
                                  {.num_warmup = v.num_warmup, .num_chains = 4, .progress = false,
                                   .max_time = options.budget, .threads = 1, .lane_width = 4},
                                  Key(100 + std::uint64_t(r)));
      if (!std::get<bool>(fit.attrs.at("complete"))) {
        std::fprintf(stderr, "%s: not complete after %.0f s\n", all.name.c_str(), options.budget);
        break;
      }
      const double ess = least(fit.summary({.kind = "diagnostics"}), "ess_bulk");
      all.values.push_back(1e3 * ess / double(std::get<std::int64_t>(fit.attrs.at("leapfrogs"))));
      sampling.values.push_back(1e3 * ess / sum(fit.sample_stats["n_steps"].tensor()).item<double>());
    }
    report(all);
    report(sampling);
  }
}

}  // namespace nuthatch::benchmark
