#pragma once
/// NegativeBinomial({.mean, .concentration}): x = 0, 1, ..., both parameters > 0; variance mean + mean^2 / concentration.
/// NegativeBinomial({.total_count, .probs}) or ({.total_count, .logits}): counts before the total_count-th stop, where
/// probs in [0, 1) is the probability that an event is a count; mean total_count probs / (1 - probs). SciPy, Stan and
/// PyMC give the probability of a stop, 1 - probs, in its place.
///   log p(x) = lgamma(x + c) - lgamma(c) - log(x!) + c log(1 - p) + x log(p),
///   c = concentration = total_count,   p = probs = mean / (mean + c)
/// Draws: Poisson with a rate drawn from Gamma(c).
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters: one of the three pairs.
struct NegativeBinomialOptions {
  OnlyNamed only_named{};
  Tensor mean{};
  Tensor concentration{};
  Tensor total_count{};
  Tensor probs{};
  Tensor logits{};
};

struct NegativeBinomial : Distribution {
  explicit NegativeBinomial(const NegativeBinomialOptions& options, Where where = Where::current());
};

}  // namespace nuthatch
