#include <fmt/format.h>

#include "assemble.h"
#include "netcdf.h"
#include "schema_names.h"
#include "staged_path.h"

#ifdef NUTHATCH_HDF5
#include <algorithm>
#include <map>

#include "hdf5.h"

namespace nuthatch::detail {
namespace {

using hdf5::Handle;

class NetcdfWriter {
public:
  NetcdfWriter(const std::filesystem::path& path, std::filesystem::path shown, int compression)
      : path_(path), shown_(std::move(shown)), compression_(compression) {
    Handle properties(H5Pcreate(H5P_FILE_CREATE), H5Pclose);
    H5Pset_link_creation_order(properties, kOrdered);
    H5Pset_attr_creation_order(properties, kOrdered);
    // In memory, and written by us: HDF5 cannot close a file it could not flush, and crashes when it tries again at the
    // end of the process.
    Handle memory(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
    H5Pset_fapl_core(memory, std::size_t(1) << 22, /*backing_store=*/false);
    file_ = Handle(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, properties, memory), H5Fclose);
    if (!file_) fail();
    string_ = Handle(H5Tcopy(H5T_C_S1), H5Tclose);
    H5Tset_size(string_, H5T_VARIABLE);
    H5Tset_cset(string_, H5T_CSET_UTF8);
  }

  void close() {
    if (H5Fflush(file_, H5F_SCOPE_GLOBAL) < 0 || !string_.close()) fail();
    const ssize_t size = H5Fget_file_image(file_, nullptr, 0);
    if (size < 0) fail();
    std::vector<std::byte> image(static_cast<std::size_t>(size));
    if (H5Fget_file_image(file_, image.data(), image.size()) < 0 || !file_.close()) fail();
    detail::write_file(path_, image, shown_);
  }

  void attributes(const Attributes& attrs) { attributes(file_, attrs); }

  void group(const std::string& name, const Dataset& dataset) {
    Handle properties(H5Pcreate(H5P_GROUP_CREATE), H5Pclose);
    H5Pset_link_creation_order(properties, kOrdered);
    H5Pset_attr_creation_order(properties, kOrdered);
    const Handle group(H5Gcreate2(file_, name.c_str(), H5P_DEFAULT, properties, H5P_DEFAULT), H5Gclose);
    if (!group) fail();
    attributes(group, group_attributes(dataset));
    for (const auto& [dim, labels] : dataset.coords()) {
      const Handle scale = coordinate(group, dim, labels);
      make_scale(scale, dim);
    }
    for (const DataArray& variable : dataset.variables()) {
      if (dataset.coords().contains(variable.name()))
        throw Error(fmt::format("cannot write `{}`: variable `{}` of group `{}` has the name of a dimension",
                                shown_.string(), variable.name(), name));
      const bool truth = variable.dtype() == Dtype::bool_;
      const Handle set = array(group, variable.name(), variable.shape(), file_type(variable.dtype()),
                               memory_type(variable.dtype()), variable.values().data.get());
      attributes(set, variable.attrs);
      if (truth) attribute(set, "dtype", std::string("bool"));
      set_dims(group, set, variable.dims());
    }
  }

  /// Raw bytes at the root, over a dimension without labels.
  void bytes(const std::string& name, std::span<const std::byte> values, const Attributes& attrs) {
    const Shape shape{static_cast<std::int64_t>(values.size())};
    {
      const Handle scale = array(file_, "byte", shape, H5T_IEEE_F32BE, H5T_NATIVE_FLOAT, nullptr);
      make_scale(scale, fmt::format("This is a netCDF dimension but not a netCDF variable.{:>10}", values.size()));
    }
    const Handle set = array(file_, name, shape, H5T_STD_U8LE, H5T_NATIVE_UINT8, values.data());
    attributes(set, attrs);
    set_dims(file_, set, {"byte"});
  }

private:
  static constexpr unsigned kOrdered = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;

  [[noreturn]] void fail() const {
    const std::string reason = hdf5::last_error();
    throw Error(fmt::format("cannot write `{}`: {}", shown_.string(), reason.empty() ? "HDF5 failed" : reason));
  }
  void check(herr_t status) const {
    if (status < 0) fail();
  }

  static hid_t file_type(Dtype dtype) {
    switch (dtype) {
    case Dtype::bool_: return H5T_STD_I8LE;
    case Dtype::i32: return H5T_STD_I32LE;
    case Dtype::i64: return H5T_STD_I64LE;
    case Dtype::ui32: return H5T_STD_U32LE;
    case Dtype::ui64: return H5T_STD_U64LE;
    case Dtype::f32: return H5T_IEEE_F32LE;
    case Dtype::f64: return H5T_IEEE_F64LE;
    }
    return -1;
  }
  static hid_t memory_type(Dtype dtype) {
    switch (dtype) {
    case Dtype::bool_: return H5T_NATIVE_INT8;
    case Dtype::i32: return H5T_NATIVE_INT32;
    case Dtype::i64: return H5T_NATIVE_INT64;
    case Dtype::ui32: return H5T_NATIVE_UINT32;
    case Dtype::ui64: return H5T_NATIVE_UINT64;
    case Dtype::f32: return H5T_NATIVE_FLOAT;
    case Dtype::f64: return H5T_NATIVE_DOUBLE;
    }
    return -1;
  }

  /// A data set with its values; nothing is written when `values` is null or there are none.
  Handle array(hid_t parent, const std::string& name, const Shape& shape, hid_t file_type, hid_t memory_type,
               const void* values) {
    const std::vector<hsize_t> extents(shape.begin(), shape.end());
    const Handle space(shape.empty() ? H5Screate(H5S_SCALAR)
                                     : H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr),
                       H5Sclose);
    const Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    H5Pset_attr_creation_order(properties, kOrdered);
    if (compression_ && values && !shape.empty() && shape.num_elements() > 0) {
      const auto chunk = chunk_of(extents, H5Tget_size(memory_type));
      H5Pset_chunk(properties, static_cast<int>(chunk.size()), chunk.data());
      H5Pset_deflate(properties, static_cast<unsigned>(compression_));
    }
    Handle set(H5Dcreate2(parent, name.c_str(), file_type, space, H5P_DEFAULT, properties, H5P_DEFAULT), H5Dclose);
    if (!set) fail();
    if (values && shape.num_elements() > 0) check(H5Dwrite(set, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    return set;
  }

  /// Leading extents are cut until a chunk has at most a megabyte, the cache of a data set.
  static std::vector<hsize_t> chunk_of(std::vector<hsize_t> extents, std::size_t width) {
    for (auto& extent : extents) {
      hsize_t bytes = width;
      for (hsize_t e : extents) bytes *= e;
      if (bytes <= (hsize_t{1} << 20)) break;
      extent = std::max<hsize_t>(1, (hsize_t{1} << 20) / (bytes / extent));
    }
    return extents;
  }

  Handle coordinate(hid_t parent, const std::string& dim, const Coordinate& labels) {
    const Shape shape{labels.size()};
    if (const auto* numbers = std::get_if<std::vector<double>>(&labels.labels()))
      return array(parent, dim, shape, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, numbers->data());
    if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&labels.labels()))
      return array(parent, dim, shape, H5T_STD_I64LE, H5T_NATIVE_INT64, integers->data());
    std::vector<const char*> texts;
    for (const auto& text : std::get<std::vector<std::string>>(labels.labels())) texts.push_back(text.c_str());
    return array(parent, dim, shape, string_, string_, texts.data());
  }

  /// Marks a data set as a dimension (HDF5 Dimension Scale Specification).
  void make_scale(hid_t set, const std::string& name) {
    fixed_string(set, "CLASS", "DIMENSION_SCALE");
    fixed_string(set, "NAME", name);
    const std::int32_t id = next_dimension_++;
    number(set, "_Netcdf4Dimid", H5T_STD_I32LE, H5T_NATIVE_INT32, &id);
  }

  /// DIMENSION_LIST: a list of references to scales for each dimension.
  void set_dims(hid_t parent, hid_t set, const std::vector<std::string>& dims) {
    if (dims.empty()) return;
    std::vector<hobj_ref_t> references(dims.size());
    std::vector<hvl_t> lists(dims.size());
    for (std::size_t k = 0; k < dims.size(); ++k) {
      check(H5Rcreate(&references[k], parent, dims[k].c_str(), H5R_OBJECT, -1));
      lists[k] = {1, &references[k]};
    }
    const hsize_t rank = dims.size();
    const Handle type(H5Tvlen_create(H5T_STD_REF_OBJ), H5Tclose), space(H5Screate_simple(1, &rank, nullptr), H5Sclose);
    const Handle attribute(H5Acreate2(set, "DIMENSION_LIST", type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
    if (!attribute) fail();
    check(H5Awrite(attribute, type, lists.data()));
  }

  void fixed_string(hid_t owner, const char* name, const std::string& text) {
    const Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
    H5Tset_size(type, text.size() + 1);
    number(owner, name, type, type, text.c_str());
  }
  void number(hid_t owner, const std::string& name, hid_t file_type, hid_t memory_type, const void* value) {
    const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
    const Handle attribute(H5Acreate2(owner, name.c_str(), file_type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
    if (!attribute) fail();
    check(H5Awrite(attribute, memory_type, value));
  }
  void attribute(hid_t owner, const std::string& name, const std::string& text) {
    const char* pointer = text.c_str();
    number(owner, name, string_, string_, &pointer);
  }
  void attributes(hid_t owner, const Attributes& attrs) {
    for (const auto& [name, value] : attrs) {
      if (const auto* text = std::get_if<std::string>(&value)) attribute(owner, name, *text);
      if (const auto* json = std::get_if<Json>(&value)) attribute(owner, name, json->text);
      if (const auto* real = std::get_if<double>(&value)) number(owner, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, real);
      if (const auto* integer = std::get_if<std::int64_t>(&value))
        number(owner, name, H5T_STD_I64LE, H5T_NATIVE_INT64, integer);
      if (const auto* truth = std::get_if<bool>(&value)) {
        const std::int8_t byte = *truth;
        number(owner, name, H5T_STD_I8LE, H5T_NATIVE_INT8, &byte);
      }
    }
  }

  std::filesystem::path path_, shown_;
  int compression_;
  Handle file_, string_;
  std::int32_t next_dimension_ = 0;
};

} // namespace

bool has_netcdf() { return true; }

void write_netcdf(const InferenceData& data, const Fit* fit, const std::filesystem::path& path,
                  const std::filesystem::path& shown, int compression) {
  const hdf5::Session session;
  NetcdfWriter writer(path, shown, compression);
  writer.attributes(file_attributes(data, fit));
  for (const auto& group : data.groups()) writer.group(group, data.group(group));
  if (fit && !fit->state().empty()) writer.bytes(kState, fit->state().bytes, fit->state().attrs);
  writer.close();
}

} // namespace nuthatch::detail

#else

namespace nuthatch::detail {

bool has_netcdf() { return false; }

void write_netcdf(const InferenceData&, const Fit*, const std::filesystem::path&, const std::filesystem::path& shown,
                  int) {
  throw Error(fmt::format("cannot write `{}`: this build has no HDF5 for NetCDF-4 files; save to a .zarr store",
                          shown.string()));
}

} // namespace nuthatch::detail
#endif
