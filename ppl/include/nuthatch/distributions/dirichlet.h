#pragma once
/// Dirichlet(concentration): x [..., n] nonnegative with sum 1, concentration [..., n] > 0.
///   log p(x) = sum_i (a_i - 1) log(x_i) + lgamma(sum_i a_i) - sum_i lgamma(a_i),   a = concentration
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Dirichlet : Distribution {
  template <Positional A>
  explicit Dirichlet(const A& concentration, Where where = Where::current())
      : Distribution(make(concentration, where)) {}

 private:
  static Distribution make(const Tensor& concentration, Where where);
};

}  // namespace nuthatch
