#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "nuthatch/fit.h"
#include "schema_names.h"
#include "zarr.h"

namespace nuthatch {
namespace fs = std::filesystem;
using detail::Array;
using detail::zarr::StoredArray;
using nlohmann::ordered_json;

namespace {

std::vector<std::string> folders(const fs::path& path) {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(path))
    if (entry.is_directory()) out.push_back(entry.path().filename().string());
  std::sort(out.begin(), out.end());
  return out;
}

Attributes attributes(const fs::path& folder) {
  return fs::exists(folder / ".zattrs") ? detail::zarr::from_json(detail::zarr::read_json(folder / ".zattrs"))
                                        : Attributes{};
}

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
  if (!numbers) detail::zarr::fail(path, "labels that are neither numbers nor strings");
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

Dataset read_dataset(const fs::path& folder) {
  Dataset out;
  out.attrs = attributes(folder);
  std::vector<std::string> order;
  for (const auto& name : take(out.attrs, detail::kVariableOrder))
    if (name.is_string()) order.push_back(name.get<std::string>());

  std::vector<std::pair<std::string, StoredArray>> variables;
  std::vector<std::pair<std::string, Coordinate>> coords;
  for (const auto& name : folders(folder)) {
    if (!fs::exists(folder / name / ".zarray")) continue;
    StoredArray stored = detail::zarr::read_array(folder / name);
    if (const auto* bytes = std::get_if<std::vector<std::byte>>(&stored.values))
      stored.values = widened(stored, std::vector<std::byte>(*bytes));
    if (stored.dims == std::vector<std::string>{name})
      coords.emplace_back(name, coordinate(folder / name, stored));
    else
      variables.emplace_back(name, std::move(stored));
  }
  const auto place = [&](const auto& v) { return std::find(order.begin(), order.end(), v.first) - order.begin(); };
  std::sort(variables.begin(), variables.end(),
            [&](const auto& a, const auto& b) { return std::pair(place(a), a.first) < std::pair(place(b), b.first); });
  for (auto& [name, stored] : variables) {
    // Variables of strings (labels beside the index) have no numbers to compute with.
    const auto* numbers = std::get_if<Array>(&stored.values);
    if (!numbers) continue;
    DataArray variable(stored.dims, *numbers);
    for (const auto& [dim, labels] : coords)
      if (variable.has_dim(dim)) {
        if (labels.size() != variable.size(dim))
          detail::zarr::fail(folder / name, fmt::format("extent {} in dimension `{}`, which has {} labels",
                                                        variable.size(dim), dim, labels.size()));
        variable.set_coord(dim, labels);
      }
    variable.attrs = std::move(stored.attrs);
    out.set(name, std::move(variable));
  }
  return out;
}

Fit read_store(const fs::path& path) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (!fs::exists(status)) detail::zarr::fail(path, "there is no such file or folder");
  if (!fs::is_directory(status)) detail::zarr::fail(path, "not a Zarr store (a folder with a file .zgroup)");
  if (!fs::exists(path / ".zgroup")) {
    if (fs::exists(path / "zarr.json")) detail::zarr::fail(path, "Zarr version 3; version 2 is read");
    detail::zarr::fail(path, "not a Zarr store: there is no file .zgroup in it");
  }
  Fit fit;
  fit.attrs = attributes(path);
  const ordered_json timing = take(fit.attrs, detail::kTiming), warnings = take(fit.attrs, detail::kWarnings);
  if (timing.is_object())
    fit.set_timing({.trace = Seconds(timing.value("trace", 0.0)),
                    .compile = Seconds(timing.value("compile", 0.0)),
                    .warmup = Seconds(timing.value("warmup", 0.0)),
                    .sampling = Seconds(timing.value("sampling", 0.0))});
  for (const auto& warning : warnings)
    if (warning.is_string()) fit.warnings.push_back(warning.get<std::string>());
  for (const auto& name : folders(path)) {
    if (fs::exists(path / name / ".zgroup")) {
      Dataset dataset = read_dataset(path / name);
      if (!dataset.empty()) fit.group(name) = std::move(dataset);
    } else if (name == detail::kState && fs::exists(path / name / ".zarray")) {
      StoredArray stored = detail::zarr::read_array(path / name);
      if (auto* bytes = std::get_if<std::vector<std::byte>>(&stored.values))
        fit.set_state({std::move(*bytes), stored.attrs});
    }
  }
  if (fit.groups().empty()) detail::zarr::fail(path, "the store has no group with variables");
  return fit;
}

} // namespace

Fit load(const Path& path) {
  try {
    return read_store(path);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& e) { // malformed metadata, permissions, memory
    detail::zarr::fail(path, e.what());
  }
}

} // namespace nuthatch
