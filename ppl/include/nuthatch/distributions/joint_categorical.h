#pragma once
/// JointCategorical(probs, {.event_dim}): vectors x of event_dim integers, x[i] = 0 ... k_i - 1, with any dependence
/// between them: probs [..., k_0, k_1, ...] >= 0 over its last event_dim dimensions (all of them by default), which are
/// divided by their sum.
///   log p(x) = log(probs[..., x[0], x[1], ...]) - log(sum(probs))
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters.
struct JointCategoricalOptions {
  OnlyNamed only_named{};
  int event_dim = -1;
};

struct JointCategorical : Distribution {
  template <Positional A>
  explicit JointCategorical(const A& probs, const JointCategoricalOptions& options = {}, Where where = Where::current())
      : Distribution(make(probs, options.event_dim, where)) {}

 private:
  static Distribution make(const Tensor& probs, int event_dim, Where where);
};

}  // namespace nuthatch
