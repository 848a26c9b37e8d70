#pragma once
/// TruncatedPolyaGamma(): 0 < x < 2.5; the Polya-Gamma distribution PG(1, 0), truncated at 2.5.
///   p(x) = 1 / Z sum over n of (-1)^n (2 n + 1) (2 pi x^3)^(-1/2) exp(-(2 n + 1)^2 / (8 x))
/// For large x the equivalent series of PG(1, 0) in exp(-2 pi^2 (n + 1/2)^2 x) is summed. Draws by inversion. Polson,
/// Scott and Windle, Bayesian inference for logistic models using Polya-Gamma latent variables, JASA 108 (2013).
#include "nuthatch/distribution.h"

namespace nuthatch {

struct TruncatedPolyaGamma : Distribution {
  explicit TruncatedPolyaGamma(Where where = Where::current());
};

} // namespace nuthatch
