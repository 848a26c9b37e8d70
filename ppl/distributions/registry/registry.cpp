#include "nuthatch/detail/registry.h"

#include "ppl/distributions/registry/entries.h"

namespace nuthatch::detail {

const std::vector<DistributionEntry>& distribution_registry() {
  static const Entries registry = [] {
    Entries all;
    const std::pair<const char*, Entries (*)()> groups[] = {{"continuous", continuous_entries},
                                                            {"discrete", discrete_entries},
                                                            {"multivariate", multivariate_entries},
                                                            {"modified", modified_entries}};
    for (auto [name, entries] : groups)
      for (auto& entry : entries()) {
        entry.group = name;
        all.push_back(std::move(entry));
      }
    return all;
  }();
  return registry;
}

}  // namespace nuthatch::detail
