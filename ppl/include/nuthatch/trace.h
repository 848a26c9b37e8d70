#pragma once
/// The record of one run of a model: every site in order of execution.
#include <concepts>
#include <string>
#include <vector>

#include "nuthatch/message.h"

namespace nuthatch {

/// A statement that was executed, with its value.
using Site = Message;

/// A name, and the line on which it is asked for.
struct SiteName {
  template <class T>
    requires std::convertible_to<const T&, std::string>
  SiteName(const T& name, Where where = Where::current()) : name(name), where(where) {}
  std::string name;
  Where where;
};

class Trace {
 public:
  using const_iterator = std::vector<Site>::const_iterator;
  const_iterator begin() const { return sites_.begin(); }
  const_iterator end() const { return sites_.end(); }
  std::size_t size() const { return sites_.size(); }
  bool contains(const std::string& name) const { return find(name) != nullptr; }
  const Site* find(const std::string& name) const;
  /// The site of that name; throws when there is none.
  const Site& operator[](const SiteName& name) const;
  /// Sum of the log densities of all sites, factors included. Added in order of the names, so that the result does not
  /// depend on the order in which a compiler evaluates arguments.
  Tensor log_density() const;
  /// Throws when the name is taken.
  void add(Site site);

 private:
  std::vector<Site> sites_;
};

/// Records sites.
class TraceHandler : public Handler {
 public:
  void finish(Message&) override;
  Trace trace;
};

}  // namespace nuthatch
