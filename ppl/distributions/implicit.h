#pragma once
/// Derivatives of draws and quantiles through the distribution function: F(x; theta) = q gives
///   dx = (dq - dF/dtheta dtheta) / f(x)
/// whatever way x was found (Figurnov, Mohamed and Mnih, Implicit reparameterization gradients, NeurIPS 2018).
#include "nuthatch/distribution.h"

namespace nuthatch::detail {

/// A draw x of the univariate family d as a differentiable function of the family's parameters.
Tensor implicit_draw(const DistributionImpl& d, const Tensor& x);
/// The quantile x of q, differentiable in q and the parameters.
Tensor implicit_quantile(const DistributionImpl& d, const Tensor& q, const Tensor& x);
/// Solves F(x) = q by bracketing and Newton's method in unconstrained coordinates, starting at `start`, a value inside
/// the support: on log F for q < 1/2, on the logarithm of the survival function otherwise, so that it is accurate in
/// both tails. For families with a distribution function but no closed inverse; differentiable as above.
Tensor quantile_by_search(const DistributionImpl& d, const Tensor& q, const Tensor& start);

} // namespace nuthatch::detail
