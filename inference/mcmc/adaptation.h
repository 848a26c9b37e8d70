// Warm-up: step size by dual averaging (Nesterov 2009; Hoffman & Gelman 2014, section 3.2); metric either from the draws
// of windows that double in length (Stan Reference Manual, "MCMC Sampling", section "Automatic parameter tuning") or
// from draws and gradients (Seyboldt, Carlson & Carpenter, "Preconditioning Hamiltonian Monte Carlo by minimizing
// Fisher divergence", 2024). Traced functions for one chain; they know nothing of the kernel.
#pragma once

#include "nuthatch/kernels/tick_kernel.h"

namespace nuthatch::mcmc {

enum class MetricKind { diagonal, dense, low_rank };
enum class MetricSource {
  windows,  // Stan: covariance of the draws of a window, every other window twice as long; not of low rank
  fisher    // nutpie: the covariance that makes gradients of the transformed density as large as its draws
};

/// What is fixed when the program is compiled.
struct AdaptationRules {
  MetricKind metric = MetricKind::diagonal;
  bool step_size = true;
  bool mass_matrix = true;
  MetricSource source = MetricSource::windows;
  /// The acceptance statistic of a draw is that of one proposal, not the mean along a trajectory: the last fast interval
  /// is a quarter of warm-up, because fifty draws would say little.
  bool noisy_acceptance = false;
  /// dense: the group of every coordinate, between groups the metric is zero. Empty: all are one group.
  std::vector<std::int64_t> groups = {};
  /// low_rank: at most so many directions, whose variance differs from that of the diagonal by this factor or more.
  std::int64_t rank = 10;
  double cutoff = 1.2;
  /// The metric is estimated from all chains together where they meet (pooled.h): a chain only collects what it sees.
  bool pooled = false;
};

/// The shape of a warm-up of num_warmup draws; the numbers of a window schedule.
///
/// Stan's: a fast interval of `initial` draws, windows of which the first has `base` draws and
/// each next one twice as many, a fast interval of `final` draws.
struct WindowSchedule {
  std::int64_t num_warmup = 0, initial = 0, base = 0, final = 0;
};
WindowSchedule window_schedule(std::int64_t num_warmup);
/// With gradients: estimates begin anew every 10 draws during the `initial` first 30 % (they always cover the last 10 to
/// 20 draws), then after 80, 120, 180, ... draws; the metric is frozen for the `final` 15 %.
WindowSchedule fisher_schedule(std::int64_t num_warmup);
WindowSchedule schedule_of(const AdaptationRules&, std::int64_t num_warmup);
/// The draws after which the metric is updated.
std::vector<std::int64_t> window_ends(const WindowSchedule&);

/// The schedule and target as arguments of the program: other numbers need no other program. All scalars.
struct AdaptationPlan {
  Tensor num_warmup, windows_begin, windows_end;  // i64; windows cover draws [windows_begin, windows_end)
  Tensor target_accept_prob;                      // f64
  static constexpr auto fields = names("num_warmup", "windows_begin", "windows_end", "target_accept_prob");
};
AdaptationPlan adaptation_plan(const WindowSchedule&, double target_accept_prob);

/// Dual averaging: x_k = mu - sqrt(k) / gamma * mean error, averaged with weights k^-kappa.
struct DualAveraging {
  Tensor log_target;   // mu, log of ten times the step size at the last restart
  Tensor mean_error;   // running mean of target - acceptance
  Tensor log_average;  // averaged log step size
  Tensor updates;      // f64
  static constexpr auto fields = names("log_target", "mean_error", "log_average", "updates");
};
DualAveraging restart(const Tensor& step_size);

/// Running mean and sum of squared deviations (Welford 1962): [dim], dense: [dim, dim].
struct Moments {
  Tensor count;  // f64
  Tensor mean, squares;
  static constexpr auto fields = names("count", "mean", "squares");
};

/// Points and gradients there, the newest `capacity` of them.
struct Points {
  Tensor count;  // i64, so many were added
  Tensor begin, next_begin;  // i64: those from `begin` on are used; from `next_begin` on when the next window begins
  Tensor positions, gradients;  // [capacity, dim]; number i is in row i % capacity
  static constexpr auto fields = names("count", "begin", "next_begin", "positions", "gradients");
};

struct Adaptation {
  Tuning tuning;
  DualAveraging step;
  std::vector<Moments> moments;    // windows: of the draws; fisher: draws, gradients, and the same for the next window
  std::vector<Points> points;      // of a low-rank metric, in place of moments
  Tensor previous;                 // fisher: [dim], where the current draw began
  Tensor window_end, window_size;  // i64: last draw of the current window, its length
  static constexpr auto fields = names("tuning", "step", "moments", "points", "previous", "window_end", "window_size");
};

Adaptation begin_adaptation(const AdaptationRules&, const WindowSchedule&, std::int64_t dim, double step_size);

/// What adaptation learns from one draw.
struct Experience {
  Tensor draw;        // i64, its number
  Tensor acceptance;  // statistic in [0, 1]
  Tensor position;    // where it ended
  Tensor gradient;    // of the log density where it began
  /// The statistic in place of `acceptance` after the first part of warm-up; undefined: the kernel has none.
  Tensor late_acceptance = {};
};
/// After each draw of warm-up.
Adaptation adapt(const AdaptationRules&, const AdaptationPlan&, const Adaptation&, const Experience&);

// Pieces, for the sources of the metric.
/// A window of draws is complete: the metric of their moments, and the next window.
Adaptation end_window(const AdaptationRules&, const AdaptationPlan&, const Adaptation&, const Moments& draws);
/// A new metric. The step size changes with it such that steps stay as long as they were, in the geometric mean over
/// dimensions: on the way from a bad start the scale of the metric changes by orders of magnitude, and dual averaging
/// would follow too slowly.
Adaptation with_metric(const AdaptationRules&, const Adaptation&, const Tuning&);
/// The metric of draws and gradients, by the kind that the rules ask for.
Tuning fisher_estimate(const AdaptationRules&, const Adaptation&);
/// How many points the estimate has.
Tensor points_seen(const Adaptation&);
Moments no_moments(const Shape& mean, const Shape& squares);
Moments add(const Moments&, const Tensor& x);
Adaptation learn_from_windows(const AdaptationRules&, const AdaptationPlan&, const Adaptation&, const Experience&);
Adaptation learn_from_gradients(const AdaptationRules&, const AdaptationPlan&, const Adaptation&, const Experience&);
Points no_points(std::int64_t dim);
Points add(const Points&, const Tensor& position, const Tensor& gradient);
/// The metric of the moments of draws and gradients.
Tuning diagonal_estimate(const Moments& draws, const Moments& gradients, const Tuning& before);
Tuning dense_estimate(const AdaptationRules&, const Moments& draws, const Moments& gradients, const Tuning& before);
Tuning low_rank_estimate(const AdaptationRules&, const Points&, const Tuning& before);
/// x [dim, dim] with zeros between groups.
Tensor within_groups(const AdaptationRules&, const Tensor& x);

}  // namespace nuthatch::mcmc
