// From draws in unconstrained space to the values of sites: a compiled program over rows of positions.
#pragma once

#include <memory>

#include "inference/mcmc/runner.h"
#include "nuthatch/data_array.h"
#include "nuthatch/log_density.h"

namespace nuthatch::mcmc {

class SiteValues {
 public:
  /// Of all latent and deterministic sites but those in `exclude`; with `gradient`, of that of the log density, too.
  SiteValues(const LogDensity& density, const std::vector<std::string>& exclude, bool gradient, int threads,
             bool interpret);

  /// Latent sites in order of declaration, then deterministic ones.
  const std::vector<SiteInfo>& sites() const { return sites_; }
  /// For rows of positions [rows, dim]: one array [rows, ...] per site, then the gradient [rows, dim] if wanted. The data
  /// are those of the log density, or others of the same shapes.
  std::vector<detail::Array> at(const detail::Array& positions, std::int64_t rows) const { return at(positions, rows, data_); }
  std::vector<detail::Array> at(const detail::Array& positions, std::int64_t rows,
                                const std::vector<detail::Array>& data) const;

 private:
  std::vector<detail::Array> interpreted(const detail::Array& positions, std::int64_t rows,
                                         const std::vector<detail::Array>& data) const;

  std::vector<SiteInfo> sites_;
  std::vector<detail::Array> data_;
  std::int64_t dim_ = 0;
  bool gradient_ = false;
  int threads_ = 1;
  detail::ProgramPtr program_;
  Shared<detail::LaneExecutable> executable_;  // none when interpreted
};

/// The tensors of a log density as arrays.
std::vector<detail::Array> data_arrays(const LogDensity&);

/// Names of the dimensions behind chain and draw; those without a plate are called SITE_dim_0 and so on.
std::vector<std::string> dims_of(const SiteInfo&);
/// Labels of those dimensions that have some.
Coordinates coords_of(const SiteInfo&);

}  // namespace nuthatch::mcmc
