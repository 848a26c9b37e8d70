#pragma once
/// Gamma(concentration, rate = 1): x > 0, both parameters > 0; mean concentration / rate.
///   log p(x) = a log(rate) - lgamma(a) + (a - 1) log(x) - rate x,   a = concentration
/// Gamma({.mean, .sd}) has concentration (mean / sd)^2 and rate mean / sd^2; Gamma({.concentration, .scale}) rate 1 /
/// scale. Draws: Marsaglia and Tsang, A simple method for generating gamma variables, ACM TOMS 26 (2000); implicit
/// derivative.
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters: `.mean` and `.sd`, or `.concentration` with `.rate` or `.scale`.
struct GammaParameters {
  OnlyNamed only_named{};
  Tensor concentration{};
  Tensor rate{};
  Tensor scale{};
  Tensor mean{};
  Tensor sd{};
};

struct Gamma : Distribution {
  template <Positional A>
  explicit Gamma(const A& concentration, Where where = Where::current()) : Gamma(concentration, 1.0, where) {}
  template <Positional A, Positional B>
  explicit Gamma(const A& concentration, const B& rate, Where where = Where::current())
      : Distribution(make(concentration, rate, where)) {}
  explicit Gamma(const GammaParameters& options, Where where = Where::current());

 private:
  static Distribution make(const Tensor& concentration, const Tensor& rate, Where where);
};

} // namespace nuthatch
