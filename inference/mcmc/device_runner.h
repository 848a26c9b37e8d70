// Slices of a chain program on a GPU.
#pragma once

#include "inference/mcmc/runner.h"
#include "nuthatch/device.h"

namespace nuthatch::mcmc {

/// Each chain is run by a group of threads (0: as many as suit the program and the number of chains). States stay on the
/// device from slice to slice; draws are collected there and brought to the store after each.
std::unique_ptr<Runner> device_runner(const ChainProgram&, const SharedArguments&, const ChainState& example, const Device&,
                                      std::int64_t chains, int threads_per_chain);

}  // namespace nuthatch::mcmc
