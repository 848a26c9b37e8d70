#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "assemble.h"
#include "netcdf.h"
#include "nuthatch/fit.h"
#include "schema_names.h"
#include "zarr.h"

namespace nuthatch {
namespace fs = std::filesystem;
using detail::zarr::Metadata;
using detail::zarr::StoredArray;

namespace {

std::vector<std::string> folders(const fs::path& path) {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(path))
    if (entry.is_directory()) out.push_back(entry.path().filename().string());
  std::sort(out.begin(), out.end());
  return out;
}

Attributes attributes(const Metadata& metadata, const std::string& group) {
  const auto stored = metadata.read(group.empty() ? ".zattrs" : group + "/.zattrs");
  return stored.is_null() ? Attributes{} : detail::zarr::from_json(stored);
}

Dataset read_dataset(const Metadata& metadata, const std::string& group) {
  std::vector<detail::NamedArray> arrays;
  for (const auto& name : folders(metadata.store() / group))
    if (metadata.contains(group + "/" + name + "/.zarray"))
      arrays.emplace_back(name, detail::zarr::read_array(metadata, group + "/" + name));
  return detail::assemble_dataset(attributes(metadata, group), std::move(arrays), metadata.store() / group);
}

/// The first bytes of a file, by which formats know each other.
std::string signature(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string out(8, '\0');
  in.read(out.data(), 8);
  out.resize(static_cast<std::size_t>(in.gcount()));
  return out;
}

Fit read_store(const fs::path& path) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (!fs::exists(status)) detail::zarr::fail(path, "there is no such file or folder");
  if (fs::is_regular_file(status)) {
    const std::string first = signature(path);
    if (first == "\x89HDF\r\n\x1a\n") return detail::read_netcdf(path);
    if (first.starts_with("CDF"))
      detail::zarr::fail(path, "a NetCDF file of the classic format, which has no groups; NetCDF-4 is read");
  }
  if (!fs::is_directory(status))
    detail::zarr::fail(path, "neither a NetCDF-4 file nor a Zarr store (a folder with a file .zgroup)");
  if (!fs::exists(path / ".zgroup")) {
    if (fs::exists(path / "zarr.json")) detail::zarr::fail(path, "Zarr version 3; version 2 is read");
    detail::zarr::fail(path, "not a Zarr store: there is no file .zgroup in it");
  }
  Fit fit;
  const Metadata metadata(path);
  detail::set_file_attributes(fit, attributes(metadata, ""));
  fit.attrs.erase(detail::kStreamed);
  for (const auto& name : folders(path)) {
    if (metadata.contains(name + "/.zgroup")) {
      Dataset dataset = read_dataset(metadata, name);
      if (!dataset.empty()) fit.group(name) = std::move(dataset);
    } else if (name == detail::kState && metadata.contains(name + "/.zarray")) {
      StoredArray stored = detail::zarr::read_array(metadata, name);
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
