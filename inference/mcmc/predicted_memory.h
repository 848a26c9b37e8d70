// What the draws of a run will take, before it starts.
#pragma once

#include "inference/mcmc/engine.h"

namespace nuthatch::mcmc {

/// Of one chain, in bytes.
struct DrawMemory {
  double stored = 0;          // while it runs: positions and statistics
  double results = 0;         // in the fit: values of sites and statistics
  double log_densities = 0;   // log_likelihood and log_prior
  double sum() const { return stored + results + log_densities; }
};

/// Throws Error at `where` when the draws of all chains do not fit into the memory that is free, with the figures and what
/// would make them smaller. Runs that write to disk hold only the newest draws.
void require_memory_for_draws(const DrawMemory& of_chain, std::int64_t chains, std::int64_t draws, bool streamed, Where where);

}  // namespace nuthatch::mcmc
