#pragma once
/// Gamma(concentration, rate): x > 0, both parameters > 0; mean concentration / rate.
///   log p(x) = a log(rate) - lgamma(a) + (a - 1) log(x) - rate x,   a = concentration
/// Gamma({.mean, .sd}) has concentration (mean / sd)^2 and rate mean / sd^2.
/// Draws: Marsaglia and Tsang, A simple method for generating gamma variables, ACM TOMS 26 (2000).
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters.
struct GammaMoments {
  OnlyNamed only_named{};
  Tensor mean{};
  Tensor sd{};
};

struct Gamma : Distribution {
  template <Positional A, Positional B>
  explicit Gamma(const A& concentration, const B& rate, Where where = Where::current())
      : Distribution(make(concentration, rate, where)) {}
  explicit Gamma(const GammaMoments& options, Where where = Where::current());

 private:
  static Distribution make(const Tensor& concentration, const Tensor& rate, Where where);
};

}  // namespace nuthatch
