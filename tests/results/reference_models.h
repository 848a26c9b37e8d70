#pragma once
/// The models of tools/models.py, and the numbers that ArviZ, NumPy and SciPy give for them: data/reference.json,
/// written by tools/reference.py.
#include <cmath>
#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numbers>

#include "example_fit.h"

namespace nuthatch::testing {

class ReferenceRandom {
public:
  explicit ReferenceRandom(std::uint64_t seed) : state_(seed) {}
  double uniform() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<double>(state_ >> 11) * 0x1p-53;
  }
  double normal() {
    const double u = uniform(), v = uniform();
    return std::sqrt(-2 * std::log(1 - u)) * std::cos(2 * std::numbers::pi * v);
  }

private:
  std::uint64_t state_;
};

inline constexpr std::int64_t kChains = 4, kDraws = 250, kObservations = 60;

inline std::vector<double> reference_observations() {
  ReferenceRandom random(1);
  std::vector<double> y(kObservations);
  for (double& v : y) v = random.normal();
  y[7] = 6;
  return y;
}

inline std::vector<double> autoregressive(ReferenceRandom& random, double centre, double sd, double phi = 0.5) {
  std::vector<double> out;
  for (std::int64_t c = 0; c < kChains; ++c) {
    double state = random.normal();
    for (std::int64_t d = 0; d < kDraws; ++d) {
      out.push_back(centre + sd * state);
      state = phi * state + std::sqrt(1 - phi * phi) * random.normal();
    }
  }
  return out;
}

/// "normal", "shifted" or "student", with groups posterior, log_likelihood, posterior_predictive, observed_data.
inline InferenceData reference_model(const std::string& name) {
  const int seed = name == "normal" ? 2 : name == "shifted" ? 3 : 4;
  const double centre = name == "normal" ? 0.2 : name == "shifted" ? 0.6 : 0.1, sd = name == "shifted" ? 0.5 : 0.2;
  ReferenceRandom random(static_cast<std::uint64_t>(seed));
  const auto mu = autoregressive(random, centre, sd), log_sigma = autoregressive(random, 0.1, 0.1);
  const auto y = reference_observations();
  const double log_2pi = std::log(2 * std::numbers::pi);
  const auto log_density = [&](double value, double m, double s) {
    const double z = (value - m) * std::exp(-s);
    if (name != "student") return -0.5 * log_2pi - s - 0.5 * z * z;
    return std::lgamma(2.5) - std::lgamma(2.0) - 0.5 * std::log(4 * std::numbers::pi) - s - 2.5 * std::log1p(z * z / 4);
  };
  const auto n = static_cast<std::size_t>(kObservations);
  const auto array = [](const auto& values) {
    return [&](std::int64_t i) { return values[static_cast<std::size_t>(i)]; };
  };
  InferenceData out;
  out.posterior.set("mu", DataArray({"chain", "draw"}, filled(f64, {kChains, kDraws}, array(mu))));
  out.posterior.set("log_sigma", DataArray({"chain", "draw"}, filled(f64, {kChains, kDraws}, array(log_sigma))));
  out.log_likelihood.set(
      "y", DataArray({"chain", "draw", "obs"}, filled(f64, {kChains, kDraws, kObservations}, [&](std::int64_t i) {
                       const auto s = static_cast<std::size_t>(i) / n, o = static_cast<std::size_t>(i) % n;
                       return log_density(y[o], mu[s], log_sigma[s]);
                     })));
  out.posterior_predictive.set(
      "y", DataArray({"chain", "draw", "obs"}, filled(f64, {kChains, kDraws, kObservations}, [&](std::int64_t i) {
                       const auto s = static_cast<std::size_t>(i) / n;
                       return mu[s] + std::exp(log_sigma[s]) * random.normal();
                     })));
  out.observed_data.set("y", DataArray({"obs"}, filled(f64, {kObservations}, array(y))));
  return out;
}

inline const nlohmann::json& reference() {
  static const nlohmann::json numbers = [] {
    std::ifstream in(std::string(NUTHATCH_SOURCE_DIR) + "/tests/results/data/reference.json");
    return nlohmann::json::parse(in);
  }();
  return numbers;
}

/// |ours - theirs| relative to theirs, or absolute where that is below one in a thousand.
inline double difference(double ours, double theirs) {
  return std::abs(ours - theirs) / std::max(std::abs(theirs), 1e-3);
}

} // namespace nuthatch::testing

/// Every number of a list to 1e-9.
#define EXPECT_ALL_CLOSE(ours, theirs)                                                                                 \
  do {                                                                                                                 \
    const std::vector<double> ours_ = (ours), theirs_ = (theirs).template get<std::vector<double>>();                  \
    ASSERT_EQ(ours_.size(), theirs_.size());                                                                           \
    for (std::size_t i_ = 0; i_ < ours_.size(); ++i_)                                                                  \
      EXPECT_LE(::nuthatch::testing::difference(ours_[i_], theirs_[i_]), 1e-9)                                         \
          << #ours << "[" << i_ << "]: " << ours_[i_] << " instead of " << theirs_[i_];                                \
  } while (0)
#define EXPECT_CLOSE(ours, theirs)                                                                                     \
  EXPECT_LE(::nuthatch::testing::difference((ours), (theirs)), 1e-9) << (ours) << " instead of " << (theirs)
