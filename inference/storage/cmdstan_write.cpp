#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cmdstan_names.h"
#include "nuthatch/cmdstan.h"
#include "staged_path.h"

namespace nuthatch {
namespace {

/// A column: a scalar of a variable over the draws.
struct Column {
  std::string name;
  std::size_t variable, offset;
};

/// A variable with chain and draw leading, as numbers.
struct Source {
  std::vector<double> values;
  std::size_t width = 1;
};

std::string text(double x) {
  if (std::isnan(x)) return "nan";
  if (std::isinf(x)) return x > 0 ? "inf" : "-inf";
  return fmt::format("{}", x);
}

/// Names and offsets of all elements, the first index fastest.
void add_columns(std::vector<Column>& columns, const std::string& name, const Shape& event, std::size_t variable) {
  std::vector<std::int64_t> index(event.size(), 0);
  for (std::int64_t n = 0; n < event.num_elements(); ++n) {
    std::string label = name;
    std::size_t offset = 0;
    for (std::size_t k = 0; k < event.size(); ++k) {
      label += fmt::format(".{}", index[k] + 1);
      offset = offset * static_cast<std::size_t>(event[k]) + static_cast<std::size_t>(index[k]);
    }
    columns.push_back({label, variable, offset});
    for (std::size_t k = 0; k < event.size(); ++k) {
      if (++index[k] < event[k]) break;
      index[k] = 0;
    }
  }
}

} // namespace

std::vector<std::string> save_cmdstan(const InferenceData& data, const std::string& prefix, Where where) {
  std::vector<Column> columns;
  std::vector<Source> sources;
  std::int64_t chains = -1, draws = -1;
  const auto add = [&](const std::string& name, const DataArray& variable) {
    const DataArray ordered = variable.with_leading({"chain", "draw"}, where);
    chains = ordered.shape()[0], draws = ordered.shape()[1];
    const Shape event(std::vector<std::int64_t>(ordered.shape().begin() + 2, ordered.shape().end()));
    add_columns(columns, name, event, sources.size());
    sources.push_back({ordered.to_doubles(), static_cast<std::size_t>(event.num_elements())});
  };
  for (const auto& s : detail::kStanStatistics)
    if (data.sample_stats.contains(s.schema)) add(std::string(s.stan), data.sample_stats[s.schema]);
  for (const DataArray& variable : data.posterior.variables()) {
    if (variable.name().find_first_of(",\n#\"") != std::string::npos)
      throw Error(fmt::format("save_cmdstan: `{}` cannot be the name of a column", variable.name()), where);
    add(variable.name(), variable);
  }
  if (data.posterior.empty()) throw Error("save_cmdstan: there is no posterior", where);

  std::vector<std::string> files;
  for (std::int64_t chain = 0; chain < chains; ++chain) {
    std::string out = fmt::format("# method = sample\n#   sample\n#     num_samples = {}\n#     save_warmup = 0\n"
                                  "# id = {}\n",
                                  draws, chain + 1);
    if (const auto depth = data.sample_stats.attrs.find("max_tree_depth"); depth != data.sample_stats.attrs.end())
      if (const auto* limit = std::get_if<std::int64_t>(&depth->second))
        out += fmt::format("# max_depth = {}\n", *limit);
    for (std::size_t c = 0; c < columns.size(); ++c) out += (c ? "," : "") + columns[c].name;
    out += "\n";
    for (std::int64_t draw = 0; draw < draws; ++draw) {
      for (std::size_t c = 0; c < columns.size(); ++c) {
        const Source& source = sources[columns[c].variable];
        const auto row = static_cast<std::size_t>(chain * draws + draw);
        out += (c ? "," : "") + text(source.values[row * source.width + columns[c].offset]);
      }
      out += "\n";
    }
    files.push_back(fmt::format("{}_{}.csv", prefix, chain + 1));
    detail::StagedPath staged(files.back());
    detail::write_file(staged.path(), out, files.back());
    staged.commit();
  }
  return files;
}

} // namespace nuthatch
