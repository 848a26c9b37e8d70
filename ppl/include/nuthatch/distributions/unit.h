#pragma once
/// Unit(log_factor): a value without elements, of event shape [0], whose log density is log_factor: a factor of the joint
/// density as a site.
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Unit : Distribution {
  template <Positional A>
  explicit Unit(const A& log_factor, Where where = Where::current()) : Distribution(make(log_factor, where)) {}

 private:
  static Distribution make(const Tensor& log_factor, Where where);
};

}  // namespace nuthatch
