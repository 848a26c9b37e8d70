#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "assemble.h"
#include "netcdf.h"
#include "nuthatch/fit.h"
#include "schema_names.h"
#include "staged_path.h"
#include "zarr_writer.h"

namespace nuthatch {
namespace fs = std::filesystem;

namespace {

void save_zarr(const InferenceData& data, const Fit* fit, const fs::path& path, const SaveOptions& options) {
  detail::check_store_place(path);
  detail::StagedPath staged(path);
  detail::ZarrWriter writer(staged.path(), path, options.compression);
  writer.group("", detail::file_attributes(data, fit));
  for (const auto& group : data.groups())
    writer.dataset(group, data.group(group), detail::group_attributes(data.group(group)));
  // An array, not a group, at the root: ArviZ reads groups only and passes it over.
  if (fit && !fit->state().empty())
    writer.raw(detail::kState, {"byte"}, {static_cast<std::int64_t>(fit->state().bytes.size())}, "|u1", 1,
               fit->state().bytes.data(), fit->state().attrs);
  writer.consolidate();
  staged.commit();
}

void save_netcdf(const InferenceData& data, const Fit* fit, const fs::path& path, const SaveOptions& options) {
  std::error_code error;
  if (fs::is_directory(path, error))
    throw Error(fmt::format("cannot write `{}`: a folder is there already", path.string()));
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), error);
  if (error) throw Error(fmt::format("cannot write `{}`: {}", path.string(), error.message()));
  detail::StagedPath staged(path);
  detail::write_netcdf(data, fit, staged.path(), path, options.compression);
  staged.commit();
}

void save_data(const InferenceData& data, const Fit* fit, const fs::path& path, const SaveOptions& options) {
  if (options.compression < 0 || options.compression > 9)
    throw Error(fmt::format("save: .compression = {} is not between 0 and 9", options.compression));
  if (path.empty()) throw Error("save: the path is empty");
  for (const auto& group : data.groups()) {
    detail::check_folder_name(group, path);
    for (const auto& name : data.group(group).names()) detail::check_folder_name(name, path);
    for (const auto& [dim, labels] : data.group(group).coords()) detail::check_folder_name(dim, path);
  }
  (path.extension() == ".nc" ? save_netcdf : save_zarr)(data, fit, path, options);
}

} // namespace

void InferenceData::save(const Path& path, const SaveOptions& options) const {
  save_data(*this, nullptr, path, options);
}
void Fit::save(const Path& path, const SaveOptions& options) const { save_data(*this, this, path, options); }

} // namespace nuthatch
