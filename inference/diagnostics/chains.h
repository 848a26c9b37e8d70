#pragma once
/// The diagnostics of one scalar quantity, on plain arrays. `nuthatch/diagnostics.h` has them for Tensors.
///
/// The definitions are those of Vehtari, Gelman, Simpson, Carpenter and Bürkner (2021), "Rank-normalization,
/// folding, and localization: an improved R-hat for assessing convergence of MCMC", Bayesian Analysis 16(2),
/// with the conventions of ArviZ 0.x, so that both give the same numbers. Fewer than four draws, or a NaN
/// among them, give NaN.
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace nuthatch::detail {

/// Draws of one scalar, chain after chain: draw d of chain c is values[c * draws + d].
struct Chains {
  std::span<const double> values;
  std::size_t chains = 0;
  std::size_t draws = 0;

  std::span<const double> chain(std::size_t c) const { return values.subspan(c * draws, draws); }
  std::size_t size() const { return values.size(); }
};

/// Chains that own their values: what the transformations below return.
struct ChainMatrix {
  std::vector<double> values;
  std::size_t chains = 0;
  std::size_t draws = 0;

  operator Chains() const { return {values, chains, draws}; }
};

// Moments and transformations of all values jointly.
double mean(std::span<const double> x);
/// Sum of squared deviations from the mean, divided by (n - ddof).
double variance(std::span<const double> x, int ddof = 1);
/// Means of the second and fourth powers of deviations from a centre.
std::pair<double, double> central_moments(std::span<const double> x, double centre);
/// Linear interpolation between order statistics (type 7 of Hyndman and Fan), NumPy's default.
double quantile_of_sorted(std::span<const double> sorted, double probability);
double quantile(std::span<const double> x, double probability);
double median(std::span<const double> x);

bool has_nan(std::span<const double> x);
/// The least and the largest value; (inf, -inf) of none. No NaN.
std::pair<double, double> range(std::span<const double> x);
/// True when the range is below 1e-15: such draws have no autocorrelation to estimate.
bool is_constant(std::span<const double> x);

/// First and last half of every chain as chains of their own; the middle draw of an odd number is dropped.
ChainMatrix split(Chains x);
/// Rank normalisation: Phi^-1((r - 3/8) / (S + 1/4)), r the average rank among all S values.
ChainMatrix rank_normalise(Chains x);
/// |x - median(x)|.
ChainMatrix fold(Chains x);
/// 1 where low <= x <= high, else 0.
ChainMatrix indicator(Chains x, double low, double high);

/// Quantile of the standard normal distribution.
double normal_quantile(double probability);
/// Quantile of the Beta(a, b) distribution.
double beta_quantile(double probability, double a, double b);

// Convergence. `r_hat` is the largest of the bulk and the folded form; the others are the pieces.
double r_hat(Chains x);
double r_hat_split(Chains x);
double r_hat_folded(Chains x);
double r_hat_z_scale(Chains x);
double r_hat_identity(Chains x);
/// Of chains in groups that started from the same point ("superchains"), for many short chains: Margossian, Hoffman,
/// Sountsov, Riou-Durand, Vehtari and Gelman (2024), "Nested R-hat". `groups[c]` is the group of chain c; groups are of
/// equal size. `rank` as `r_hat`; the others as above.
enum class RHatForm { rank, split, folded, z_scale, identity };
double r_hat_nested(Chains x, std::span<const std::int64_t> groups, RHatForm form = RHatForm::rank);

// Effective sample sizes, on split chains except `identity`.
double ess_bulk(Chains x);
/// Smaller of the effective sample sizes of the two quantiles.
double ess_tail(Chains x, double lower = 0.05, double upper = 0.95);
double ess_mean(Chains x);
double ess_sd(Chains x);
double ess_median(Chains x);
double ess_mad(Chains x);
double ess_quantile(Chains x, double probability);
/// Of the probability of lying between two quantiles.
double ess_local(Chains x, double lower, double upper);
double ess_folded(Chains x);
double ess_identity(Chains x);

// Monte Carlo standard errors.
double mcse_mean(Chains x);
double mcse_sd(Chains x);
double mcse_median(Chains x);
double mcse_quantile(Chains x, double probability);

/// Shortest interval that holds the given probability (unimodal).
std::pair<double, double> hdi(std::span<const double> x, double probability);
std::pair<double, double> hdi_of_sorted(std::span<const double> sorted, double probability);
/// Interval between the quantiles (1 - p)/2 and (1 + p)/2.
std::pair<double, double> eti(std::span<const double> x, double probability);

/// Bayesian fraction of missing information of each chain: mean((E_t - E_{t-1})^2) / var(E).
std::vector<double> bfmi(Chains energy);

} // namespace nuthatch::detail
