// Warm-up of all chains together: one step size and one metric from the draws of all of them.
//
// Between two meetings chains run as always and only collect what they see. Where they meet, after a number of draws that
// is fixed beforehand, the metric is estimated from all moments together (Chan, Golub & LeVeque 1983), and the states of
// dual averaging are replaced by their mean. Dual averaging is linear in the acceptance statistics, so that mean is the
// state of one dual averaging that sees the mean acceptance of all chains.
//
// A chain that is still on its way from a bad start would spoil the metric for all: one with a gradient a thousand times
// that of the median chain in some coordinate learns for itself until that is over, or warm-up ends.
#pragma once

#include "inference/mcmc/adaptation.h"

namespace nuthatch::mcmc {

/// The numbers of draws after which chains meet, increasing; the last is the end of warm-up.
std::vector<std::int64_t> meeting_points(const AdaptationRules&, const WindowSchedule&);

/// What chains know after a meeting that follows `draws` draws, `gradients` [chains, dim] being those of the last ones.
/// Leaves are [chains, ...] before and after. Step size, metric and dual averaging are the same in all chains that are
/// not far away, and after the last meeting in all of them.
Adaptation meet(const AdaptationRules&, const AdaptationPlan&, const Adaptation& chains, const Tensor& gradients,
                std::int64_t draws);

/// Chains of which some row of `squares` [chains, n] is above a million times that of the median chain, or not finite.
std::vector<bool> far_away(const Tensor& squares);

}  // namespace nuthatch::mcmc
