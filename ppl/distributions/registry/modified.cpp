// Distributions made of other distributions.
#include "nuthatch/distributions.h"
#include "ppl/distributions/registry/entries.h"

namespace nuthatch::detail {

Entries modified_entries() {
  return {
      {"MixtureSameFamily", {"weights", "loc", "scale"},
       [](P p) { return MixtureSameFamily(Categorical(p[0]), Normal(p[1], p[2])); },
       {{Tensor{0.3, 0.7}, Tensor{-1.0, 2.0}, Tensor{0.5, 1.0}}}},
  };
}

}  // namespace nuthatch::detail
