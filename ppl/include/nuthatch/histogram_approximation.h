#pragma once
/// The likelihood of many numbers by their histogram: the log density at one point per cell, times the count of the cell.
/// A model with a million data is evaluated at a thousand points.
#include <cstdint>
#include <string>

#include "nuthatch/distribution.h"

namespace nuthatch {

/// Cells of data: `point` is the mean of the data of a cell, `count` how many there are. Both f64 [cells], points
/// increasing, no cell empty.
struct DataCells {
  Tensor point, count;
  static constexpr auto fields = names("point", "count");
};

struct CellOptions {
  OnlyNamed only_named{};
  /// Cells between as many quantiles of continuous data; fewer where data coincide.
  std::int64_t num_quantiles = 1000;
  /// Zeros in a cell of their own, for ZeroInflated and Hurdle likelihoods.
  bool zero_inflation = false;
  /// Of discrete data: values that occur less often are left out. It changes the likelihood; 1 keeps all.
  std::int64_t min_count = 1;
};

/// The histogram of continuous data, of any shape, between their quantiles.
DataCells quantile_histogram(const Tensor& data, const CellOptions& options = {}, Where where = Where::current());
/// The distinct values of data and how often each occurs.
DataCells discrete_histogram(const Tensor& data, const CellOptions& options = {}, Where where = Where::current());

/// Adds sum_c count_c log p(point_c) to the log density, as factor `name`, and returns it. Exact for discrete data; of
/// continuous data the error is sum over the data of (log p)''(x) (x - point)^2 / 2. As in pymc-extras, but with the mean
/// of a cell in place of its midpoint. Error when the data are not known numbers, or the distribution is a batch.
Tensor histogram_approximation(const std::string& name, const Distribution& distribution, const Tensor& data,
                               const CellOptions& options = {}, Where where = Where::current());

}  // namespace nuthatch
