#pragma once
/// DirichletMultinomial(concentration, total_count): counts x [..., K] that sum to total_count; a Multinomial whose probs
/// are Dirichlet(concentration), concentration [..., K] > 0.
///   log p(x) = log(n!) + lgamma(a) - lgamma(n + a) + sum_k (lgamma(x_k + a_k) - lgamma(a_k) - log(x_k!)),
///   n = total_count, a = sum_k a_k
#include "nuthatch/distribution.h"

namespace nuthatch {

struct DirichletMultinomial : Distribution {
  template <Positional A, Positional B>
  explicit DirichletMultinomial(const A& concentration, const B& total_count, Where where = Where::current())
      : Distribution(make(concentration, total_count, where)) {}

 private:
  static Distribution make(const Tensor& concentration, const Tensor& total_count, Where where);
};

}  // namespace nuthatch
