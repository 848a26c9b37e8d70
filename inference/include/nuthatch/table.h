#pragma once
/// A table of numbers with labelled rows and columns.
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nuthatch/options.h"

namespace nuthatch {

class Table {
public:
  Table() = default;
  explicit Table(std::vector<std::string> columns) : columns_(std::move(columns)) {}

  const std::vector<std::string>& columns() const { return columns_; }
  const std::vector<std::string>& rows() const { return rows_; }
  std::size_t size() const { return rows_.size(); }
  /// Label of row i.
  const std::string& index(std::size_t i) const { return rows_.at(i); }
  double at(std::string_view row, std::string_view column, Where where = Where::current()) const;

  void add_row(std::string label, std::vector<double> values, Where where = Where::current());
  /// Every value rounded to so many decimals, halves to even; one number per column.
  Table rounded(const std::vector<int>& decimals) const;

private:
  friend std::string to_string(const Table&);
  std::vector<std::string> columns_, rows_;
  std::vector<std::vector<double>> values_;
};

/// Aligned text; each column shows the decimals its values need, at least one and at most six.
std::string to_string(const Table& table);
std::ostream& operator<<(std::ostream& out, const Table& table);

} // namespace nuthatch
