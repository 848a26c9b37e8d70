// One run of guide and model: a draw of the latent sites, and what both say of it.
#pragma once

#include "nuthatch/autoguide.h"
#include "nuthatch/detail/missing_values.h"
#include "nuthatch/svi.h"

namespace nuthatch::svi {

/// Model and guide with their arguments, and what their first run has shown.
struct Problem {
  BoundGuide guide;  // with its model
  /// Of all params, by name.
  std::map<std::string, Constraint> constraints;
  detail::MissingPositions missing;
  /// Observations found to be inside their support, which data alone determine.
  std::vector<std::string> tested;

  const BoundModel& model() const { return guide.model(); }
};

struct Particle {
  Trace guide, model;
};

/// The tensors among the arguments of a run.
struct Data {
  std::vector<Tensor> model, guide;
  static constexpr auto fields = names("model", "guide");
};

/// Runs the guide, then the model with the guide's draws. `params` are inside their constraints.
Particle run_particle(const Problem&, const Values& params, const Values& mutable_state, const Key&, const Data&);

/// log p(x, z), factors included.
Tensor log_p(const Problem&, const Particle&);
/// log q(z).
Tensor log_q(const Particle&);
/// The latent sites of the model.
bool latent(const Site&);

/// Params from unconstrained space into their constraints, and back.
Values constrain(const Problem&, const Values& unconstrained);
Values unconstrain(const Problem&, const Values& params);

}  // namespace nuthatch::svi
