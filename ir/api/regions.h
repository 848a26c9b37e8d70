#pragma once
// Trees' leaves on their way into and out of regions.
#include "ir/api/operands.h"
#include "nuthatch/tree.h"

namespace nuthatch::detail {
using tree::Leaves;

/// Thrown out of a region whose types were guessed wrong: trace it again with these dtypes.
struct Retry {
  std::vector<Dtype> dtypes;
};

std::vector<TensorType> types_of(const Leaves& xs);
Values values_of(const Leaves& xs);
/// Handles of region arguments; those that stand for literals are literals to the promotion rule.
Leaves arguments_for(const Leaves& originals, const Values& arguments, std::size_t offset = 0);
Leaves wrapped(const Values& values);

/// Runs `attempt(xs)`; where it throws Retry, again with xs converted.
template <class F>
Leaves with_retry(Leaves xs, Where where, F attempt) {
  for (;;) {
    try {
      return attempt(xs);
    } catch (const Retry& retry) {
      for (std::size_t k = 0; k < xs.size(); ++k)
        if (xs[k].dtype() != retry.dtypes[k]) xs[k] = xs[k].cast(retry.dtypes[k], where);
    }
  }
}

}  // namespace nuthatch::detail
