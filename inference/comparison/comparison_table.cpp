#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <ostream>

#include "nuthatch/compare.h"

namespace nuthatch {
namespace {

struct Column {
  std::string name;
  double ComparedModel::*number;
  int decimals;
};

std::vector<Column> numbers(const std::string& ic) {
  return {{"elpd_" + ic, &ComparedModel::elpd, 2},
          {"elpd", &ComparedModel::elpd, 2},
          {"p_" + ic, &ComparedModel::p, 2},
          {"p", &ComparedModel::p, 2},
          {"elpd_diff", &ComparedModel::elpd_diff, 2},
          {"weight", &ComparedModel::weight, 3},
          {"se", &ComparedModel::se, 2},
          {"dse", &ComparedModel::dse, 2},
          {"p_worse", &ComparedModel::p_worse, 2}};
}

/// Width on a terminal: UTF-8 continuation bytes take none.
std::size_t display_width(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

} // namespace

Comparison::Comparison(std::vector<ComparedModel> models, std::string ic, std::string scale, std::string layout)
    : models_(std::move(models)), ic_(std::move(ic)), scale_(std::move(scale)), layout_(std::move(layout)) {}

std::vector<std::string> Comparison::columns() const {
  if (layout_ == "v1")
    return {"rank", "elpd_diff", "dse", "p_worse", "diag_diff", "diag_elpd", "p", "elpd", "se", "weight"};
  return {"rank", "elpd_" + ic_, "p_" + ic_, "elpd_diff", "weight", "se", "dse", "warning", "scale"};
}

const ComparedModel& Comparison::at(std::string_view name, Where where) const {
  const auto found =
      std::find_if(models_.begin(), models_.end(), [&](const ComparedModel& m) { return m.name == name; });
  if (found != models_.end()) return *found;
  std::vector<std::string> names;
  for (const auto& m : models_) names.push_back(m.name);
  throw Error(fmt::format("comparison: no model `{}`; there are {}", name, fmt::join(names, ", ")), where);
}

double Comparison::at(std::string_view name, std::string_view column, Where where) const {
  const ComparedModel& model = at(name, where);
  if (column == "rank") return static_cast<double>(model.rank);
  if (column == "warning") return model.warning;
  for (const Column& c : numbers(ic_))
    if (c.name == column) return model.*c.number;
  throw Error(fmt::format("comparison: no column `{}` of numbers; there are {}", column, fmt::join(columns(), ", ")),
              where);
}

std::string Comparison::cell(const ComparedModel& model, const std::string& column) const {
  if (column == "rank") return fmt::format("{}", model.rank);
  if (column == "warning") return model.warning ? "True" : "False";
  if (column == "scale") return scale_;
  if (column == "diag_diff") return model.diag_diff;
  if (column == "diag_elpd") return model.diag_elpd;
  for (const Column& c : numbers(ic_))
    if (c.name == column) {
      const double value = model.*c.number;
      return std::isnan(value) ? "NaN" : fmt::format("{:.{}f}", value, c.decimals);
    }
  return {};
}

std::string to_string(const Comparison& table) {
  const auto columns = table.columns();
  std::vector<std::size_t> widths;
  std::size_t label = 0;
  for (const auto& m : table.models_) label = std::max(label, display_width(m.name));
  for (const auto& column : columns) {
    widths.push_back(column.size());
    for (const auto& m : table.models_) widths.back() = std::max(widths.back(), table.cell(m, column).size());
  }
  std::string out(label, ' ');
  for (std::size_t c = 0; c < columns.size(); ++c) out += fmt::format("  {:>{}}", columns[c], widths[c]);
  for (const auto& m : table.models_) {
    out += "\n" + m.name + std::string(label - display_width(m.name), ' ');
    for (std::size_t c = 0; c < columns.size(); ++c)
      out += fmt::format("  {:>{}}", table.cell(m, columns[c]), widths[c]);
  }
  for (const auto& message : table.messages) out += "\n" + message;
  return out;
}

std::ostream& operator<<(std::ostream& out, const Comparison& comparison) { return out << to_string(comparison); }

} // namespace nuthatch
