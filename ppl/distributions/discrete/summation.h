#pragma once
/// Sums over integers, and quantiles of integers: what discrete distributions without a closed distribution function
/// use.
#include <cstdint>
#include <optional>

#include "nuthatch/detail/function_ref.h"
#include "nuthatch/detail/distribution_impl.h"
#include "nuthatch/tensor.h"

namespace nuthatch::detail {

/// A function of integers k (f64) that broadcasts k with the batch.
using OfCount = FunctionRef<Tensor(const Tensor& k)>;

/// sum of term(k) over k = low ... high, elementwise over the broadcast of low, high and `batch`. Bounds that are known
/// numbers give a sum that can be differentiated; traced ones a loop, which can be differentiated forward only.
Tensor sum_over(const Tensor& low, const Tensor& high, const Shape& batch, OfCount term);

/// sum of term(k) over k = 0, 1, ... where term is a smooth function of real k beyond 256 (its logarithm changes by less
/// than about 0.5 from one k to the next, or term is negligible) and negligible beyond `end`: term by term up to 256, then
/// the integral of term and the Euler-Maclaurin correction, to 1e-12.
Tensor sum_of_smooth(const Tensor& end, const Shape& batch, OfCount term);

/// -sum of p(k) log p(k) over k = low ... high.
Tensor entropy_by_summation(const DistributionImpl& d, const Tensor& low, const Tensor& high);
/// The mode of a distribution of integers in lower ... upper that rises to it and then falls, searched from `start`.
Tensor mode_by_search(const DistributionImpl& d, const Tensor& start, const Tensor& lower, const Tensor& upper);

/// The k in 0 ... n at which `value` is largest; n is a known number.
Tensor argmax_over(std::int64_t n, const Shape& batch, OfCount value);

/// The smallest integer k in lower ... upper with cdf(k) >= q, searched from `start` in steps that double and then
/// halve. Bounds may be infinite; the result is f64.
Tensor count_quantile(const Tensor& q, const Tensor& start, const Tensor& lower, const Tensor& upper, OfCount cdf);
/// The same, started at the quantile of the normal distribution with that mean and standard deviation.
Tensor count_quantile(const Tensor& q, const Tensor& mean, const Tensor& sd, const Tensor& lower, const Tensor& upper,
                      OfCount cdf);

/// log(p) of a probability, from its complement where that is the smaller and therefore the more accurate one.
Tensor log_probability(const Tensor& p, const Tensor& complement);

/// The value that all elements of a concrete tensor share, and the largest of them.
std::optional<std::int64_t> common_count(const Tensor& n);
std::optional<std::int64_t> largest_count(const Tensor& n);

}  // namespace nuthatch::detail
