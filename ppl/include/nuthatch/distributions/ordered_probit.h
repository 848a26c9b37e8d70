#pragma once
/// OrderedProbit(predictor, cutpoints, {.scale}): x = 0 ... K-1; cutpoints [..., K-1] increasing, predictor any number,
/// scale > 0, by default 1. The category into which Normal(predictor, scale) falls.
///   P(X <= k) = Phi((cutpoints[k] - predictor) / scale)
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters.
struct OrderedProbitOptions {
  OnlyNamed only_named{};
  Tensor scale = 1.0;
};

struct OrderedProbit : Distribution {
  template <Positional A, Positional B>
  explicit OrderedProbit(const A& predictor, const B& cutpoints, const OrderedProbitOptions& options = {},
                         Where where = Where::current())
      : Distribution(make(predictor, cutpoints, options.scale, where)) {}

 private:
  static Distribution make(const Tensor& predictor, const Tensor& cutpoints, const Tensor& scale, Where where);
};

}  // namespace nuthatch
