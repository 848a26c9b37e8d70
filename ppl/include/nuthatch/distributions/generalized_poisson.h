#pragma once
/// GeneralizedPoisson(mu, lam): x = 0, 1, ..., mu > 0, lam in [0, 1); mean mu / (1 - lam), variance mu / (1 - lam)^3.
///   log p(x) = log(mu) + (x - 1) log(mu + lam x) - mu - lam x - log(x!)
/// Consul and Jain, A generalization of the Poisson distribution, Technometrics 15 (1973). For lam < 0 these masses do
/// not sum to one; such lam are refused.
/// Draws: the total progeny of Poisson(mu) ancestors, each individual with Poisson(lam) children.
#include "nuthatch/distribution.h"

namespace nuthatch {

struct GeneralizedPoisson : Distribution {
  template <Positional A, Positional B>
  explicit GeneralizedPoisson(const A& mu, const B& lam, Where where = Where::current())
      : Distribution(make(mu, lam, where)) {}

 private:
  static Distribution make(const Tensor& mu, const Tensor& lam, Where where);
};

}  // namespace nuthatch
