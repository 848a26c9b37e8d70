#pragma once
/// NegativeBinomial({.mean, .concentration}): x = 0, 1, ..., both parameters > 0; variance mean + mean^2 / concentration.
///   log p(x) = lgamma(x + c) - lgamma(c) - log(x!) + c log(c / (mean + c)) + x log(mean / (mean + c)),   c = concentration
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters.
struct MeanConcentration {
  OnlyNamed only_named{};
  Tensor mean{};
  Tensor concentration{};
};

struct NegativeBinomial : Distribution {
  explicit NegativeBinomial(const MeanConcentration& options, Where where = Where::current());
};

}  // namespace nuthatch
