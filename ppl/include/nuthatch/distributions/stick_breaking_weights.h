#pragma once
/// StickBreakingWeights(concentration, breaks): the weights w [breaks + 1] of a truncated Dirichlet process with
/// concentration a > 0: w_k = b_k prod_{j<k} (1 - b_j), b_k ~ Beta(1, a) for k = 1 .. K = breaks, and the last weight is
/// what remains.
///   log p(w) = K log a + (a - 1) log(w_{K+1}) - sum_{k=2..K} log(w_k + w_{k+1} + ... + w_{K+1})
/// Ishwaran and James, Gibbs sampling methods for stick-breaking priors, JASA 96 (2001).
#include "nuthatch/distribution.h"

namespace nuthatch {

struct StickBreakingWeights : Distribution {
  template <Positional A>
  explicit StickBreakingWeights(const A& concentration, std::int64_t breaks, Where where = Where::current())
      : Distribution(make(concentration, breaks, where)) {}

 private:
  static Distribution make(const Tensor& concentration, std::int64_t breaks, Where where);
};

}  // namespace nuthatch
