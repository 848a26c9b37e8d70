#pragma once
/// OrderedMultinomial(predictor, cutpoints, total_count): counts x [..., K] that sum to total_count, of independent draws
/// from OrderedLogistic(predictor, cutpoints); cutpoints [..., K-1] increasing.
#include "nuthatch/distribution.h"

namespace nuthatch {

struct OrderedMultinomial : Distribution {
  template <Positional A, Positional B, Positional C>
  explicit OrderedMultinomial(const A& predictor, const B& cutpoints, const C& total_count,
                              Where where = Where::current())
      : Distribution(make(predictor, cutpoints, total_count, where)) {}

 private:
  static Distribution make(const Tensor& predictor, const Tensor& cutpoints, const Tensor& total_count, Where where);
};

}  // namespace nuthatch
