#pragma once
/// Skellam(mu1, mu2): an integer of any sign, the difference of independent Poisson(mu1) and Poisson(mu2); both >= 0.
///   log p(x) = -mu1 - mu2 + x/2 log(mu1 / mu2) + log I_|x|(2 sqrt(mu1 mu2))
/// Computed as a contour integral of the probability generating function through its saddle point.
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Skellam : Distribution {
  template <Positional A, Positional B>
  explicit Skellam(const A& mu1, const B& mu2, Where where = Where::current()) : Distribution(make(mu1, mu2, where)) {}

 private:
  static Distribution make(const Tensor& mu1, const Tensor& mu2, Where where);
};

}  // namespace nuthatch
