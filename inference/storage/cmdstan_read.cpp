#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>

#include "cmdstan_names.h"
#include "nuthatch/cmdstan.h"
#include "zarr.h"

namespace nuthatch {
namespace {

/// One file: settings from its comments, the names of its columns, its rows.
struct StanFile {
  std::string path;
  std::map<std::string, std::string> settings;
  std::vector<std::string> columns;
  std::vector<double> values; // row after row
  std::size_t rows = 0;

  std::int64_t setting(const std::string& name, std::int64_t otherwise) const {
    const auto found = settings.find(name);
    if (found == settings.end()) return otherwise;
    std::int64_t out = otherwise;
    std::from_chars(found->second.data(), found->second.data() + found->second.size(), out);
    return out;
  }
  /// How many of the rows are of the warm-up.
  std::size_t warmup_rows() const {
    const auto saved = settings.find("save_warmup");
    if (saved == settings.end() || saved->second == "0" || saved->second == "false") return 0;
    const std::int64_t warmup = setting("num_warmup", setting("warmup", 0));
    const std::int64_t thin = std::max<std::int64_t>(1, setting("thin", 1));
    return std::min(rows, static_cast<std::size_t>((warmup + thin - 1) / thin));
  }
};

double number(const std::string& path, std::size_t line, std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  double out = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (problem == std::errc() && end == text.data() + text.size()) return out;
  if (problem == std::errc::result_out_of_range) return out; // 1e-400
  detail::zarr::fail(path, fmt::format("line {}: `{}` is not a number", line, text));
}

/// `#     num_samples = 1000 (Default)`.
void read_setting(StanFile& file, std::string_view comment) {
  const auto equals = comment.find('=');
  if (equals == comment.npos) return;
  const auto trimmed = [](std::string_view text) {
    const auto first = text.find_first_not_of("# \t"), last = text.find_last_not_of(" \t\r");
    return first == text.npos ? std::string() : std::string(text.substr(first, last - first + 1));
  };
  std::string value = trimmed(comment.substr(equals + 1));
  if (const auto extra = value.find(" ("); extra != value.npos) value.resize(extra);
  file.settings.try_emplace(trimmed(comment.substr(0, equals)), value);
}

StanFile read_file(const std::string& path) {
  StanFile file;
  file.path = path;
  std::ifstream in(path);
  if (!in) detail::zarr::fail(path, std::strerror(errno));
  std::string line;
  for (std::size_t at = 1; std::getline(in, line); ++at) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty()) continue;
    if (line[0] == '#') {
      read_setting(file, line);
      continue;
    }
    std::vector<std::string_view> fields;
    for (std::size_t start = 0; start <= line.size();) {
      const std::size_t end = std::min(line.find(',', start), line.size());
      fields.emplace_back(std::string_view(line).substr(start, end - start));
      start = end + 1;
    }
    if (file.columns.empty()) {
      file.columns.assign(fields.begin(), fields.end());
      continue;
    }
    if (fields.size() != file.columns.size())
      detail::zarr::fail(path, fmt::format("line {}: {} values for {} columns; was the run cut short?", at,
                                           fields.size(), file.columns.size()));
    for (const auto& field : fields) file.values.push_back(number(path, at, field));
    ++file.rows;
  }
  if (file.columns.empty()) detail::zarr::fail(path, "there is no line of column names: not a CmdStan file");
  if (file.rows == 0) detail::zarr::fail(path, "there are no draws");
  return file;
}

/// The columns of one variable and where each stands in row-major order.
struct StanVariable {
  std::string name;
  Shape shape;
  std::vector<std::size_t> columns, places;
};

/// `theta.2.1` is theta at (1, 0).
std::vector<StanVariable> variables_of(const StanFile& file) {
  struct Element {
    std::size_t column;
    std::vector<std::int64_t> index;
  };
  std::vector<std::string> order;
  std::map<std::string, std::vector<Element>> elements;
  for (std::size_t c = 0; c < file.columns.size(); ++c) {
    std::string name = file.columns[c];
    std::vector<std::int64_t> index;
    for (auto dot = name.rfind('.'); dot != name.npos; dot = name.rfind('.')) {
      std::int64_t i = 0;
      const char* end = name.data() + name.size();
      const auto [rest, problem] = std::from_chars(name.data() + dot + 1, end, i);
      if (problem != std::errc() || rest != end || i < 1) break; // part of the name
      index.insert(index.begin(), i - 1);
      name.resize(dot);
    }
    if (!elements.contains(name)) order.push_back(name);
    elements[name].push_back({c, std::move(index)});
  }
  std::vector<StanVariable> out;
  for (const auto& name : order) {
    StanVariable v;
    v.name = name;
    const auto& list = elements[name];
    const std::size_t rank = list.front().index.size();
    v.shape = Shape(std::vector<std::int64_t>(rank, 0));
    for (const Element& e : list) {
      if (e.index.size() != rank)
        detail::zarr::fail(file.path, fmt::format("`{}` has columns of different numbers of indices", name));
      for (std::size_t k = 0; k < rank; ++k) v.shape[k] = std::max(v.shape[k], e.index[k] + 1);
    }
    if (static_cast<std::size_t>(v.shape.num_elements()) != list.size())
      detail::zarr::fail(file.path,
                         fmt::format("`{}` has {} columns for shape {}", name, list.size(), to_string(v.shape)));
    for (const Element& e : list) {
      std::int64_t place = 0;
      for (std::size_t k = 0; k < rank; ++k) place = place * v.shape[k] + e.index[k];
      v.columns.push_back(e.column);
      v.places.push_back(static_cast<std::size_t>(place));
    }
    out.push_back(std::move(v));
  }
  return out;
}

/// Rows [first, last) of a variable of all chains, (chain, draw, ...).
DataArray gather(const std::vector<StanFile>& files, const StanVariable& v, Dtype dtype, std::size_t first,
                 std::size_t last) {
  Shape shape{static_cast<std::int64_t>(files.size()), static_cast<std::int64_t>(last - first)};
  shape.insert(shape.end(), v.shape.begin(), v.shape.end());
  detail::Array values(dtype, shape);
  const std::size_t width = v.columns.size();
  std::size_t row = 0;
  for (const StanFile& file : files)
    for (std::size_t r = first; r < last; ++r, ++row)
      for (std::size_t k = 0; k < width; ++k) {
        const double x = file.values[r * file.columns.size() + v.columns[k]];
        const std::size_t at = row * width + v.places[k];
        if (dtype == Dtype::f64) values.as<double>()[at] = x;
        if (dtype == Dtype::i64) values.as<std::int64_t>()[at] = std::llround(x);
        if (dtype == Dtype::bool_) values.as<std::uint8_t>()[at] = x != 0;
      }
  std::vector<std::string> dims{"chain", "draw"};
  for (std::size_t k = 0; k < v.shape.size(); ++k) dims.push_back(fmt::format("{}_dim_{}", v.name, k));
  return DataArray(std::move(dims), std::move(values));
}

bool contains(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

} // namespace

InferenceData load_cmdstan(const std::vector<std::string>& paths, const CmdStanOptions& options, Where where) {
  if (paths.empty()) throw Error("load_cmdstan: there are no files", where);
  std::vector<StanFile> files;
  for (const auto& path : paths) {
    files.push_back(read_file(path));
    if (files.back().columns != files.front().columns || files.back().rows != files.front().rows)
      throw Error(fmt::format("load_cmdstan: `{}` has {} draws of {} columns, `{}` has {} of {}", paths.front(),
                              files.front().rows, files.front().columns.size(), path, files.back().rows,
                              files.back().columns.size()),
                  where);
  }
  const std::size_t warmup = files.front().warmup_rows(), rows = files.front().rows;
  InferenceData out;
  for (const StanVariable& v : variables_of(files.front())) {
    const auto* statistic = std::find_if(detail::kStanStatistics.begin(), detail::kStanStatistics.end(),
                                         [&](const detail::StanStatistic& s) { return s.stan == v.name; });
    const bool known = statistic != detail::kStanStatistics.end(), internal = known || v.name.ends_with("__");
    const std::string name = known      ? std::string(statistic->schema)
                             : internal ? v.name.substr(0, v.name.size() - 2)
                                        : v.name;
    const Dtype dtype = known ? statistic->dtype : Dtype::f64;
    Dataset& group = internal                                       ? out.sample_stats
                     : contains(options.posterior_predictive, name) ? out.posterior_predictive
                     : contains(options.predictions, name)          ? out.predictions
                     : contains(options.log_likelihood, name)       ? out.log_likelihood
                     : contains(options.log_prior, name)            ? out.log_prior
                                                                    : out.posterior;
    if (warmup < rows) group.set(name, gather(files, v, dtype, warmup, rows), where);
    if (warmup > 0 && (internal || &group == &out.posterior))
      (internal ? out.warmup_sample_stats : out.warmup_posterior).set(name, gather(files, v, dtype, 0, warmup), where);
  }
  for (const auto* list :
       {&options.posterior_predictive, &options.predictions, &options.log_likelihood, &options.log_prior})
    for (const auto& name : *list) {
      bool found = false;
      for (const auto& group : out.groups()) found = found || out.group(group).contains(name);
      if (!found) throw Error(fmt::format("load_cmdstan: the files have no variable `{}`", name), where);
    }
  out.posterior.attrs["inference_library"] = std::string("Stan");
  if (const auto depth = files.front().setting("max_depth", 0)) out.sample_stats.attrs["max_tree_depth"] = depth;
  if (const auto model = files.front().settings.find("model"); model != files.front().settings.end())
    out.attrs["model_name"] = model->second;
  return out;
}

} // namespace nuthatch
