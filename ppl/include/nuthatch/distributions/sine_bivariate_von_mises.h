#pragma once
/// SineBivariateVonMises({.phi_loc, .psi_loc, .phi_concentration, .psi_concentration, .correlation}): a pair of angles
/// x = (phi, psi) [..., 2] in [-pi, pi], correlated on the torus; locations in [-pi, pi], concentrations k1, k2 > 0,
/// correlation r real. With .weighted_correlation w instead, r = w sqrt(k1 k2): one mode for |w| < 1.
///   log p(x) = k1 cos(phi - phi_loc) + k2 cos(psi - psi_loc) + r sin(phi - phi_loc) sin(psi - psi_loc) - log C
///   C = 2 pi integral_{-pi}^{pi} I0(sqrt(k2^2 + r^2 sin(t)^2)) exp(k1 cos(t)) dt
/// by the trapezoidal rule, which for periodic functions converges faster than any power: 1024 points, exact to rounding
/// for k1 + |r| up to 16,000.
/// Singh, Hnizdo and Demchuk, Probabilistic model for two dependent circular variables, Biometrika 89 (2002). Draws: phi by
/// rejection from a step function above its marginal density, psi given phi is von Mises.
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters; one of the two correlations.
struct SineBivariateVonMisesOptions {
  OnlyNamed only_named{};
  Tensor phi_loc{};
  Tensor psi_loc{};
  Tensor phi_concentration{};
  Tensor psi_concentration{};
  Tensor correlation{};
  Tensor weighted_correlation{};
};

struct SineBivariateVonMises : Distribution {
  explicit SineBivariateVonMises(const SineBivariateVonMisesOptions& options, Where where = Where::current());
};

}  // namespace nuthatch
