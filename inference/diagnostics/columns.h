#pragma once
/// The columns of a row-major array, one contiguous copy at a time: the draws of one scalar of a variable, the log
/// likelihoods of one observation.
#include <functional>
#include <span>

#include "nuthatch/data_array.h"

namespace nuthatch::detail {

class Columns {
public:
  /// Dimensions `leading` (chain and draw, say) become the rows, all others the columns.
  Columns(const DataArray& variable, const std::vector<std::string>& leading, Where where = Where::current());
  /// (rows, columns) in row-major order.
  Columns(Array values, std::size_t rows);

  std::size_t rows() const { return rows_; }
  std::size_t size() const { return columns_; }
  /// Calls `visit(worker, column, values)` for every column, on several threads. The values are a copy, converted to
  /// double, which may be overwritten and is valid during the call.
  void
  for_each(const std::function<void(std::size_t worker, std::size_t column, std::span<double> values)>& visit) const;
  /// One column.
  std::vector<double> column(std::size_t i) const;

private:
  Array values_;
  std::size_t rows_ = 0, columns_ = 0;
};

} // namespace nuthatch::detail
