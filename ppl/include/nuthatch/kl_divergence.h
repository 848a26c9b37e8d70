#pragma once
/// Kullback-Leibler divergences.
#include "nuthatch/distribution.h"

namespace nuthatch {

/// KL(p || q) = E_p[log p(x) - log q(x)], of the batch shape of p and q together; infinite where p has mass and q has
/// none. In closed form for
///   - members of the same family: Bernoulli, Beta, Binomial (the same total_count), Categorical, Cauchy, Delta, Dirichlet,
///     Exponential, Gamma, Geometric, Gumbel, HalfCauchy, HalfNormal, InverseGamma, InverseGaussian, InverseWishart, Laplace,
///     LKJ, LogNormal, Multinomial (the same total_count), MultivariateNormal, LowRankMultivariateNormal, NegativeBinomial (the same total_count), Normal,
///     Pareto, Poisson, Rayleigh, Uniform, VonMises, Weibull, Wishart, and their special cases (Chi2 among Gamma, BetaProportion
///     among Beta, probs among logits, ...);
///   - Delta and anything, Normal.to_event(1), MultivariateNormal and CirculantNormal, Weibull and Gamma, Kumaraswamy and
///     Beta;
///   - any continuous distribution of one number with an entropy against Uniform, and against Normal if it has mean and
///     variance too (by quadrature where these are);
///   - p discrete with few enough values to enumerate, and any q;
///   - expand, to_event and mask of these, on either side.
/// An Error for other pairs: estimate those from draws, mean(p.log_prob(x) - q.log_prob(x)), x drawn from p.
Tensor kl_divergence(const Distribution& p, const Distribution& q, Where where = Where::current());

}  // namespace nuthatch
