#include "assemble.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>

#include "schema_names.h"

namespace nuthatch::detail {
namespace fs = std::filesystem;
using nlohmann::ordered_json;
using zarr::StoredArray;

namespace {

/// Takes an attribute of ours out of the list.
ordered_json take(Attributes& attrs, const char* name) {
  const auto found = attrs.find(name);
  if (found == attrs.end() || !std::holds_alternative<Json>(found->second)) return {};
  auto out = ordered_json::parse(std::get<Json>(found->second).text, nullptr, /*allow_exceptions=*/false);
  attrs.erase(found);
  return out;
}

Coordinate coordinate(const fs::path& path, const StoredArray& stored) {
  if (const auto* strings = std::get_if<std::vector<std::string>>(&stored.values)) return *strings;
  const auto* numbers = std::get_if<Array>(&stored.values);
  if (!numbers) zarr::fail(path, "labels that are neither numbers nor strings");
  const DataArray array(stored.dims, *numbers);
  if (is_float(numbers->dtype)) return array.to_doubles();
  return array.to_vector<std::int64_t>();
}

/// Bytes as numbers. xarray writes truth values as bytes with the attribute dtype = "bool".
Array widened(StoredArray& stored, const std::vector<std::byte>& bytes) {
  const auto declared = stored.attrs.find("dtype");
  const bool truth = declared != stored.attrs.end() && declared->second == Attribute(std::string("bool"));
  if (truth) stored.attrs.erase(declared);
  Array out(truth ? Dtype::bool_ : Dtype::i32, stored.shape);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = std::to_integer<std::uint8_t>(bytes[i]);
    if (truth)
      out.as<std::uint8_t>()[i] = byte != 0;
    else
      out.as<std::int32_t>()[i] = stored.signed_bytes ? static_cast<std::int8_t>(byte) : byte;
  }
  return out;
}

} // namespace

Dataset assemble_dataset(Attributes attrs, std::vector<NamedArray> arrays, const fs::path& path) {
  Dataset out;
  std::vector<std::string> order;
  for (const auto& name : take(attrs, kVariableOrder))
    if (name.is_string()) order.push_back(name.get<std::string>());
  out.attrs = std::move(attrs);

  std::vector<NamedArray> variables;
  std::vector<std::pair<std::string, Coordinate>> coords;
  for (auto& [name, stored] : arrays) {
    if (const auto* bytes = std::get_if<std::vector<std::byte>>(&stored.values))
      stored.values = widened(stored, std::vector<std::byte>(*bytes));
    if (stored.dims == std::vector<std::string>{name})
      coords.emplace_back(name, coordinate(path / name, stored));
    else
      variables.emplace_back(name, std::move(stored));
  }
  std::vector<std::pair<std::ptrdiff_t, std::size_t>> places; // in the order asked for, in the file
  for (std::size_t i = 0; i < variables.size(); ++i)
    places.emplace_back(std::find(order.begin(), order.end(), variables[i].first) - order.begin(), i);
  std::sort(places.begin(), places.end());
  for (const auto& place : places) {
    auto& [name, stored] = variables[place.second];
    // Variables of strings (labels beside the index) have no numbers to compute with.
    const auto* numbers = std::get_if<Array>(&stored.values);
    if (!numbers) continue;
    DataArray variable(stored.dims, *numbers);
    for (const auto& [dim, labels] : coords)
      if (variable.has_dim(dim)) {
        if (labels.size() != variable.size(dim))
          zarr::fail(path / name, fmt::format("extent {} in dimension `{}`, which has {} labels", variable.size(dim),
                                              dim, labels.size()));
        variable.set_coord(dim, labels);
      }
    variable.attrs = std::move(stored.attrs);
    out.set(name, std::move(variable));
  }
  return out;
}

void set_file_attributes(Fit& fit, Attributes attrs) {
  const ordered_json timing = take(attrs, kTiming), warnings = take(attrs, kWarnings);
  fit.attrs = std::move(attrs);
  if (timing.is_object())
    fit.set_timing({.trace = Seconds(timing.value("trace", 0.0)),
                    .compile = Seconds(timing.value("compile", 0.0)),
                    .warmup = Seconds(timing.value("warmup", 0.0)),
                    .sampling = Seconds(timing.value("sampling", 0.0))});
  for (const auto& warning : warnings)
    if (warning.is_string()) fit.warnings.push_back(warning.get<std::string>());
}

Attributes file_attributes(const InferenceData& data, const Fit* fit) {
  Attributes attrs = data.attrs;
  if (!fit) return attrs;
  attrs[kTiming] = Json{ordered_json{{"trace", fit->timing().trace.count()},
                                     {"compile", fit->timing().compile.count()},
                                     {"warmup", fit->timing().warmup.count()},
                                     {"sampling", fit->timing().sampling.count()}}
                            .dump()};
  if (!fit->warnings.empty()) attrs[kWarnings] = Json{ordered_json(fit->warnings).dump()};
  return attrs;
}

Attributes group_attributes(const Dataset& dataset) {
  Attributes attrs = dataset.attrs;
  if (!attrs.contains("created_at")) {
    attrs["created_at"] = fmt::format("{:%Y-%m-%dT%H:%M:%S}+00:00", fmt::gmtime(std::time(nullptr)));
    attrs.try_emplace("inference_library", "nuthatch");
  }
  attrs[kVariableOrder] = Json{ordered_json(dataset.names()).dump()};
  return attrs;
}

} // namespace nuthatch::detail
