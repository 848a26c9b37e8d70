#include "nuthatch/detail/site_names.h"

#include <algorithm>

namespace nuthatch::detail {

void SiteNames::add(const std::string& site) {
  if (auto place = std::lower_bound(present_.begin(), present_.end(), site); place == present_.end() || *place != site)
    present_.insert(place, site);
}

void SiteNames::check() const {
  for (const std::string& name : wanted_) {
    if (std::find(present_.begin(), present_.end(), name) != present_.end()) continue;
    std::string others;
    for (const std::string& site : present_) others += (others.empty() ? "; it has " : ", ") + site;
    throw Error(handler_ + ": the model has no " + kind_ + " \"" + name + "\"" + others, where_);
  }
}

}  // namespace nuthatch::detail
