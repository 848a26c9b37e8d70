#pragma once
/// The shape of the mass matrix that warm-up learns.
#include <string>
#include <vector>

#include "nuthatch/error.h"
#include "nuthatch/options.h"

namespace nuthatch {

struct Metric {
  enum class Kind { diagonal, dense, low_rank, automatic };
  Kind kind = Kind::diagonal;
  /// dense: groups of sites; empty: one of all sites.
  std::vector<std::vector<std::string>> blocks = {};
  /// low_rank: how many directions, and how far from one their variance must be.
  std::int64_t rank = 0;
  double cutoff = 0;

  ~Metric();  // compiled once
};

/// Dense where gradients are used, no site is discrete and a product with a matrix costs little beside the gradient: up
/// to 5 dimensions, and up to 20 when the data have at least dim^2 / 2 elements. Else diagonal.
Metric automatic();
/// One variance per dimension.
Metric diagonal();
/// The whole covariance matrix: for strongly correlated posteriors of moderate dimension.
Metric dense();
/// A covariance matrix for each group of sites, none between groups; sites in no group have one variance per dimension:
/// `block_dense({{"alpha", "beta"}, {"theta"}})`. An Error when a site is in two groups.
Metric block_dense(std::vector<std::vector<std::string>> groups, Where where = Where::current());

struct LowRankOptions {
  OnlyNamed only_named{};
  /// At most so many directions.
  std::int64_t rank = 10;
  /// Directions whose variance differs from what the diagonal says by less than this factor are left out.
  double cutoff = 1.2;
};
/// A diagonal with the variances of some directions across it: for correlated posteriors of many dimensions. A leapfrog
/// costs 4 rank operations per dimension more. Seyboldt, Carlson & Carpenter (2024).
Metric low_rank(const LowRankOptions& options = {}, Where where = Where::current());

}  // namespace nuthatch
