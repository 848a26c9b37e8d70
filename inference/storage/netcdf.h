#pragma once
/// NetCDF-4 files, which are HDF5 files with dimensions: one group of the file per group of the data, each with its own
/// dimensions, as ArviZ writes them. https://docs.unidata.ucar.edu/netcdf-c/current/file_format_specifications.html
#include <filesystem>

#include "nuthatch/fit.h"

namespace nuthatch::detail {

/// False where the library was built without HDF5; the functions below are Errors that say so then.
bool has_netcdf();
/// Writes the file at `path`; errors name `shown`. `fit` may be null.
void write_netcdf(const InferenceData& data, const Fit* fit, const std::filesystem::path& path,
                  const std::filesystem::path& shown, int compression);
Fit read_netcdf(const std::filesystem::path& path);

} // namespace nuthatch::detail
