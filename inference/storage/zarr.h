#pragma once
/// The parts of the Zarr storage specification, version 2, that ArviZ and xarray use.
/// https://zarr-specs.readthedocs.io/en/latest/v2/v2.0.html
#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "nuthatch/data_array.h"

namespace nuthatch::detail::zarr {

/// What an array in a store can be: numbers, strings (labels), or raw bytes.
using Values = std::variant<Array, std::vector<std::string>, std::vector<std::byte>>;

struct StoredArray {
  std::vector<std::string> dims;
  Shape shape;
  Values values;
  bool signed_bytes = false;
  Attributes attrs;
};

/// `path` as errors quote it, then the reason.
[[noreturn]] void fail(const std::filesystem::path& path, const std::string& reason);

/// "<f8" and so on; how the elements of a type are written.
std::string type_code(Dtype dtype);

nlohmann::ordered_json to_json(const Attributes& attrs);
Attributes from_json(const nlohmann::ordered_json& object);

/// Uncompressed bytes of a chunk of known size. `compressor` is the entry of .zarray: null, zlib, gzip or blosc.
std::vector<std::byte> decompress(std::span<const std::byte> stored, const nlohmann::ordered_json& compressor,
                                  std::size_t size, const std::filesystem::path& path);

/// Metadata of a store: from its files, or all from one state of `.zmetadata`.
class Metadata {
public:
  explicit Metadata(std::filesystem::path store);
  ~Metadata();
  const std::filesystem::path& store() const { return store_; }
  /// Reads ".zattrs", "posterior/mu/.zarray" and so on; null where there is none.
  nlohmann::ordered_json read(const std::string& file) const;
  bool contains(const std::string& file) const;

private:
  std::filesystem::path store_;
  std::unique_ptr<nlohmann::ordered_json> consolidated_; // only of a store that may be growing
};

/// Reads the array in the folder `name` of a store.
StoredArray read_array(const Metadata& metadata, const std::string& name);

/// Whole file; errors name the path and what the system says.
std::vector<std::byte> read_file(const std::filesystem::path& path);
nlohmann::ordered_json read_json(const std::filesystem::path& path);

} // namespace nuthatch::detail::zarr
