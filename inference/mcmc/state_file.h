// The states and draws of an interrupted run as bytes.
#pragma once

#include "inference/mcmc/runner.h"
#include "nuthatch/sampler_state.h"

namespace nuthatch::mcmc {

struct StoredRun {
  States states;
  DrawStore draws;  // no chains: the run was complete, its draws are elsewhere
  std::int64_t num_warmup = 0, thinning = 1;
  bool save_warmup = false;
};

std::vector<std::byte> to_bytes(const StoredRun&);
/// An Error when the bytes are not what to_bytes wrote.
StoredRun from_bytes(const std::vector<std::byte>&);

}  // namespace nuthatch::mcmc
