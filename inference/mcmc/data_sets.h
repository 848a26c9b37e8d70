// The data of a fit: one set, or with `each` many sets of the same shapes, one fit each.
#pragma once

#include <string>
#include <vector>

#include "inference/mcmc/chain_program.h"
#include "nuthatch/mcmc.h"

namespace nuthatch::mcmc {

class DataSets {
 public:
  DataSets(const Kernel& kernel, const MCMCOptions& options, const detail::FitArguments& arguments, Where where);

  /// Of the first set: all have the same sites.
  const LogDensity& density() const { return densities_.front(); }
  const std::vector<LogDensity>& densities() const { return densities_; }
  /// Whether the fit has a dimension of data sets.
  bool stacked() const { return stacked_; }
  std::int64_t size() const { return std::int64_t(densities_.size()); }
  const std::string& dim() const { return dim_; }
  const Coordinate& labels() const { return labels_; }

  /// What the engine samples, for `chains` chains of each set: those of the first set first.
  LogDensityFunction target(std::int64_t chains, std::int64_t walkers) const;

 private:
  std::vector<LogDensity> densities_;
  bool stacked_ = false;
  std::string dim_;
  Coordinate labels_;
};

}  // namespace nuthatch::mcmc
