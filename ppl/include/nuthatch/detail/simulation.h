#pragma once
/// Distributions whose density is estimated by simulation need a random key each time it is evaluated.
#include "nuthatch/message.h"

namespace nuthatch::detail {

/// A Simulator, or one inside of modifiers.
bool is_simulated(const Distribution&);

/// While it lives, densities of simulated distributions in this thread are estimated with this key.
class SimulationKey {
 public:
  explicit SimulationKey(const Key& key);
  ~SimulationKey();
  SimulationKey(const SimulationKey&) = delete;
  SimulationKey& operator=(const SimulationKey&) = delete;
  /// The present key; an empty one outside of all scopes.
  static Key current();

 private:
  Key before_;
};

/// Gives simulated sites keys by their names, and nothing else any.
class SimulationHandler : public Handler {
 public:
  explicit SimulationHandler(Key key) : key_(std::move(key)) {}
  void process(Message&) override;

 private:
  Key key_;
};

}  // namespace nuthatch::detail
