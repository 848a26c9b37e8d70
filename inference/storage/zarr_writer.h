#pragma once
/// Writes the arrays and groups of a Zarr version 2 store in the layout of xarray: a group per data set, an array per
/// variable and coordinate, the names of the dimensions in `_ARRAY_DIMENSIONS`, all metadata once more in `.zmetadata`.
#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "nuthatch/dataset.h"

namespace nuthatch::detail {

class ZarrWriter {
public:
  /// The store is the folder `root`; errors name `shown`. `compression` is zlib's level, 0 for none.
  ZarrWriter(std::filesystem::path root, std::filesystem::path shown, int compression)
      : root_(std::move(root)), shown_(std::move(shown)), compression_(compression) {}

  /// The folder of a group.
  void group(const std::string& name, const Attributes& attrs);
  /// A group with its variables and coordinates.
  void dataset(const std::string& name, const Dataset& dataset, const Attributes& attrs);
  void numbers(const std::string& name, const std::vector<std::string>& dims, const Array& values,
               const Attributes& attrs);
  void coordinate(const std::string& name, const std::string& dim, const Coordinate& labels);
  /// Elements of `width` bytes in row-major order; `type` is Zarr's name for them.
  void raw(const std::string& name, const std::vector<std::string>& dims, const Shape& shape, const std::string& type,
           std::size_t width, const std::byte* data, const Attributes& attrs);
  /// The folder and metadata of an array whose chunks somebody else writes.
  void empty(const std::string& name, const std::vector<std::string>& dims, const Shape& shape, const Shape& chunks,
             Dtype dtype);

  /// All metadata written so far: by path in the store.
  nlohmann::ordered_json& metadata() { return metadata_; }
  /// All metadata as the text of `.zmetadata`.
  std::string consolidated() const;
  /// Writes `.zmetadata`: readers need not search the folders.
  void consolidate();

private:
  void folder(const std::string& name);
  void describe(const std::string& name, const std::vector<std::string>& dims, const Shape& shape, const Shape& chunks,
                const std::string& type, const Attributes& attrs);
  void write_metadata(const std::string& where, const char* file, const nlohmann::ordered_json& content);
  void write_chunks(const std::string& name, const Shape& shape, const Shape& chunks, std::size_t width,
                    const std::byte* data);
  void strings(const std::string& name, const std::string& dim, const std::vector<std::string>& values);
  void write(const std::string& file, std::span<const std::byte> bytes);

  std::filesystem::path root_, shown_;
  int compression_;
  nlohmann::ordered_json metadata_ = nlohmann::ordered_json::object();
};

/// Names become folders: an Error where one would leave the store or hide in it.
void check_folder_name(const std::string& name, const std::filesystem::path& store);
/// An Error when something that is not a Zarr store is there already.
void check_store_place(const std::filesystem::path& store);

/// JSON as stores hold it.
std::string json_text(const nlohmann::ordered_json&);

} // namespace nuthatch::detail
