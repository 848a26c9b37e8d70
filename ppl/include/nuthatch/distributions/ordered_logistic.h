#pragma once
/// OrderedLogistic(predictor, cutpoints): x = 0 ... K-1; cutpoints [..., K-1] increasing, predictor any number.
///   P(X <= k) = sigmoid(cutpoints[k] - predictor)
#include "nuthatch/distribution.h"

namespace nuthatch {

struct OrderedLogistic : Distribution {
  template <Positional A, Positional B>
  explicit OrderedLogistic(const A& predictor, const B& cutpoints, Where where = Where::current())
      : Distribution(make(predictor, cutpoints, where)) {}

 private:
  static Distribution make(const Tensor& predictor, const Tensor& cutpoints, Where where);
};

}  // namespace nuthatch
