#pragma once
/// Delta(value, {.log_density, .event_dim}): x is always `value`. The last event_dim dimensions of value (none by
/// default) are one event, and log_density, 0 by default, is what log_prob gives at it; -infinity elsewhere. With a
/// log density it carries the weight of a value drawn by other means, as guides of automatic inference do.
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters.
struct DeltaOptions {
  OnlyNamed only_named{};
  Tensor log_density = 0.0;
  int event_dim = 0;
};

struct Delta : Distribution {
  template <Positional A>
  explicit Delta(const A& value, const DeltaOptions& options = {}, Where where = Where::current())
      : Distribution(make(value, options, where)) {}

 private:
  static Distribution make(const Tensor& value, const DeltaOptions& options, Where where);
};

}  // namespace nuthatch
