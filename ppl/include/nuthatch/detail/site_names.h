#pragma once
/// Names a handler was given. One that no site of the model has is a mistake in spelling, and would have no effect.
#include <map>
#include <set>
#include <string>

#include "nuthatch/message.h"

namespace nuthatch::detail {

class SiteNames {
 public:
  /// `kind` is what the names must belong to: "site", "sample site", "param".
  template <class T>
  SiteNames(std::string handler, std::string kind, const std::map<std::string, T>& wanted, Where where)
      : handler_(std::move(handler)), kind_(std::move(kind)), where_(where) {
    for (const auto& [name, value] : wanted) wanted_.insert(name);
  }
  /// A site the names may refer to.
  void add(const std::string& site) { present_.insert(site); }
  /// Throws when a name was not among the sites.
  void check() const;

 private:
  std::string handler_, kind_;
  Where where_;
  std::set<std::string> wanted_, present_;
};

}  // namespace nuthatch::detail
