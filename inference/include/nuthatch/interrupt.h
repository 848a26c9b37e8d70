#pragma once
/// Ctrl-C as a request to stop: opt-in, because a library must not take signals from its host program.
#include "nuthatch/stop_token.h"

namespace nuthatch {

/// From now on the first Ctrl-C asks every run that was given this token to end after its current slice and to return
/// what it has; a second one ends the process as usual.
///
///     MCMC(NUTS(model), {.stop = interrupt_on_sigint()})
StopToken interrupt_on_sigint();

}  // namespace nuthatch
