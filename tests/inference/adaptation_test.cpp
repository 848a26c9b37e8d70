// Warm-up against its definitions: Stan's window schedule, the closed form of dual averaging under a constant
// acceptance statistic, the moments of a window computed directly.
#include "inference/mcmc/adaptation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"

namespace nuthatch::mcmc {
namespace {

/// Stan's windowed_adaptation::compute_next_window, draw by draw.
std::vector<std::int64_t> stan_window_ends(std::int64_t n) {
  std::int64_t initial = 75, base = 25, term = 50;
  if (n < 20) return {};
  if (n < 150) {
    initial = std::int64_t(0.15 * double(n));
    term = std::int64_t(0.1 * double(n));
    base = n - initial - term;
  }
  std::vector<std::int64_t> ends;
  std::int64_t size = base, next = initial + base - 1;
  for (std::int64_t t = 0; t < n; ++t) {
    if (t != next) continue;
    ends.push_back(t);
    if (next == n - term - 1) continue;
    size *= 2;
    next = t + size;
    if (next == n - term - 1) continue;
    if (next + 2 * size >= n - term) next = n - term - 1;
  }
  return ends;
}

TEST(Windows, EqualStans) {
  for (std::int64_t n = 0; n < 3000; ++n) EXPECT_EQ(window_ends(window_schedule(n)), stan_window_ends(n)) << n;
  EXPECT_EQ(window_ends(window_schedule(1000)), (std::vector<std::int64_t>{99, 149, 249, 449, 949}));
}

TEST(Windows, TracedScheduleEqualsTheList) {
  for (const std::int64_t n : {20, 149, 150, 300, 1000}) {
    const WindowSchedule schedule = window_schedule(n);
    const AdaptationPlan plan = adaptation_plan(schedule, 0.8);
    Adaptation a = begin_adaptation({}, schedule, 1, 1.0);
    std::vector<std::int64_t> ends;
    for (std::int64_t t = 0; t < n; ++t) {
      const double before = a.moments[0].count.item<double>();
      a = adapt({}, plan, a, {Tensor(t), Tensor(0.8), Tensor{double(t)}, zeros(1)});
      if (a.moments[0].count.item<double>() < before + 1 && t >= schedule.initial && t < n - schedule.final)
        ends.push_back(t);
    }
    EXPECT_EQ(ends, window_ends(schedule)) << n;
  }
}

TEST(DualAveraging, ClosedFormUnderConstantAcceptance) {
  const AdaptationRules rules{MetricKind::diagonal, true, false};
  const AdaptationPlan plan = adaptation_plan(window_schedule(1000), 0.8);
  Adaptation a = begin_adaptation(rules, window_schedule(1000), 1, 0.5);
  double log_average = 0;
  for (int k = 1; k <= 40; ++k) {
    a = adapt(rules, plan, a, {Tensor(k - 1), Tensor(0.6), Tensor{0.0}, zeros(1)});
    const double x = std::log(5.0) - std::sqrt(double(k)) / 0.05 * (0.2 * k / (k + 10.0));
    const double weight = std::pow(k, -0.75);
    log_average = weight * x + (1 - weight) * log_average;
    EXPECT_NEAR(std::log(a.tuning.step_size.item<double>()), x, 1e-11 * std::abs(x)) << k;
    EXPECT_NEAR(a.step.log_average.item<double>(), log_average, 1e-11 * std::abs(log_average)) << k;
  }
}

TEST(DualAveraging, WarmupEndsAtTheAverage) {
  const AdaptationRules rules{MetricKind::diagonal, true, false};
  const AdaptationPlan plan = adaptation_plan(window_schedule(10), 0.8);
  Adaptation a = begin_adaptation(rules, window_schedule(10), 1, 1.0);
  for (std::int64_t t = 0; t < 10; ++t) 
    a = adapt(rules, plan, a, {Tensor(t), Tensor(0.1 * double(t)), Tensor{0.0}, zeros(1)});
  EXPECT_NEAR(a.tuning.step_size.item<double>(), std::exp(a.step.log_average.item<double>()), 1e-14);
}

/// Feeds draws through the first window of a warm-up of 150; returns the tuning after it.
Tuning after_first_window(MetricKind kind, const std::vector<std::vector<double>>& draws) {
  const AdaptationRules rules{kind, false, true};
  const WindowSchedule schedule = window_schedule(150);
  const AdaptationPlan plan = adaptation_plan(schedule, 0.8);
  Adaptation a = begin_adaptation(rules, schedule, std::int64_t(draws[0].size()), 1.0);
  for (std::int64_t t = 0; t <= 99; ++t) 
    a = adapt(rules, plan, a, {Tensor(t), Tensor(0.8), Tensor(draws[std::size_t(t)]), zeros(3)});
  return a.tuning;
}

TEST(Metric, WindowMomentsWithStansRegularisation) {
  std::vector<std::vector<double>> draws;
  for (int t = 0; t < 100; ++t) draws.push_back({std::sin(1.7 * t), 10 * std::cos(0.3 * t * t), std::sin(1.7 * t) + 0.1 * std::cos(t)});
  double mean[3] = {}, covariance[3][3] = {};
  for (int t = 75; t < 100; ++t)
    for (int i = 0; i < 3; ++i) mean[i] += draws[t][i] / 25;
  for (int t = 75; t < 100; ++t)
    for (int i = 0; i < 3; ++i)
      for (int j = 0; j < 3; ++j) covariance[i][j] += (draws[t][i] - mean[i]) * (draws[t][j] - mean[j]) / 24;
  const auto regularised = [&](int i, int j) { return 25.0 / 30 * covariance[i][j] + (i == j ? 1e-3 * 5 / 30 : 0); };

  const Tuning diagonal = after_first_window(MetricKind::diagonal, draws);
  const Tuning dense = after_first_window(MetricKind::dense, draws);
  const auto variance = diagonal.inverse_mass.to_vector<double>(), scale = diagonal.momentum_scale.to_vector<double>();
  const auto matrix = dense.inverse_mass.to_vector<double>();
  for (int i = 0; i < 3; ++i) {
    EXPECT_NEAR(variance[i], regularised(i, i), 1e-12 * regularised(i, i));
    EXPECT_NEAR(scale[i], 1 / std::sqrt(variance[i]), 1e-14 * scale[i]);
    for (int j = 0; j < 3; ++j) EXPECT_NEAR(matrix[3 * i + j], regularised(i, j), 1e-11);
  }
  const auto back = matmul(dense.momentum_scale, transpose(dense.momentum_scale)).to_vector<double>();
  for (int i = 0; i < 9; ++i) EXPECT_NEAR(back[i], matrix[i], 1e-11);
}

TEST(FisherMetric, IsTheScaleOfAGaussian) {
  // For a Gaussian the gradient is -(x - m) / sd^2, so sqrt(var x / var g) = sd^2 exactly, from any draws.
  const AdaptationRules rules{MetricKind::diagonal, false, true, MetricSource::fisher};
  const WindowSchedule schedule = schedule_of(rules, 300);
  EXPECT_EQ(schedule.initial, 90);
  EXPECT_EQ(schedule.final, 45);
  const AdaptationPlan plan = adaptation_plan(schedule, 0.8);
  Adaptation a = begin_adaptation(rules, schedule, 2, 1.0);
  const double sd[2] = {0.1, 30};
  for (std::int64_t t = 0; t < 300; ++t) {
    const double x[2] = {sd[0] * std::sin(1.3 * double(t)), 5 + sd[1] * std::cos(0.7 * double(t))};
    const Tensor gradient{-x[0] / (sd[0] * sd[0]), -(x[1] - 5) / (sd[1] * sd[1])};
    const Tensor before = a.tuning.inverse_mass;
    a = adapt(rules, plan, a, {Tensor(t), Tensor(0.8), Tensor{x[0], x[1]}, gradient});
    const auto now = a.tuning.inverse_mass.to_vector<double>();
    if (t >= 1) EXPECT_NEAR(now[0], 0.01, 1e-10) << t;
    if (t >= 1) EXPECT_NEAR(now[1], 900, 1e-6) << t;
    if (t >= 255) EXPECT_EQ(now, before.to_vector<double>()) << "the metric is frozen at draw " << t;
  }
}

TEST(FisherMetric, ConstantCoordinatesKeepTheirMetric) {
  const AdaptationRules rules{MetricKind::diagonal, false, true, MetricSource::fisher};
  const WindowSchedule schedule = schedule_of(rules, 100);
  Adaptation a = begin_adaptation(rules, schedule, 1, 1.0);
  for (std::int64_t t = 0; t < 100; ++t)
    a = adapt(rules, adaptation_plan(schedule, 0.8), a, {Tensor(t), Tensor(0.8), Tensor{1.0}, Tensor{0.0}});
  EXPECT_EQ(a.tuning.inverse_mass.to_vector<double>()[0], 1.0);
}

}  // namespace
}  // namespace nuthatch::mcmc
