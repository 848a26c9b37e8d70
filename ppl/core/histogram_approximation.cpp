#include "nuthatch/histogram_approximation.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "nuthatch/array.h"
#include "nuthatch/math.h"
#include "nuthatch/primitives.h"

namespace nuthatch {
namespace {

std::vector<double> sorted_numbers(const char* caller, const Tensor& data, Where where) {
  const std::string who = caller;
  if (!data.is_concrete()) throw Error(who + ": the data must be known when the model is traced", where);
  if (data.size() == 0) throw Error(who + ": there are no data", where);
  std::vector<double> x = data.to_vector<double>();
  for (double v : x)
    if (!std::isfinite(v)) throw Error(who + ": data must be finite, but they contain " + to_string(Tensor(v)), where);
  std::sort(x.begin(), x.end());
  return x;
}

struct Cells {
  std::vector<double> point, count;
  /// The mean relative to the first number, which loses no digits of data far from zero.
  void add(const double* from, const double* to) {
    if (from == to) return;
    double excess = 0;
    for (const double* x = from; x != to; ++x) excess += *x - *from;
    point.push_back(*from + excess / double(to - from));
    count.push_back(double(to - from));
  }
  DataCells made() const { return {Tensor(point), Tensor(count)}; }
};

/// [from, to) in up to `cells` cells of equal counts; equal numbers stay together.
void add_by_quantiles(Cells& cells, const double* from, const double* to, std::int64_t count) {
  const double* begin = from;
  for (std::int64_t c = 1; c <= count; ++c) {
    const double* end = from + (to - from) * c / count;
    while (end != to && end != from && *end == end[-1]) ++end;
    if (end <= begin) continue;
    cells.add(begin, end);
    begin = end;
  }
}

}  // namespace

DataCells quantile_histogram(const Tensor& data, const CellOptions& o, Where where) {
  if (o.num_quantiles < 1)
    throw Error("quantile_histogram: num_quantiles must be at least 1, but it is " + std::to_string(o.num_quantiles), where);
  const std::vector<double> x = sorted_numbers("quantile_histogram", data, where);
  const double *from = x.data(), *to = from + x.size();
  Cells cells;
  if (o.zero_inflation) {
    const auto [first, last] = std::equal_range(from, to, 0.0);
    add_by_quantiles(cells, from, first, o.num_quantiles);
    cells.add(first, last);
    add_by_quantiles(cells, last, to, o.num_quantiles);
  } else {
    add_by_quantiles(cells, from, to, o.num_quantiles);
  }
  return cells.made();
}

DataCells discrete_histogram(const Tensor& data, const CellOptions& o, Where where) {
  const std::vector<double> x = sorted_numbers("discrete_histogram", data, where);
  Cells cells;
  for (const double *at = x.data(), *end = at + x.size(); at != end;) {
    const double* next = std::upper_bound(at, end, *at);
    if (next - at >= o.min_count) cells.add(at, next);
    at = next;
  }
  if (cells.point.empty())
    throw Error("discrete_histogram: no value occurs min_count = " + std::to_string(o.min_count) + " times", where);
  return cells.made();
}

Tensor histogram_approximation(const std::string& name, const Distribution& d, const Tensor& data, const CellOptions& o,
                               Where where) {
  d.validate("\n  in histogram_approximation(\"" + name + "\")");
  if (!d.shape().empty())
    throw Error("histogram_approximation(\"" + name + "\"): all data have one distribution of one number, but " + d.name() +
                    " has shape " + to_string(d.shape()),
                where);
  const DataCells h = d.support().discrete() ? discrete_histogram(data, o, where) : quantile_histogram(data, o, where);
  const Tensor total = sum(h.count * d.log_prob(h.point));
  factor(name, total, where);
  return total;
}

}  // namespace nuthatch
