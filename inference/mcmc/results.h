// Draws in unconstrained space become the groups of a fit: values of sites with dimensions and labels, statistics, data.
#pragma once

#include "inference/mcmc/data_sets.h"
#include "inference/mcmc/site_values.h"
#include "nuthatch/fit.h"

namespace nuthatch::mcmc {

/// What is stored of every draw.
struct DrawFields {
  std::vector<Statistic> statistics;
  bool unconstrained = false, gradient = false;  // of the draw, as statistics with a dimension of parameters
};
/// The dimension of unconstrained coordinates.
inline constexpr const char* unconstrained_dim = "unconstrained_parameter";

/// Draws [begin, end) of every chain, contiguous.
DrawStore part_of(const DrawStore&, std::int64_t begin, std::int64_t end);
/// Draws [begin, end) of chains [first, first + count).
DrawStore part_of(const DrawStore&, std::int64_t first, std::int64_t count, std::int64_t begin, std::int64_t end);

/// Draws of an ensemble as those of single chains.
DrawStore by_walker(const DrawStore&, std::int64_t walkers);

/// Columns of the statistics of rows [rows, number of statistics], each of its type.
std::vector<detail::Array> statistic_columns(const std::vector<Statistic>&, const detail::Array& stats, std::int64_t rows);

/// The groups of draws; chains of a store with several data sets are ordered by data set.
void fill_draws(Dataset& posterior, Dataset& sample_stats, const DataSets&, const SiteValues&, const DrawFields&,
                const DrawStore&);
void fill_observed_data(Dataset&, const DataSets&);

}  // namespace nuthatch::mcmc
