#pragma once
/// InverseGaussian(mean, concentration): x > 0, both parameters > 0; variance mean^3 / concentration. The Wald
/// distribution.
///   log p(x) = 1/2 log(c / (2 pi x^3)) - c (x - mean)^2 / (2 mean^2 x),   c = concentration
/// InverseGaussian({.mean, .phi}) has concentration = mean phi, InverseGaussian({.concentration, .phi}) mean =
/// concentration / phi. Draws: Michael, Schucany and Haas, Generating random variates using transformations with
/// multiple roots, Amer. Statistician 30 (1976); implicit derivative.
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters: two of the three.
struct InverseGaussianParameters {
  OnlyNamed only_named{};
  Tensor mean{};
  Tensor concentration{};
  Tensor phi{};
};

struct InverseGaussian : Distribution {
  template <Positional A, Positional B>
  explicit InverseGaussian(const A& mean, const B& concentration, Where where = Where::current())
      : Distribution(make(mean, concentration, where)) {}
  explicit InverseGaussian(const InverseGaussianParameters& options, Where where = Where::current());

 private:
  static Distribution make(const Tensor& mean, const Tensor& concentration, Where where);
};

} // namespace nuthatch
