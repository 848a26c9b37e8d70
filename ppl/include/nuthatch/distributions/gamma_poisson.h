#pragma once
/// GammaPoisson(concentration, rate): x = 0, 1, ...; a Poisson whose rate is Gamma(concentration, rate), both > 0; mean
/// concentration / rate. The same family as NegativeBinomial, with probs = 1 / (1 + rate).
///   log p(x) = lgamma(x + a) - lgamma(a) - log(x!) + a log(rate) - (a + x) log(1 + rate),   a = concentration
#include "nuthatch/distribution.h"

namespace nuthatch {

struct GammaPoisson : Distribution {
  template <Positional A, Positional B>
  explicit GammaPoisson(const A& concentration, const B& rate, Where where = Where::current())
      : Distribution(make(concentration, rate, where)) {}

 private:
  static Distribution make(const Tensor& concentration, const Tensor& rate, Where where);
};

}  // namespace nuthatch
