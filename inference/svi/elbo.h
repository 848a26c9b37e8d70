// Bounds of the evidence, estimated from draws of the guide.
#pragma once

#include "inference/svi/particle.h"

namespace nuthatch::svi {

/// The loss at params of unconstrained space, with the gradient that its estimator prescribes.
Tensor loss(const ELBO&, const Problem&, const Values& unconstrained, const Values& mutable_state, const Key&, const Data&);
/// Throws for a problem whose draws the bound cannot do with.
void check(const ELBO&, const Problem&, const Particle&, Where);

}  // namespace nuthatch::svi
