// Updates of one discrete site, one number after the other. The log density is evaluated for every value the number can
// take, all at once, and a value is drawn in proportion: a Gibbs step (Geman & Geman 1984). Variants: the value is drawn
// among the others and accepted with probability (1 - p_old) / (1 - p_new), which moves more often (Liu 1996); or it is
// proposed without looking, uniformly from a finite support, or at a distance k with probability 1 / (k (k + 1)) on either
// side where there is no finite one, and accepted as Metropolis does.
#pragma once

#include "inference/kernels/composite.h"

namespace nuthatch::kernels {

struct DiscreteUpdate {
  bool random_walk = false;
  bool modified = false;
};

/// Whether the numbers of a site get Gibbs steps; else Metropolis steps.
bool by_looking(const LatentSite&, const DiscreteUpdate&);

CompositeRule::Update discrete_update(const LatentSite&, const DiscreteUpdate&);

}  // namespace nuthatch::kernels
