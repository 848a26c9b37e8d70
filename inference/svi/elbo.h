// Bounds of the evidence, estimated from draws of the guide.
#pragma once

#include "inference/svi/particle.h"

namespace nuthatch::svi {

/// The loss at params of unconstrained space.
Tensor loss(const ELBO&, const Problem&, const Values& unconstrained, const Values& mutable_state, const Key&, const Data&);
/// The same with the gradient that its estimator prescribes.
std::pair<Tensor, Values> loss_and_gradient(const ELBO&, const Problem&, const Values& unconstrained,
                                            const Values& mutable_state, const Key&, const Data&);
/// Throws for a problem whose draws the bound cannot do with.
void check(const ELBO&, const Problem&, const Particle&, Where);

}  // namespace nuthatch::svi
