#include "nuthatch/detail/registry.h"

#include "ppl/distributions/registry/entries.h"

namespace nuthatch::detail {

const std::vector<DistributionEntry>& distribution_registry() {
  static const Entries registry = [] {
    Entries all;
    for (auto* group : {continuous_entries, discrete_entries, multivariate_entries, modified_entries})
      for (auto& entry : group()) all.push_back(std::move(entry));
    return all;
  }();
  return registry;
}

}  // namespace nuthatch::detail
