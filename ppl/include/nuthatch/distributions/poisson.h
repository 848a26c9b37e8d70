#pragma once
/// Poisson(rate): x = 0, 1, ..., rate >= 0; mean and variance rate.
///   log p(x) = x log(rate) - rate - log(x!)
/// Draws: sequential search below rate 10, above it PTRS of Hormann, The transformed rejection method for generating
/// Poisson random variables, Insurance: Mathematics and Economics 12 (1993).
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Poisson : Distribution {
  template <Positional A>
  explicit Poisson(const A& rate, Where where = Where::current()) : Distribution(make(rate, where)) {}

 private:
  static Distribution make(const Tensor& rate, Where where);
};

}  // namespace nuthatch
