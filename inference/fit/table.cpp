#include "nuthatch/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ostream>

#include "nuthatch/error.h"

namespace nuthatch {
namespace {

/// Decimals, one to six, after which the value has only zeros.
int needed_decimals(double value) {
  if (!std::isfinite(value)) return 1;
  const std::string text = fmt::format("{:.6f}", value);
  return std::max<int>(1, static_cast<int>(text.find_last_not_of('0')) - static_cast<int>(text.find('.')));
}

std::string number(double value, int decimals) {
  return std::isnan(value)   ? "NaN"
         : std::isinf(value) ? (value > 0 ? "inf" : "-inf")
                             : fmt::format("{:.{}f}", value, decimals);
}

/// Columns on a terminal: UTF-8 continuation bytes take none.
std::size_t display_width(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

} // namespace

double Table::at(std::string_view row, std::string_view column, Where where) const {
  const auto r = std::find(rows_.begin(), rows_.end(), row);
  if (r == rows_.end()) throw Error(fmt::format("table: no row `{}`", row), where);
  const auto c = std::find(columns_.begin(), columns_.end(), column);
  if (c == columns_.end()) throw Error(fmt::format("table: no column `{}`", column), where);
  return values_[static_cast<std::size_t>(r - rows_.begin())][static_cast<std::size_t>(c - columns_.begin())];
}

void Table::add_row(std::string label, std::vector<double> values, Where where) {
  if (values.size() != columns_.size())
    throw Error(fmt::format("table: {} values for {} columns", values.size(), columns_.size()), where);
  rows_.push_back(std::move(label));
  values_.push_back(std::move(values));
}

Table Table::rounded(const std::vector<int>& decimals) const {
  Table out = *this;
  for (auto& row : out.values_)
    for (std::size_t c = 0; c < row.size(); ++c) {
      const double scale = std::pow(10.0, decimals.at(c));
      const double value = std::nearbyint(row[c] * scale) / scale;
      if (std::isfinite(value)) row[c] = value;
    }
  return out;
}

std::string to_string(const Table& table) {
  std::size_t label_width = 0;
  for (const auto& label : table.rows_) label_width = std::max(label_width, display_width(label));
  std::vector<std::vector<std::string>> cells(table.rows_.size());
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < table.columns_.size(); ++c) {
    int decimals = 1;
    for (const auto& row : table.values_) decimals = std::max(decimals, needed_decimals(row[c]));
    std::size_t width = display_width(table.columns_[c]);
    for (std::size_t r = 0; r < table.rows_.size(); ++r) {
      cells[r].push_back(number(table.values_[r][c], decimals));
      width = std::max(width, cells[r][c].size());
    }
    widths.push_back(width);
  }
  std::string out(label_width, ' ');
  for (std::size_t c = 0; c < widths.size(); ++c) out += fmt::format("  {:>{}}", table.columns_[c], widths[c]);
  for (std::size_t r = 0; r < table.rows_.size(); ++r) {
    out += "\n" + table.rows_[r] + std::string(label_width - display_width(table.rows_[r]), ' ');
    for (std::size_t c = 0; c < widths.size(); ++c) out += fmt::format("  {:>{}}", cells[r][c], widths[c]);
  }
  return out;
}

std::ostream& operator<<(std::ostream& out, const Table& table) { return out << to_string(table); }

} // namespace nuthatch
