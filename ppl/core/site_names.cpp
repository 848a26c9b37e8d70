#include "nuthatch/detail/site_names.h"

namespace nuthatch::detail {

void SiteNames::check() const {
  for (const std::string& name : wanted_) {
    if (present_.contains(name)) continue;
    std::string others;
    for (const std::string& site : present_) others += (others.empty() ? "; it has " : ", ") + site;
    throw Error(handler_ + ": the model has no " + kind_ + " \"" + name + "\"" + others, where_);
  }
}

}  // namespace nuthatch::detail
