#pragma once
// Posteriors with known expectations, from the posteriordb collection and by quadrature: reads data and references, runs
// a model twice, and compares.
#include <gtest/gtest.h>
#include <nuthatch/nuthatch.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace nuthatch::posteriordb {

inline std::filesystem::path folder() {
  if (const char* oracles = std::getenv("NUTHATCH_ORACLES")) return std::filesystem::path(oracles) / "posteriordb";
  return std::filesystem::path(NUTHATCH_SOURCE_DIR) / ".." / "shared" / "oracles" / "posteriordb";
}

inline nlohmann::json read(const std::string& part, const std::string& name) {
  const auto path = folder() / part / (name + ".json");
  std::ifstream in(path);
  if (!in) throw Error("cannot read " + path.string());
  return nlohmann::json::parse(in);
}

/// The data of a posterior by field.
class Data {
 public:
  explicit Data(const std::string& name) : json_(read("data", name)) {}
  Tensor operator[](const std::string& field) const { return json_.at(field).get<std::vector<double>>(); }
  Tensor integers(const std::string& field) const { return json_.at(field).get<std::vector<std::int64_t>>(); }
  Tensor matrix(const std::string& field) const {
    std::vector<double> all;
    const auto rows = json_.at(field).get<std::vector<std::vector<double>>>();
    for (const auto& row : rows) all.insert(all.end(), row.begin(), row.end());
    return reshape(Tensor(all), {std::int64_t(rows.size()), std::int64_t(rows.at(0).size())});
  }
  double number(const std::string& field) const { return json_.at(field); }

 private:
  nlohmann::json json_;
};

/// Tests that need the files; without them they say so and pass over.
class PosteriorDB : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(folder()))
      GTEST_SKIP() << "no references in " << folder() << "; set NUTHATCH_ORACLES";
  }
};

/// Expectations of one parameter with their Monte Carlo errors, by "mean", "mean_sq", "q5", "q50", "q95".
struct Estimate {
  double value = 0, error = 0;
};
using Estimates = std::map<std::string, Estimate>;

/// The reference of every parameter: exact values where there are any.
inline std::map<std::string, Estimates> reference(const std::string& posterior) {
  const auto json = read("reference", posterior);
  const std::vector<std::string> wanted{"mean", "mean_sq", "q5", "q50", "q95"};
  std::map<std::string, Estimates> result;
  for (const bool exact : {false, true}) {
    const char* const group = exact ? "exact" : "parameters";
    if (!json.contains(group)) continue;
    const auto columns = json.at(exact ? "exact_columns" : "columns").get<std::vector<std::string>>();
    for (const auto& [name, row] : json.at(group).items()) {
      auto entry = [&, &row = row](const std::string& column) {
        const auto at = std::find(columns.begin(), columns.end(), column) - columns.begin();
        return std::size_t(at) < row.size() && row[std::size_t(at)].is_number() ? row[std::size_t(at)].get<double>() : NAN;
      };
      for (const std::string& what : wanted) {
        const double value = entry(what), error = exact ? 0.0 : entry("mcse_" + what);
        if (!std::isnan(value) && !std::isnan(error)) result[name][what] = {value, error};
      }
    }
  }
  return result;
}

/// The draws (chain, draw) of a parameter by the reference's name: "mu", or "theta[3]" counted from one.
inline Tensor draws_of(const Fit& fit, const std::string& name) {
  const auto bracket = name.find('[');
  Tensor draws = fit.posterior[name.substr(0, bracket)];
  if (bracket == std::string::npos) return draws;
  return draws(all, all, std::stoi(name.substr(bracket + 1)) - 1);
}

/// With linear interpolation between order statistics.
inline double quantile(std::vector<double> x, double probability) {
  std::sort(x.begin(), x.end());
  const double at = probability * double(x.size() - 1);
  const auto low = std::size_t(at);
  return low + 1 < x.size() ? x[low] + (at - double(low)) * (x[low + 1] - x[low]) : x[low];
}

inline Estimates estimates(const Tensor& draws) {
  const std::vector<double> x = draws.to_vector();
  auto at = [&](double p) { return Estimate{quantile(x, p), mcse_quantile(draws, p).item()}; };
  return {{"mean", {mean(draws).item(), mcse_mean(draws).item()}},
          {"mean_sq", {mean(square(draws)).item(), mcse_mean(square(draws)).item()}},
          {"q5", at(0.05)},
          {"q50", at(0.50)},
          {"q95", at(0.95)}};
}

/// z = (ours - reference) / standard error of the difference, by "parameter what".
inline std::map<std::string, double> z_scores(const Fit& fit, const std::map<std::string, Estimates>& expected) {
  std::map<std::string, double> result;
  for (const auto& [name, theirs] : expected) {
    const Estimates ours = estimates(draws_of(fit, name));
    for (const auto& [what, reference] : theirs) {
      const Estimate& here = ours.at(what);
      result[name + " " + what] = (here.value - reference.value) / std::hypot(here.error, reference.error);
    }
  }
  return result;
}

/// What a posterior is sampled with: unless said otherwise, what a user gets who says nothing.
struct Settings {
  NUTSOptions nuts = {};
  MCMCOptions mcmc = {.progress = false};
};
using Sample = std::function<Fit(const Settings&, const Key&)>;

constexpr std::uint64_t seeds[] = {20260101, 42};

/// Runs twice. A false alarm has probability below 1e-4 over all comparisons: a check fails when both runs are more than
/// 5.5 standard errors off, or one is more than 7.
inline void check_twice(const std::string& posterior, const Sample& sample) {
  const auto expected = reference(posterior);
  ASSERT_FALSE(expected.empty()) << posterior;
  const auto first = z_scores(sample({}, Key(seeds[0])), expected), second = z_scores(sample({}, Key(seeds[1])), expected);
  double worst = 0;
  for (const auto& [check, z1] : first) {
    const double z2 = second.at(check), low = std::min(std::abs(z1), std::abs(z2)), high = std::max(std::abs(z1), std::abs(z2));
    EXPECT_TRUE(low < 5.5 && high < 7.0) << posterior << ", " << check << ": z = " << z1 << " and " << z2;
    worst = std::max(worst, low);
  }
  ::testing::Test::RecordProperty("worst_z", std::to_string(worst));
}

/// What is done with each posterior. The benchmark of adaptations puts its measurement here.
inline void (*visit)(const std::string& posterior, const Sample&) = check_twice;

inline void expect_agreement(const std::string& posterior, const Sample& sample) { visit(posterior, sample); }

}  // namespace nuthatch::posteriordb
