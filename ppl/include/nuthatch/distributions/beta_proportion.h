#pragma once
/// BetaProportion(mean, concentration): x in [0, 1], 0 < mean < 1, concentration > 0; Beta(c1, c0) with c1 = mean
/// concentration and c0 = (1 - mean) concentration.
///   log p(x) = (c1 - 1) log(x) + (c0 - 1) log(1 - x) - log B(c1, c0)
#include "nuthatch/distribution.h"

namespace nuthatch {

struct BetaProportion : Distribution {
  template <Positional A, Positional B>
  explicit BetaProportion(const A& mean, const B& concentration, Where where = Where::current())
      : Distribution(make(mean, concentration, where)) {}

 private:
  static Distribution make(const Tensor& mean, const Tensor& concentration, Where where);
};

} // namespace nuthatch
