#include "tools/nuthatch/commands.h"

#include <cmath>
#include <cstring>
#include <fstream>
#include <iostream>
#include <set>

#include "inference/fit/quantities.h"
#include "inference/fit/selection.h"

namespace nuthatch::tool {
namespace {
const Where kNoLine{};  // messages name the file, not a line of this program
}  // namespace

int summary(const std::string& file, const std::vector<std::string>& variables, SummaryOptions options) {
  options.var_names = variables;
  print("{}\n", to_string(nuthatch::summary(load(file), options, kNoLine)));
  return 0;
}

int diagnose(const std::string& file) {
  const Diagnosis found = nuthatch::diagnose(load(file));
  print("{}\n", to_string(found));
  return found.ok ? 0 : 1;
}

int show(const std::string& file) {
  print("{}", to_string(load(file)));
  return 0;
}

int compare(const std::vector<std::string>& files, const CompareOptions& options) {
  std::map<std::string, InferenceData> fits;
  for (const std::string& file : files)
    if (!fits.emplace(file, load(file)).second) throw Error("compare: " + file + " is given twice");
  const Comparison table = nuthatch::compare(fits, options, kNoLine);
  print("{}\n", to_string(table));
  for (const std::string& message : table.messages) print("{}\n", message);
  return 0;
}

namespace {
int estimate(const Elpd& found) {
  print("{}\n", to_string(found));
  for (const std::string& message : found.messages) print("{}\n", message);
  return found.warning ? 1 : 0;
}
}  // namespace

int loo(const std::string& file, const LooOptions& options) { return estimate(nuthatch::loo(load(file), options, kNoLine)); }
int waic(const std::string& file, const WaicOptions& options) { return estimate(nuthatch::waic(load(file), options, kNoLine)); }

int psense(const std::string& file, const SensitivityOptions& options) {
  const auto found = nuthatch::psense(load(file), options, kNoLine);
  print("{}\n", to_string(found));
  for (const Sensitivity& s : found)
    if (!s.diagnosis.empty()) return 1;
  return 0;
}

int convert(const std::string& from, const std::string& to) {
  load(from).save(to);
  return 0;
}

int concatenate(const std::vector<std::string>& files, const std::string& dim, const std::string& output) {
  std::vector<InferenceData> parts;
  for (const std::string& file : files) parts.push_back(load(file));
  nuthatch::concatenate(parts, dim, kNoLine).save(output);
  return 0;
}

namespace {

/// "a, b" as a field of CSV (RFC 4180).
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

void write_csv(std::ostream& out, const std::vector<DataArray>& variables) {
  out << "chain,draw";
  std::vector<std::vector<double>> values;
  std::vector<std::size_t> widths;
  const DataArray first = variables.front().with_leading({"chain", "draw"});
  const std::int64_t chains = first.shape()[0], draws = first.shape()[1];
  for (const DataArray& variable : variables) {
    const auto labels = detail::quantity_labels(variable);
    for (const std::string& label : labels) out << ',' << csv_field(label);
    values.push_back(variable.with_leading({"chain", "draw"}).to_doubles());
    widths.push_back(labels.size());
  }
  out << '\n';
  for (std::int64_t row = 0; row < chains * draws; ++row) {
    out << first.coords().at("chain").text(row / draws) << ',' << first.coords().at("draw").text(row % draws);
    for (std::size_t k = 0; k < values.size(); ++k)
      for (std::size_t i = 0; i < widths[k]; ++i)
        out << ',' << format("{}", values[k][std::size_t(row) * widths[k] + i]);  // the shortest text that reads back
    out << '\n';
  }
}

}  // namespace

int extract(const std::string& file, const std::vector<std::string>& names, const std::string& group,
            const std::string& output) {
  const Fit fit = load(file);
  const std::string from = group.empty() ? "posterior" : group;
  std::vector<DataArray> variables;
  for (const std::string& name : detail::selected_variables("extract", names, "", fit.group(from, kNoLine), kNoLine)) {
    const DataArray& variable = fit.group(from)[name];
    if (!variable.has_dim("chain") || !variable.has_dim("draw"))
      throw Error("extract: " + from + "." + name + " has no dimensions chain and draw");
    variables.push_back(variable);
  }
  if (variables.empty()) throw Error("extract: no variable of " + from + " is left");
  if (output.empty()) {
    write_csv(std::cout, variables);
    return 0;
  }
  std::ofstream out(output);
  if (out) write_csv(out, variables);
  out.close();
  if (!out) throw Error("extract: cannot write " + output + ": " + std::strerror(errno));
  return 0;
}

namespace {

/// What two variables of one name disagree about; empty: nothing.
std::string difference(const DataArray& a, const DataArray& b) {
  if (a.dims() != b.dims() || a.shape() != b.shape())
    return "shapes " + to_string(a.shape()) + " and " + to_string(b.shape()) +
           (a.dims() == b.dims() ? "" : ", other dimensions");
  if (a.dtype() != b.dtype()) return std::string("types ") + nuthatch::name(a.dtype()) + " and " + nuthatch::name(b.dtype());
  const auto x = a.to_doubles(), y = b.to_doubles();
  std::size_t count = 0;
  double largest = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (x[i] == y[i] || (std::isnan(x[i]) && std::isnan(y[i]))) continue;
    ++count;
    largest = std::max(largest, std::isfinite(x[i] - y[i]) ? std::abs(x[i] - y[i]) : INFINITY);
  }
  if (count > 0) return format("{} of {} values differ, by at most {:.3g}", count, x.size(), largest);
  return a.coords() == b.coords() ? "" : "labels differ";
}

}  // namespace

int diff(const std::string& left_file, const std::string& right_file) {
  const Fit left = load(left_file), right = load(right_file);
  int found = 0;
  auto line = [&](const std::string& what, const std::string& how) {
    print("{}: {}\n", what, how);
    ++found;
  };
  std::set<std::string> groups;
  for (const Fit* fit : {&left, &right})
    for (const std::string& name : fit->groups()) groups.insert(name);
  for (const std::string& group : groups) {
    if (!left.has(group) || !right.has(group)) {
      line(group, "only in " + (left.has(group) ? left_file : right_file));
      continue;
    }
    const Dataset &a = left.group(group), &b = right.group(group);
    for (const std::string& name : a.names())
      if (!b.contains(name)) line(group + "." + name, "only in " + left_file);
      else if (const std::string how = difference(a[name], b[name]); !how.empty()) line(group + "." + name, how);
    for (const std::string& name : b.names())
      if (!a.contains(name)) line(group + "." + name, "only in " + right_file);
  }
  return found > 0 ? 1 : 0;
}

}  // namespace nuthatch::tool
