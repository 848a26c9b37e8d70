#pragma once
/// The choice between centred and non-centred forms, made by a short run for every element of every site.
///
///     auto model = reparam_automatically(groups);
///     auto fit = MCMC(NUTS(model)).run(Key(0), g, 20, y);
#include "nuthatch/handlers.h"
#include "nuthatch/log_density.h"

namespace nuthatch {

struct AutomaticReparamOptions {
  OnlyNamed only_named{};
  /// The pilot run, of four chains.
  std::int64_t num_warmup = 300, num_samples = 300;
  /// The choice depends on it, the model and its arguments alone.
  Key key = Key(0);
};

/// The centredness, in [0, 1], of every element of the latent sites of families with location and scale that are not
/// constant, by name. The pilot run samples them non-centred. In coordinates u = c loc + scale^(c-1) (x - loc) the
/// posterior has some divergence from the normal distribution with independent coordinates that is nearest to it,
/// KL(posterior, normal) = const + sum over elements of log sd(u) - (c - 1) E log scale, and c is chosen to make it
/// smallest. Gorinova, Moore & Hoffman (2020) choose by the other divergence.
Values automatic_centredness(const BoundModel& model, const AutomaticReparamOptions& options = {}, Where where = Where::current());

/// The model with LocScaleReparam at that centredness. The choice is made anew wherever the model gets its arguments.
Model reparam_automatically(const Model& model, const AutomaticReparamOptions& options = {}, Where where = Where::current());

}  // namespace nuthatch
