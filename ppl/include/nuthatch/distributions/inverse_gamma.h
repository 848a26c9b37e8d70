#pragma once
/// InverseGamma(concentration, rate = 1): x > 0, both parameters > 0; 1 / Gamma(concentration, rate).
///   log p(x) = a log(rate) - lgamma(a) - (a + 1) log(x) - rate / x,   a = concentration
/// InverseGamma({.mean, .sd}) has concentration 2 + (mean / sd)^2 and rate mean (concentration - 1).
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters: `.mean` and `.sd`, or `.concentration` and `.rate`.
struct InverseGammaParameters {
  OnlyNamed only_named{};
  Tensor concentration{};
  Tensor rate{};
  Tensor mean{};
  Tensor sd{};
};

struct InverseGamma : Distribution {
  template <Positional A>
  explicit InverseGamma(const A& concentration, Where where = Where::current())
      : InverseGamma(concentration, 1.0, where) {}
  template <Positional A, Positional B>
  explicit InverseGamma(const A& concentration, const B& rate, Where where = Where::current())
      : Distribution(make(concentration, rate, where)) {}
  explicit InverseGamma(const InverseGammaParameters& options, Where where = Where::current());

 private:
  static Distribution make(const Tensor& concentration, const Tensor& rate, Where where);
};

} // namespace nuthatch
