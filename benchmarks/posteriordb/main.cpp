// nh-adaptation: effective sample size per gradient under each adaptation, over the posteriors of tests/posteriordb.
// Gradients are counted, not timed: the same on every machine. One JSON object per posterior and adaptation, then one per
// adaptation over all posteriors. Every run is compared with the reference, as the tests do.
#include <CLI/CLI.hpp>

#include <cstdio>

#include "tests/posteriordb/reference.h"

namespace nuthatch::posteriordb {
namespace {

struct Variant {
  std::string name, adaptation;
  Metric metric;
  std::int64_t num_warmup;
  bool symmetric = false, pooled = false;
};

std::vector<Variant> variants() {
  std::vector<Variant> all;
  const auto add = [&](const std::string& name, const std::string& adaptation, Metric metric,
                       std::initializer_list<std::int64_t> lengths) {
    for (const std::int64_t n : lengths) all.push_back({name + "/" + std::to_string(n), adaptation, metric, n});
  };
  add("windows", "windows", diagonal(), {1000, 300});
  add("fisher", "fisher", diagonal(), {1000, 500, 400, 300});
  add("low_rank", "fisher", low_rank(), {1000, 500, 300});
  add("dense_windows", "windows", dense(), {1000});
  add("dense_fisher", "fisher", dense(), {1000, 300});
  add("default", "fisher", automatic(), {1000, 300});
  for (const std::int64_t n : {1000, 300}) {
    all.push_back({"symmetric/" + std::to_string(n), "fisher", automatic(), n, true, false});
    all.push_back({"pooled/" + std::to_string(n), "fisher", automatic(), n, false, true});
    all.push_back({"pooled_windows/" + std::to_string(n), "windows", diagonal(), n, false, true});
  }
  return all;
}

/// Of one variant on one posterior, over all seeds.
struct Result {
  double ess_per_gradient = 0, without_warmup = 0, worst_z = 0;
  std::int64_t divergences = 0;
  bool failed = false;
};

std::vector<Variant> chosen;
std::map<std::string, std::map<std::string, Result>> results;  // by variant, by posterior

double least_ess(const Fit& fit) {
  const Table table = fit.summary({.kind = "diagnostics"});
  double result = INFINITY;
  for (const std::string& row : table.rows())
    if (const double x = table.at(row, "ess_bulk"); !std::isnan(x)) result = std::min(result, x);
  return result;
}

Result measure(const Variant& v, const Sample& sample, const std::map<std::string, Estimates>& expected) {
  constexpr double runs = double(std::size(seeds));
  Result r;
  std::map<std::string, std::pair<double, double>> z;  // of each check, the smallest and largest |z|
  for (const std::uint64_t seed : seeds) {
    Settings settings;
    settings.nuts.adaptation = v.adaptation;
    settings.nuts.metric = v.metric;
    settings.nuts.symmetric_acceptance = v.symmetric;
    settings.mcmc.num_warmup = v.num_warmup;
    settings.mcmc.pooled_adaptation = v.pooled;
    const Fit fit = sample(settings, Key(seed));
    const double ess = least_ess(fit);
    r.ess_per_gradient += 1e3 * ess / double(std::get<std::int64_t>(fit.attrs.at("leapfrogs"))) / runs;
    r.without_warmup += 1e3 * ess / sum(fit.sample_stats["n_steps"].tensor()).item<double>() / runs;
    r.divergences += fit.diagnose().divergences;
    for (const auto& [check, score] : z_scores(fit, expected)) {
      auto& [low, high] = z.try_emplace(check, INFINITY, 0.0).first->second;
      low = std::min(low, std::abs(score)), high = std::max(high, std::abs(score));
    }
  }
  for (const auto& [check, range] : z) {
    r.worst_z = std::max(r.worst_z, range.first);
    r.failed |= !(range.first < 5.5 && range.second < 7.0);
  }
  return r;
}

void measure_all(const std::string& posterior, const Sample& sample) {
  const auto expected = reference(posterior);
  for (const Variant& v : chosen) {
    const Result r = results[v.name][posterior] = measure(v, sample, expected);
    const nlohmann::ordered_json line{{"posterior", posterior},
                                      {"adaptation", v.name},
                                      {"ess_per_1000_gradients", r.ess_per_gradient},
                                      {"without_warmup", r.without_warmup},
                                      {"worst_z", r.worst_z},
                                      {"divergences", r.divergences},
                                      {"failed", r.failed}};
    std::printf("%s\n", line.dump().c_str());
    std::fflush(stdout);
  }
}

void report_totals() {
  if (chosen.empty()) return;
  const auto& base = results[chosen.front().name];
  for (const Variant& v : chosen) {
    double ratio = 0, sampling = 0, least = INFINITY;
    int failures = 0;
    for (const auto& [posterior, r] : results[v.name]) {
      const Result& of_base = base.at(posterior);
      const double gain = r.ess_per_gradient / of_base.ess_per_gradient;
      ratio += std::log(gain) / double(base.size());
      sampling += std::log(r.without_warmup / of_base.without_warmup) / double(base.size());
      least = std::min(least, gain);
      failures += r.failed;
    }
    const nlohmann::ordered_json line{{"adaptation", v.name},
                                      {"posteriors", results[v.name].size()},
                                      {"relative_to", chosen.front().name},
                                      {"geometric_mean", std::exp(ratio)},
                                      {"geometric_mean_without_warmup", std::exp(sampling)},
                                      {"least", least},
                                      {"failures", failures}};
    std::printf("%s\n", line.dump().c_str());
  }
}

}  // namespace
}  // namespace nuthatch::posteriordb

int main(int argc, char** argv) {
  using namespace nuthatch::posteriordb;
  std::string filter = "*";
  std::vector<std::string> names;
  CLI::App app("Effective sample size per gradient of warm-ups, over the posteriors of tests/posteriordb");
  app.add_option("--posteriors", filter, "a pattern of tests, as of --gtest_filter");
  app.add_option("--adaptations", names, "which, the first is what the others are compared with; default all")->delimiter(',');
  CLI11_PARSE(app, argc, argv);
  for (const Variant& v : variants())
    if (names.empty()) chosen.push_back(v);
  for (const std::string& name : names)
    for (const Variant& v : variants())
      if (v.name == name) chosen.push_back(v);

  int none = 1;
  testing::InitGoogleTest(&none, argv);
  testing::GTEST_FLAG(filter) = filter + (filter.find('-') == std::string::npos ? "-" : ":") + "*IsReported";
  delete testing::UnitTest::GetInstance()->listeners().Release(
      testing::UnitTest::GetInstance()->listeners().default_result_printer());
  visit = measure_all;
  const int status = RUN_ALL_TESTS();
  report_totals();
  return status;
}
