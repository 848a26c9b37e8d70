#pragma once
/// Generalised Pareto tails: Vehtari, Simpson, Gelman, Yao and Gabry (2024), "Pareto smoothed importance sampling",
/// JMLR 25(72).
#include <cstddef>
#include <optional>
#include <span>

#include "chains.h"

namespace nuthatch::detail {

/// Shape k and scale sigma; F(x) = 1 - (1 + k x / sigma)^(-1/k).
struct GeneralisedPareto {
  double k, sigma;
  double quantile(double probability) const;
};

/// Empirical Bayes fit of Zhang and Stephens (2009) to excesses over a threshold, in ascending order and positive, with
/// a weak prior that draws k towards 1/2. k is NaN when the first quartile does not exceed the least of them: no
/// Pareto tail looks so.
GeneralisedPareto fit_generalised_pareto(std::span<const double> excesses);

/// Draws that count as the tail: floor(3 sqrt(S / r_eff)), a fifth of few.
std::size_t pareto_tail_length(std::size_t draws, double r_eff);

/// How the tail of importance weights is found. `current`: the largest `pareto_tail_length` weights. `legacy`: those
/// above the order statistic at ceil(min(S/5, 3 sqrt(S/r_eff))), as ArviZ before 1.0 had it.
enum class TailRule { current, legacy };

/// Pareto smoothed importance sampling: replaces the largest of the log ratios by the quantiles of the fitted tail, at
/// most the largest ratio, and normalises them to log weights. Returns the shape k of the raw ratios: +inf where the
/// tail is too short or flat to be fitted; 0 where all ratios are equal, so that nothing needs smoothing.
double smooth_importance_weights(std::span<double> log_ratios, double r_eff, TailRule rule = TailRule::current);

/// The same with a tail of given length.
double smooth_largest_weights(std::span<double> log_ratios, std::size_t length);

enum class Tail { left, right, both };
/// Shape of the tails of the draws themselves; `both`: of the heavier one. Moments of order 1/k and more do not exist.
/// By default r_eff is that of the tails, ess_tail / S at the 5 % and 95 % quantiles.
double pareto_k(Chains x, Tail tail = Tail::both, std::optional<double> r_eff = {});
/// Fewest draws for which the error of a mean estimated from draws with these tails is normal: 10^(1 / (1 - k)),
/// infinite from k = 0.99.
double pareto_min_sample_size(Chains x, std::optional<double> r_eff = {});

/// log(sum(exp(x))), exact for one value and -inf for none.
double log_sum_exp(std::span<const double> x);

} // namespace nuthatch::detail
