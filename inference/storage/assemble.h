#pragma once
/// From stored arrays to groups, whatever the file format.
#include <string>
#include <utility>
#include <vector>

#include "nuthatch/fit.h"
#include "zarr.h"

namespace nuthatch::detail {

using NamedArray = std::pair<std::string, zarr::StoredArray>;

/// The variables and coordinates of a group: an array with one dimension of its own name is a coordinate. Variables
/// come in the order that the attribute `variable_order` gives, else in that of `arrays`. `path` is for messages.
Dataset assemble_dataset(Attributes attrs, std::vector<NamedArray> arrays, const std::filesystem::path& path);

/// Attributes of a file, those taken out of them that are parts of a fit.
void set_file_attributes(Fit& fit, Attributes attrs);
/// The other way round; `fit` may be null.
Attributes file_attributes(const InferenceData& data, const Fit* fit);
/// Attributes of a group to be written: with the time, the library and the order of the variables.
Attributes group_attributes(const Dataset& dataset);

} // namespace nuthatch::detail
