#pragma once
/// Convergence, effective sample size, Monte Carlo error and intervals of draws.
///
/// `draws` has shape (chain, draw, ...); the result has the shape of the rest, so (chain, draw) gives a scalar. The
/// definitions are those of Vehtari, Gelman, Simpson, Carpenter and Bürkner (2021), "Rank-normalization, folding, and
/// localization: an improved R-hat for assessing convergence of MCMC", with the conventions of ArviZ, whose numbers
/// these are. Fewer than four draws, or a NaN among them, give NaN.
#include <string_view>

#include "nuthatch/tensor.h"

namespace nuthatch {

/// Potential scale reduction sqrt((B/W + n - 1)/n). "rank" is the larger of the rank-normalised split form and its
/// folded counterpart and needs two chains; "split", "folded", "z_scale" and "identity" are the pieces.
Tensor r_hat(const Tensor& draws, std::string_view method = "rank", Where where = Where::current());

/// R-hat of many short chains in groups that started from one point each ("superchains"): `superchains[c]` is the group
/// of chain c; groups are of equal size. Margossian et al. (2024), "Nested R-hat: assessing the convergence of Markov
/// chain Monte Carlo when running many short chains". Methods as for `r_hat`.
Tensor r_hat_nested(const Tensor& draws, const std::vector<std::int64_t>& superchains, std::string_view method = "rank",
                    Where where = Where::current());

/// Effective sample size by name: "bulk", "tail", "mean", "sd", "median", "mad", "z_scale" (bulk), "folded" (of
/// rank-normalised |x - median|) or "identity" (of the chains as they are, not split).
Tensor ess(const Tensor& draws, std::string_view method = "bulk", Where where = Where::current());
/// Effective sample size of the centre of the distribution: of rank-normalised split chains.
Tensor ess_bulk(const Tensor& draws, Where where = Where::current());
/// The smaller one of the 5 % and 95 % quantiles.
Tensor ess_tail(const Tensor& draws, Where where = Where::current());
/// Of the quantiles `lower` and `upper`.
Tensor ess_tail(const Tensor& draws, double lower, double upper, Where where = Where::current());
Tensor ess_mean(const Tensor& draws, Where where = Where::current());
Tensor ess_sd(const Tensor& draws, Where where = Where::current());
Tensor ess_median(const Tensor& draws, Where where = Where::current());
/// Of the median absolute deviation.
Tensor ess_mad(const Tensor& draws, Where where = Where::current());
Tensor ess_quantile(const Tensor& draws, double probability, Where where = Where::current());
/// Of the probability of lying between two quantiles.
Tensor ess_local(const Tensor& draws, double lower, double upper, Where where = Where::current());

/// Monte Carlo standard error of the mean, sd(x) / sqrt(ess_mean).
Tensor mcse_mean(const Tensor& draws, Where where = Where::current());
/// Of the standard deviation, by the delta method.
Tensor mcse_sd(const Tensor& draws, Where where = Where::current());
Tensor mcse_median(const Tensor& draws, Where where = Where::current());
Tensor mcse_quantile(const Tensor& draws, double probability, Where where = Where::current());

/// Shortest interval that holds `prob`, chains joined (a vector of draws will do, too): shape (..., 2).
Tensor hdi(const Tensor& draws, double prob = 0.94, Where where = Where::current());
/// Interval between the quantiles (1 - prob)/2 and (1 + prob)/2, of the same draws: shape (..., 2).
Tensor eti(const Tensor& draws, double prob = 0.94, Where where = Where::current());

/// Smallest set of intervals that holds `prob`, one per mode, in ascending order: shape (..., max_modes, 2), NaN where
/// there are fewer. Real draws through a kernel density estimate on 512 points, integers by their counts.
Tensor hdi_multimodal(const Tensor& draws, double prob = 0.94, std::int64_t max_modes = 10,
                      Where where = Where::current());

/// Shape k of a generalised Pareto distribution fitted to the "left", "right" or heavier ("both") tail of the draws:
/// moments of order 1/k and more do not exist, and above 0.7 the mean cannot be estimated with any use. Vehtari,
/// Simpson, Gelman, Yao and Gabry (2024), "Pareto smoothed importance sampling".
Tensor pareto_k(const Tensor& draws, std::string_view tail = "both", Where where = Where::current());
/// Draws needed for a reliable mean of a distribution with these tails, 10^(1 / (1 - k)).
Tensor pareto_min_sample_size(const Tensor& draws, Where where = Where::current());

/// Bayesian fraction of missing information of each chain, from `sample_stats["energy"]` of shape (chain, draw).
Tensor bfmi(const Tensor& energy, Where where = Where::current());

} // namespace nuthatch
