#pragma once
/// Enough of NetCDF-4 (which is HDF5) to read the draws of ArviZ's example files.
#include <hdf5.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace nuthatch::testing {

struct NumberArray {
  std::vector<hsize_t> shape;
  std::vector<double> values;
};

class NetcdfFile {
public:
  explicit NetcdfFile(const std::string& path) : file_(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT)) {
    if (file_ < 0) throw std::runtime_error("cannot open " + path);
  }
  ~NetcdfFile() { H5Fclose(file_); }
  NetcdfFile(const NetcdfFile&) = delete;
  NetcdfFile& operator=(const NetcdfFile&) = delete;

  /// Any number type, converted to double by the library. `name` is "group/variable".
  NumberArray numbers(const std::string& name) const {
    const hid_t set = H5Dopen2(file_, name.c_str(), H5P_DEFAULT);
    if (set < 0) throw std::runtime_error("no " + name);
    NumberArray out{extents(set), {}};
    hsize_t n = 1;
    for (auto e : out.shape) n *= e;
    out.values.resize(n);
    H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, out.values.data());
    H5Dclose(set);
    return out;
  }

  /// Variable-length strings: the labels of a coordinate.
  std::vector<std::string> strings(const std::string& name) const {
    const hid_t set = H5Dopen2(file_, name.c_str(), H5P_DEFAULT);
    if (set < 0) throw std::runtime_error("no " + name);
    const hid_t type = H5Dget_type(set), space = H5Dget_space(set);
    std::vector<char*> raw(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
    H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, raw.data());
    std::vector<std::string> out(raw.begin(), raw.end());
    H5Dvlen_reclaim(type, space, H5P_DEFAULT, raw.data());
    H5Sclose(space), H5Tclose(type), H5Dclose(set);
    return out;
  }

private:
  static std::vector<hsize_t> extents(hid_t set) {
    const hid_t space = H5Dget_space(set);
    std::vector<hsize_t> out(static_cast<std::size_t>(H5Sget_simple_extent_ndims(space)));
    H5Sget_simple_extent_dims(space, out.data(), nullptr);
    H5Sclose(space);
    return out;
  }

  hid_t file_;
};

} // namespace nuthatch::testing
