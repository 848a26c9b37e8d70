// One run of a model for one draw: latent sites take given values, the rest is drawn.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "nuthatch/log_density.h"
#include "nuthatch/random.h"

namespace nuthatch::predictive {

/// What a site is in this run.
enum class Role : std::uint8_t { given, drawn, deterministic, predicted, observed };

struct SimulatedSite : SiteInfo {
  Role role = Role::drawn;
  bool recovered = false;  // a discrete site that was summed out
};

class Simulation final : public Handler {
 public:
  /// `values`: of latent sites and params, by name. A latent site that is neither among them nor in `drawn` is an Error
  /// where `complete` is set.
  Simulation(Key key, Values values, const std::set<std::string>& drawn, bool complete)
      : key_(std::move(key)), values_(std::move(values)), drawn_(drawn), complete_(complete) {}
  void process(Message&) override;
  void finish(Message&) override;

  /// In order of execution.
  std::vector<SimulatedSite> sites;
  Values results;         // of every site
  Values densities;       // log densities of the sites of the role `weighed`: of each observation, or of a site's batch
  std::optional<Role> weighed;

 private:
  Key key_;
  Values values_;
  const std::set<std::string>& drawn_;
  bool complete_;
  std::set<std::string> given_;
  Trace trace_;  // notices duplicate names
};

}  // namespace nuthatch::predictive
