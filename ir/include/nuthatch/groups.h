#pragma once
/// Reductions by group, counts, histograms. Group numbers outside 0 ... groups-1 are dropped. Compiled programs may hold
/// all of these; numbers of groups and bins are static.
#include <optional>
#include <utility>

#include "nuthatch/tensor.h"

namespace nuthatch {

/// Of x [n, ...] by group number [n] into [groups, ...] (segment_sum: array.h). An empty group gets the identity: 1 for
/// products, the lowest value of the type (-inf) for maxima, the highest for minima, NaN for means.
Tensor segment_prod(const Tensor& x, const Tensor& segment, std::int64_t groups, Where where = Where::current());
Tensor segment_max(const Tensor& x, const Tensor& segment, std::int64_t groups, Where where = Where::current());
Tensor segment_min(const Tensor& x, const Tensor& segment, std::int64_t groups, Where where = Where::current());
Tensor segment_mean(const Tensor& x, const Tensor& segment, std::int64_t groups, Where where = Where::current());
/// log(sum(exp(x))) of each group without overflow; -inf for an empty one.
Tensor segment_logsumexp(const Tensor& x, const Tensor& segment, std::int64_t groups, Where where = Where::current());
/// Sum of the weights of each of 0 ... n-1.
Tensor bincount(const Tensor& index, const Tensor& weights, std::int64_t n, Where where = Where::current());

/// Counts (i64; f64 with weights or `density`) in bins and the bin edges. The last bin includes its upper edge, NaN and
/// what lies outside is not counted. With `density` the histogram integrates to 1.
struct HistogramOptions {
  OnlyNamed only_named{};
  /// Lower and upper limit of equal bins; default the smallest and largest element (+-0.5 when they agree).
  std::optional<std::pair<double, double>> range{};
  Tensor weights{};
  bool density = false;
};
std::pair<Tensor, Tensor> histogram(const Tensor& x, std::int64_t bins = 10, const HistogramOptions& options = {},
                                    Where where = Where::current());
/// With ascending edges of one's own.
std::pair<Tensor, Tensor> histogram(const Tensor& x, const Tensor& edges, const HistogramOptions& options = {},
                                    Where where = Where::current());

}  // namespace nuthatch
