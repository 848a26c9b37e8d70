#include "netcdf.h"
#include "zarr.h"

#ifdef NUTHATCH_HDF5
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>

#include "assemble.h"
#include "hdf5.h"
#include "schema_names.h"

namespace nuthatch::detail {
namespace fs = std::filesystem;
namespace {

using hdf5::Handle;
using zarr::fail;
using zarr::StoredArray;

Shape extents_of(hid_t space) {
  const int rank = H5Sget_simple_extent_ndims(space);
  std::vector<hsize_t> extents(static_cast<std::size_t>(std::max(rank, 0)));
  H5Sget_simple_extent_dims(space, extents.data(), nullptr);
  return Shape(std::vector<std::int64_t>(extents.begin(), extents.end()));
}

/// Strings of variable or fixed length, from `read(memory type, buffer)`.
template <class Read> std::vector<std::string> strings(hid_t type, hid_t space, std::size_t count, Read read) {
  std::vector<std::string> out;
  if (count == 0) return out;
  if (H5Tis_variable_str(type) > 0) {
    std::vector<char*> raw(count, nullptr);
    if (read(type, raw.data()) < 0) return out;
    for (const char* text : raw) out.emplace_back(text ? text : "");
    H5Dvlen_reclaim(type, space, H5P_DEFAULT, raw.data());
    return out;
  }
  const std::size_t width = H5Tget_size(type);
  std::vector<char> raw(count * width);
  if (read(type, raw.data()) < 0) return out;
  for (std::size_t i = 0; i < count; ++i) {
    const char* text = raw.data() + i * width;
    out.emplace_back(text, strnlen(text, width));
    while (H5Tget_strpad(type) == H5T_STR_SPACEPAD && !out.back().empty() && out.back().back() == ' ')
      out.back().pop_back();
  }
  return out;
}

/// The type of ours that holds numbers of a type of theirs; none for single bytes, which may be truth values.
std::optional<Dtype> number_type(hid_t type) {
  const std::size_t width = H5Tget_size(type);
  if (H5Tget_class(type) == H5T_FLOAT) return width > 4 ? Dtype::f64 : Dtype::f32;
  const bool is_signed = H5Tget_sign(type) == H5T_SGN_2;
  if (width > 4) return is_signed ? Dtype::i64 : Dtype::ui64;
  if (width == 4) return is_signed ? Dtype::i32 : Dtype::ui32;
  return width == 2 ? std::optional(Dtype::i32) : std::nullopt;
}

hid_t memory_type(Dtype dtype) {
  switch (dtype) {
  case Dtype::i32: return H5T_NATIVE_INT32;
  case Dtype::i64: return H5T_NATIVE_INT64;
  case Dtype::ui32: return H5T_NATIVE_UINT32;
  case Dtype::ui64: return H5T_NATIVE_UINT64;
  case Dtype::f32: return H5T_NATIVE_FLOAT;
  default: return H5T_NATIVE_DOUBLE;
  }
}

class NetcdfReader {
public:
  explicit NetcdfReader(fs::path path) : path_(std::move(path)) {
    file_ = Handle(H5Fopen(path_.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
    if (!file_) fail(path_, hdf5::last_error());
  }

  Fit read() {
    Fit fit;
    set_file_attributes(fit, attributes(file_));
    for (const auto& name : links(file_)) {
      const Handle object(H5Oopen(file_, name.c_str(), H5P_DEFAULT), H5Oclose);
      if (!object) fail(path_ / name, hdf5::last_error());
      if (H5Iget_type(object) == H5I_GROUP) {
        Dataset dataset = group(object, name);
        if (!dataset.empty()) fit.group(name) = std::move(dataset);
      } else if (name == kState) {
        StoredArray stored = array(object, name);
        if (auto* bytes = std::get_if<std::vector<std::byte>>(&stored.values))
          fit.set_state({std::move(*bytes), stored.attrs});
      }
    }
    if (fit.groups().empty()) fail(path_, "the file has no group with variables");
    return fit;
  }

private:
  /// Names in the order of creation where the file keeps it, else by name.
  static std::vector<std::string> links(hid_t group) {
    const Handle properties(H5Gget_create_plist(group), H5Pclose);
    unsigned order = 0;
    H5Pget_link_creation_order(properties, &order);
    std::vector<std::string> out;
    const auto add = [](hid_t, const char* name, const H5L_info_t*, void* list) -> herr_t {
      static_cast<std::vector<std::string>*>(list)->emplace_back(name);
      return 0;
    };
    H5Literate(group, order & H5P_CRT_ORDER_INDEXED ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME, H5_ITER_INC, nullptr, add,
               &out);
    return out;
  }

  Dataset group(hid_t id, const std::string& name) {
    std::vector<NamedArray> arrays;
    for (const auto& variable : links(id)) {
      const Handle object(H5Oopen(id, variable.c_str(), H5P_DEFAULT), H5Oclose);
      if (!object) fail(path_ / name / variable, hdf5::last_error());
      if (H5Iget_type(object) != H5I_DATASET || is_only_a_dimension(object)) continue;
      arrays.emplace_back(variable, array(object, name + "/" + variable));
    }
    return assemble_dataset(attributes(id), std::move(arrays), path_ / name);
  }

  static std::string fixed_string(hid_t owner, const char* name) {
    if (H5Aexists(owner, name) <= 0) return {};
    const Handle attribute(H5Aopen(owner, name, H5P_DEFAULT), H5Aclose);
    const Handle type(H5Aget_type(attribute), H5Tclose), space(H5Aget_space(attribute), H5Sclose);
    if (H5Tget_class(type) != H5T_STRING) return {};
    const auto out = strings(type, space, 1, [&](hid_t memory, void* to) { return H5Aread(attribute, memory, to); });
    return out.empty() ? "" : out[0];
  }
  static bool is_scale(hid_t set) { return fixed_string(set, "CLASS") == "DIMENSION_SCALE"; }
  /// A dimension that has no labels.
  static bool is_only_a_dimension(hid_t set) {
    return is_scale(set) && fixed_string(set, "NAME").starts_with("This is a netCDF dimension but not");
  }

  std::vector<std::string> dims(hid_t set, const std::string& name, std::size_t rank) {
    const std::string own = name.substr(name.rfind('/') + 1);
    std::vector<std::string> out;
    if (is_scale(set) && rank == 1) return {own};
    if (H5Aexists(set, "DIMENSION_LIST") > 0) {
      const Handle attribute(H5Aopen(set, "DIMENSION_LIST", H5P_DEFAULT), H5Aclose);
      const Handle space(H5Aget_space(attribute), H5Sclose), type(H5Tvlen_create(H5T_STD_REF_OBJ), H5Tclose);
      std::vector<hvl_t> lists(static_cast<std::size_t>(std::max<hssize_t>(H5Sget_simple_extent_npoints(space), 0)));
      if (H5Aread(attribute, type, lists.data()) < 0) fail(path_ / name, hdf5::last_error());
      for (const hvl_t& list : lists) {
        if (list.len == 0) break;
        const Handle scale(H5Rdereference2(set, H5P_DEFAULT, H5R_OBJECT, list.p), H5Oclose);
        std::string full(static_cast<std::size_t>(std::max<ssize_t>(H5Iget_name(scale, nullptr, 0), 0)), '\0');
        H5Iget_name(scale, full.data(), full.size() + 1);
        out.push_back(full.substr(full.rfind('/') + 1));
      }
      H5Dvlen_reclaim(type, space, H5P_DEFAULT, lists.data());
    }
    for (std::size_t k = out.size(); k < rank; ++k) out.push_back(fmt::format("{}_dim_{}", own, k));
    if (out.size() != rank) fail(path_ / name, fmt::format("{} dimensions for rank {}", out.size(), rank));
    return out;
  }

  StoredArray array(hid_t set, const std::string& name) {
    StoredArray out;
    const Handle type(H5Dget_type(set), H5Tclose), space(H5Dget_space(set), H5Sclose);
    out.shape = extents_of(space);
    out.attrs = attributes(set);
    double elements = 1;
    for (auto extent : out.shape) elements *= static_cast<double>(extent);
    if (elements > 1e13) fail(path_ / name, fmt::format("shape {} does not fit into memory", to_string(out.shape)));
    out.dims = dims(set, name, out.shape.size());
    const auto count = static_cast<std::size_t>(out.shape.num_elements());
    const auto read = [&](hid_t memory, void* to) { return H5Dread(set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, to); };
    herr_t status = 0;
    switch (H5Tget_class(type)) {
    case H5T_STRING: {
      auto values = strings(type, space, count, read);
      if (values.size() != count) fail(path_ / name, hdf5::last_error());
      out.values = std::move(values);
      return out;
    }
    case H5T_ENUM: { // h5netcdf's truth values
      std::vector<std::byte> bytes(count);
      const Handle base(H5Tget_super(type), H5Tclose);
      if (H5Tget_size(base) != 1) fail(path_ / name, "an enumeration wider than a byte");
      if (count) status = read(type, bytes.data());
      out.attrs["dtype"] = std::string("bool");
      out.values = std::move(bytes);
      break;
    }
    case H5T_INTEGER:
    case H5T_FLOAT:
      if (const auto dtype = number_type(type)) {
        Array values(*dtype, out.shape);
        if (count) status = read(memory_type(*dtype), values.data.get());
        out.values = std::move(values);
      } else {
        std::vector<std::byte> bytes(count);
        out.signed_bytes = H5Tget_sign(type) == H5T_SGN_2;
        if (count) status = read(out.signed_bytes ? H5T_NATIVE_INT8 : H5T_NATIVE_UINT8, bytes.data());
        out.values = std::move(bytes);
      }
      break;
    default: fail(path_ / name, "elements that are neither numbers nor strings");
    }
    if (status < 0) fail(path_ / name, hdf5::last_error());
    return out;
  }

  Attributes attributes(hid_t owner) {
    std::vector<std::string> names;
    const auto add = [](hid_t, const char* name, const H5A_info_t*, void* list) -> herr_t {
      static_cast<std::vector<std::string>*>(list)->emplace_back(name);
      return 0;
    };
    H5Aiterate2(owner, H5_INDEX_NAME, H5_ITER_INC, nullptr, add, &names);
    Attributes out;
    for (const auto& name : names) {
      // What belongs to the format, not to the data.
      if (name == "CLASS" || name == "NAME" || name == "DIMENSION_LIST" || name == "REFERENCE_LIST" ||
          name == "_FillValue" || name == "_NCProperties" || name.starts_with("_Netcdf4"))
        continue;
      if (const auto value = attribute(owner, name)) out[name] = *value;
    }
    return out;
  }

  std::optional<Attribute> attribute(hid_t owner, const std::string& name) {
    const Handle id(H5Aopen(owner, name.c_str(), H5P_DEFAULT), H5Aclose);
    const Handle type(H5Aget_type(id), H5Tclose), space(H5Aget_space(id), H5Sclose);
    const auto count = static_cast<std::size_t>(std::max<hssize_t>(H5Sget_simple_extent_npoints(space), 0));
    const bool one = count == 1;
    if (H5Tget_class(type) == H5T_STRING) {
      auto texts = strings(type, space, count, [&](hid_t memory, void* to) { return H5Aread(id, memory, to); });
      if (texts.size() != count) return {};
      if (!one) return Json{nlohmann::ordered_json(texts).dump()};
      const bool braces = !texts[0].empty() && (texts[0][0] == '{' || texts[0][0] == '[');
      if (braces && nlohmann::ordered_json::accept(texts[0])) return Json{texts[0]};
      return texts[0];
    }
    if (H5Tget_class(type) == H5T_FLOAT) {
      std::vector<double> values(count);
      if (H5Aread(id, H5T_NATIVE_DOUBLE, values.data()) < 0) return {};
      return one ? Attribute(values[0]) : Attribute(Json{nlohmann::ordered_json(values).dump()});
    }
    if (H5Tget_class(type) == H5T_INTEGER) {
      std::vector<std::int64_t> values(count);
      if (H5Aread(id, H5T_NATIVE_INT64, values.data()) < 0) return {};
      if (one && H5Tget_size(type) == 1) return values[0] != 0;
      return one ? Attribute(values[0]) : Attribute(Json{nlohmann::ordered_json(values).dump()});
    }
    return {};
  }

  fs::path path_;
  Handle file_;
};

} // namespace

Fit read_netcdf(const fs::path& path) {
  const hdf5::Session session;
  return NetcdfReader(path).read();
}

} // namespace nuthatch::detail

#else

namespace nuthatch::detail {

Fit read_netcdf(const std::filesystem::path& path) { zarr::fail(path, "this build has no HDF5 for NetCDF-4 files"); }

} // namespace nuthatch::detail
#endif
