#pragma once
/// Kullback-Leibler divergences.
#include "nuthatch/distribution.h"

namespace nuthatch {

/// KL(p || q) = E_p[log p(x) - log q(x)], of the batch shape of p and q together; infinite where p has mass and q has
/// none. In closed form for
///   - members of the same family: Bernoulli, Beta, Binomial (the same total_count), Categorical, Cauchy, Delta, Dirichlet,
///     Exponential, Gamma, Geometric, Gumbel, HalfCauchy, HalfNormal, InverseGamma, Laplace, LogNormal, Multinomial (the
///     same total_count), MultivariateNormal, LowRankMultivariateNormal, NegativeBinomial (the same total_count), Normal,
///     Pareto, Poisson, Rayleigh, Uniform, VonMises, Weibull, and their special cases (Chi2 among Gamma, BetaProportion
///     among Beta, probs among logits, ...);
///   - Delta and anything, Normal.to_event(1), MultivariateNormal and CirculantNormal, Weibull and Gamma, Kumaraswamy and
///     Beta;
///   - p discrete with few enough values to enumerate, and any q;
///   - expand, to_event and mask of these, on either side.
/// An Error for other pairs: estimate those from draws, mean(p.log_prob(x) - q.log_prob(x)), x drawn from p.
Tensor kl_divergence(const Distribution& p, const Distribution& q, Where where = Where::current());

}  // namespace nuthatch
