// Warm-up against its definitions: Stan's window schedule, the closed form of dual averaging under a constant
// acceptance statistic, the moments of a window computed directly.
#include "inference/mcmc/adaptation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "inference/kernels/point_kernel.h"
#include "inference/mcmc/geometric_mean.h"
#include "nuthatch/array.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "nuthatch/random.h"
#include "nuthatch/transform.h"

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

/// Feeds draws of a Gaussian with this precision matrix to an adaptation, each with the gradient at the one before.
Adaptation after_gaussian_draws(const AdaptationRules& rules, const Tensor& precision, std::int64_t draws,
                                std::int64_t num_warmup) {
  const std::int64_t dim = precision.size(0);
  const WindowSchedule schedule = schedule_of(rules, num_warmup);
  const AdaptationPlan plan = adaptation_plan(schedule, 0.8);
  const Tensor factor = cholesky(precision);
  const auto adapted = jit([&](const Adaptation& a, const Tensor& draw, const Tensor& x, const Tensor& gradient) {
    return adapt(rules, plan, a, {draw, Tensor(0.8), x, gradient});
  });
  Adaptation a = begin_adaptation(rules, schedule, dim, 1.0);
  Tensor before = zeros(dim);
  for (std::int64_t t = 0; t < draws; ++t) {
    Tensor x = triangular_solve(factor, normal(fold_in(Key(1), Tensor(t)), {dim}), true, true);
    a = adapted(a, full(Shape{}, Tensor(t)), x, -matmul(precision, before));
    before = x;
  }
  return a;
}

/// The covariance matrix that a metric stands for.
Tensor covariance_of(const Tuning& t) {
  if (t.inverse_mass.ndim() == 2) return t.inverse_mass;
  if (t.low_rank.empty()) return diag(t.inverse_mass);
  const Tensor &directions = t.low_rank[0], &variances = t.low_rank[1];
  return diag(t.inverse_mass) + matmul(transpose(directions) * (variances - 1.0), directions);
}

/// The least and largest ratio of the standard deviations that a metric and the truth give a direction.
std::pair<double, double> scale_errors(const Tensor& covariance, const Tensor& precision) {
  Tensor factor = cholesky(precision);
  Tensor ratios = sqrt(eigvalsh(matmul(transpose(factor), matmul(covariance, factor))));
  return {min(ratios).item(), max(ratios).item()};
}

/// Scales of 1/30 to 30, and across them three directions whose standard deviation is 30, 10 and 1/20 of the others'.
Tensor precision_with_three_directions(std::int64_t dim) {
  Tensor directions = qr(normal(Key(2), {dim, 3})).q;
  Tensor inner = eye(dim) + matmul(directions * (1.0 / square(Tensor{30.0, 10.0, 0.05}) - 1.0), transpose(directions));
  Tensor scale = exp(linspace(-3.4, 3.4, dim));
  return inner / expand_dims(scale, 0) / expand_dims(scale, 1);
}

TEST(GeometricMean, SolvesItsEquation) {
  for (const std::int64_t n : {1, 4, 15}) {
    Tensor a = normal(Key(1), {n, n + 3}), b = normal(Key(2), {n, n + 3});
    Tensor A = matmul(a, transpose(a)), B = matmul(b, transpose(b)), S = geometric_mean(A, B);
    EXPECT_LT(max(abs(matmul(S, matmul(B, S)) - A)).item(), 1e-10 * max(abs(A)).item()) << n;
    EXPECT_LT(max(abs(S - transpose(S))).item(), 1e-11 * max(abs(S)).item()) << n;
    EXPECT_GT(min(eigvalsh(S)).item(), 0) << n;
  }
}

TEST(LowRankMetric, RecoversTheStrongDirectionsOfAGaussian) {
  const Tensor precision = precision_with_three_directions(50);
  const auto ratio = [&](MetricKind kind, std::int64_t rank) {
    const AdaptationRules rules{.metric = kind, .step_size = false, .source = MetricSource::fisher, .rank = rank};
    const auto [least, most] = scale_errors(covariance_of(after_gaussian_draws(rules, precision, 500, 500).tuning), precision);
    return most / least;
  };
  EXPECT_GT(ratio(MetricKind::diagonal, 0), 100);
  EXPECT_LT(ratio(MetricKind::low_rank, 10), 6);  // the diagonal fits coordinates that the three directions do not touch less
  EXPECT_LT(ratio(MetricKind::low_rank, 50), 1.5);
}

TEST(DenseFisherMetric, IsTheCovarianceOfAGaussian) {
  const Tensor precision = precision_with_three_directions(20);
  const Adaptation a = after_gaussian_draws({.metric = MetricKind::dense, .step_size = false, .source = MetricSource::fisher},
                                            precision, 400, 500);
  const auto [least, most] = scale_errors(a.tuning.inverse_mass, precision);
  EXPECT_GT(least, 0.85);  // a fifth of an observation says one
  EXPECT_LT(most, 1.15);
  Tensor back = matmul(a.tuning.momentum_scale, transpose(a.tuning.momentum_scale));
  EXPECT_LT(max(abs(back - a.tuning.inverse_mass)).item(), 1e-10 * max(abs(back)).item());
}

TEST(BlockDenseMetric, IsZeroBetweenGroupsAndTheBlocksWithin) {
  const std::vector<std::int64_t> groups{0, 0, 1, 1, 1, 2};
  const Tensor group = groups;
  const Tensor same = (expand_dims(group, 0) == expand_dims(group, 1)).cast(f64);
  Tensor full_precision = precision_with_three_directions(6);
  const Tensor precision = full_precision * same;
  for (const MetricSource source : {MetricSource::windows, MetricSource::fisher}) {
    const Adaptation a = after_gaussian_draws({.metric = MetricKind::dense, .step_size = false, .source = source,
                                               .groups = groups}, precision, 950, 1000);
    EXPECT_EQ(max(abs(a.tuning.inverse_mass * (1.0 - same))).item(), 0);
    if (source == MetricSource::windows) continue;  // Stan's floor of 1e-3 is coarse for these scales
    const auto [least, most] = scale_errors(a.tuning.inverse_mass, precision);
    EXPECT_GT(least, 0.9);
    EXPECT_LT(most, 1.1);
  }
}

TEST(LowRankMetric, RootsOfTheMetric) {
  const Adaptation a = after_gaussian_draws({.metric = MetricKind::low_rank, .step_size = false,
                                             .source = MetricSource::fisher},
                                            precision_with_three_directions(12), 100, 1000);
  const Tuning& t = a.tuning;
  const Tensor covariance = covariance_of(t);
  std::vector<Tensor> momenta, metric, spreads, transposed;
  for (std::int64_t i = 0; i < 12; ++i) {
    const Tensor unit = eye(12)[i];
    momenta.push_back(kernels::momentum(t, unit));
    metric.push_back(kernels::apply_inverse_mass(t, unit));
    spreads.push_back(kernels::spread(t, unit));
    transposed.push_back(kernels::spread_transposed(t, unit));
  }
  const auto equal = [](const Tensor& x, const Tensor& y) {
    EXPECT_LT(max(abs(x - y)).item(), 1e-10 * max(abs(y)).item());
  };
  Tensor root = transpose(stack(momenta));  // columns
  equal(transpose(stack(metric)), covariance);
  equal(matmul(transpose(root), matmul(covariance, root)), eye(12));
  equal(matmul(transpose(stack(spreads)), stack(spreads)), covariance);
  equal(transpose(stack(transposed)), stack(spreads));
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
  double x[2] = {0, 0};
  for (std::int64_t t = 0; t < 300; ++t) {
    const Tensor gradient{-x[0] / (sd[0] * sd[0]), -(x[1] - 5) / (sd[1] * sd[1])};  // where the draw began
    x[0] = sd[0] * std::sin(1.3 * double(t)), x[1] = 5 + sd[1] * std::cos(0.7 * double(t));
    const Tensor before = a.tuning.inverse_mass;
    a = adapt(rules, plan, a, {Tensor(t), Tensor(0.8), Tensor{x[0], x[1]}, gradient});
    const auto now = a.tuning.inverse_mass.to_vector<double>();
    if (t >= 2) EXPECT_NEAR(now[0], 0.01, 1e-10) << t;
    if (t >= 2) EXPECT_NEAR(now[1], 900, 1e-6) << t;
    if (t >= 255) EXPECT_EQ(now, before.to_vector<double>()) << "the metric is frozen at draw " << t;
  }
}

TEST(FisherMetric, RejectedDrawsSayNothing) {
  const AdaptationRules rules{MetricKind::diagonal, false, true, MetricSource::fisher};
  const WindowSchedule schedule = schedule_of(rules, 100);
  Adaptation a = begin_adaptation(rules, schedule, 1, 1.0);
  const double points[] = {3, 3, 3, 5, 5, 4, 4};
  double before = 3;
  for (std::int64_t t = 0; t < 7; ++t) {
    a = adapt(rules, adaptation_plan(schedule, 0.8), a, {Tensor(t), Tensor(0.8), Tensor{points[t]}, Tensor{-before}});
    before = points[t];
  }
  EXPECT_EQ(a.moments[0].count.item(), 2);  // 3 and 5, each once
  EXPECT_EQ(a.moments[0].mean[0].item(), 4);
  EXPECT_EQ(a.moments[1].mean[0].item(), -4);
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
