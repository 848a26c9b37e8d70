// Draws in unconstrained space become a Fit: values of sites with dimensions and labels, statistics, data.
#pragma once

#include "inference/mcmc/runner.h"
#include "nuthatch/fit.h"
#include "nuthatch/log_density.h"

namespace nuthatch::mcmc {

/// Values of latent and deterministic sites for draws [rows, dim]: one array [rows, ...] per site.
struct ConstrainedDraws {
  std::vector<SiteInfo> sites;  // latent ones in order of declaration, then deterministic ones
  std::vector<detail::Array> values;
};
ConstrainedDraws constrain_draws(const LogDensity&, const detail::Array& positions, std::int64_t rows,
                                 const std::vector<std::string>& exclude, int threads, bool interpret);

/// Draws [begin, end) of every chain, contiguous.
DrawStore part_of(const DrawStore&, std::int64_t begin, std::int64_t end);

/// Draws of an ensemble as those of single chains.
DrawStore by_walker(const DrawStore&, std::int64_t walkers);

void fill_posterior(Dataset&, const LogDensity&, const DrawStore&, const std::vector<std::string>& exclude,
                    int threads, bool interpret);
void fill_sample_stats(Dataset&, const std::vector<Statistic>&, const DrawStore&);
void fill_observed_data(Dataset&, const LogDensity&);

}  // namespace nuthatch::mcmc
