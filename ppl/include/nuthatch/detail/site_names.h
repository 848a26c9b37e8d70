#pragma once
/// Names a handler was given. One that no site of the model has is a mistake in spelling, and would have no effect.
#include <map>
#include <string>
#include <vector>

#include "nuthatch/message.h"

namespace nuthatch::detail {

class SiteNames {
 public:
  /// `kind` is what the names must belong to: "site", "sample site", "param".
  SiteNames(std::string handler, std::string kind, std::vector<std::string> wanted, Where where)
      : handler_(std::move(handler)), kind_(std::move(kind)), where_(where), wanted_(std::move(wanted)) {}
  template <class T>
  static std::vector<std::string> of(const std::map<std::string, T>& values) {
    std::vector<std::string> names;
    for (const auto& [name, value] : values) names.push_back(name);
    return names;
  }
  /// A site the names may refer to.
  void add(const std::string& site);
  /// Throws when a name was not among the sites.
  void check() const;

 private:
  std::string handler_, kind_;
  Where where_;
  std::vector<std::string> wanted_, present_;
};

}  // namespace nuthatch::detail
