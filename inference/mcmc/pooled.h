// Warm-up of all chains together: one step size and one metric from the draws of all of them.
//
// Between two meetings chains run as always and only collect what they see. Where they meet, after a number of draws that
// is fixed beforehand, the metric is estimated from all moments together (Chan, Golub & LeVeque 1983), and the states of
// dual averaging are replaced by their mean. Dual averaging is linear in the acceptance statistics, so that mean is the
// state of one dual averaging that sees the mean acceptance of all chains.
#pragma once

#include "inference/mcmc/adaptation.h"

namespace nuthatch::mcmc {

/// The numbers of draws after which chains meet, increasing; the last is the end of warm-up.
std::vector<std::int64_t> meeting_points(const AdaptationRules&, const WindowSchedule&);

/// What chains know after a meeting that follows `draws` draws. Leaves are [chains, ...] before and after; step size,
/// metric and dual averaging are the same in all chains.
Adaptation meet(const AdaptationRules&, const AdaptationPlan&, const Adaptation& chains, std::int64_t draws);

}  // namespace nuthatch::mcmc
