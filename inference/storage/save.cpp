/// Writing a Zarr version 2 store in the layout of xarray: a group per data set, an array per variable and coordinate,
/// the names of the dimensions in `_ARRAY_DIMENSIONS`, all metadata once more in `.zmetadata`.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "assemble.h"
#include "netcdf.h"
#include "nuthatch/fit.h"
#include "schema_names.h"
#include "staged_path.h"
#include "zarr.h"

namespace nuthatch {
namespace fs = std::filesystem;
using detail::Array;
using nlohmann::ordered_json;

namespace {

/// Chunks are read and compressed as a whole; larger arrays are cut along their leading dimensions.
constexpr std::int64_t kChunkBytes = std::int64_t{32} << 20;

class Writer {
public:
  Writer(fs::path root, fs::path shown, int compression)
      : root_(std::move(root)), shown_(std::move(shown)), compression_(compression) {}

  void group(const std::string& name, const Attributes& attrs) {
    std::error_code error;
    fs::create_directories(root_ / name, error);
    if (error) throw Error(fmt::format("cannot write `{}`: {}", shown_.string(), error.message()));
    metadata(name, ".zgroup", {{"zarr_format", 2}});
    if (!attrs.empty()) metadata(name, ".zattrs", detail::zarr::to_json(attrs));
  }

  void numbers(const std::string& name, const std::vector<std::string>& dims, const Array& values,
               const Attributes& attrs) {
    raw(name, dims, values.shape, detail::zarr::type_code(values.dtype), size_of(values.dtype), values.data.get(),
        attrs);
  }

  /// Fixed-width UTF-32, the width that of the longest.
  void strings(const std::string& name, const std::string& dim, const std::vector<std::string>& values) {
    std::vector<std::u32string> decoded;
    std::size_t width = 1;
    for (const auto& value : values) {
      decoded.push_back(utf32(value));
      width = std::max(width, decoded.back().size());
    }
    std::vector<char32_t> padded(values.size() * width, 0);
    for (std::size_t i = 0; i < decoded.size(); ++i)
      std::copy(decoded[i].begin(), decoded[i].end(), padded.begin() + static_cast<std::ptrdiff_t>(i * width));
    raw(name, {dim}, {static_cast<std::int64_t>(values.size())}, fmt::format("<U{}", width), 4 * width,
        reinterpret_cast<const std::byte*>(padded.data()), {});
  }

  void coordinate(const std::string& name, const std::string& dim, const Coordinate& labels) {
    std::visit(
        [&](const auto& list) {
          using T = typename std::decay_t<decltype(list)>::value_type;
          if constexpr (std::is_same_v<T, std::string>)
            strings(name, dim, list);
          else
            raw(name, {dim}, {labels.size()}, std::is_same_v<T, double> ? "<f8" : "<i8", 8,
                reinterpret_cast<const std::byte*>(list.data()), {});
        },
        labels.labels());
  }

  void raw(const std::string& name, const std::vector<std::string>& dims, const Shape& shape, const std::string& type,
           std::size_t width, const std::byte* data, const Attributes& attrs) {
    std::error_code error;
    fs::create_directories(root_ / name, error);
    if (error) throw Error(fmt::format("cannot write `{}`: {}", shown_.string(), error.message()));
    const Shape chunks = chunk_shape(shape, width);
    const ordered_json compressor =
        compression_ ? ordered_json{{"id", "zlib"}, {"level", compression_}} : ordered_json();
    // Without a fill value a lost chunk is an error and not a value.
    metadata(name, ".zarray",
             {{"chunks", chunks_or_one(chunks)},
              {"compressor", compressor},
              {"dtype", type},
              {"fill_value", nullptr},
              {"filters", nullptr},
              {"order", "C"},
              {"shape", static_cast<const std::vector<std::int64_t>&>(shape)},
              {"zarr_format", 2}});
    ordered_json described = detail::zarr::to_json(attrs);
    described["_ARRAY_DIMENSIONS"] = dims;
    metadata(name, ".zattrs", described);
    write_chunks(name, shape, chunks, width, data);
  }

  /// All metadata in one file: readers need not search the folders.
  void consolidate() {
    write(".zmetadata", ordered_json{{"metadata", consolidated_}, {"zarr_consolidated_format", 1}}.dump(
                            4, ' ', false, ordered_json::error_handler_t::replace));
  }

private:
  /// Leading dimensions are cut to 1 until a chunk fits, the last one cut into as many as fit.
  static Shape chunk_shape(const Shape& shape, std::size_t width) {
    Shape chunks = shape;
    for (auto& extent : chunks) {
      const std::int64_t bytes = chunks.num_elements() * static_cast<std::int64_t>(width);
      if (bytes <= kChunkBytes) break;
      const std::int64_t one = bytes / extent;
      extent = std::max<std::int64_t>(1, kChunkBytes / one);
    }
    return chunks;
  }
  /// Zarr wants positive extents, also of empty arrays.
  static std::vector<std::int64_t> chunks_or_one(const Shape& chunks) {
    std::vector<std::int64_t> out;
    for (auto extent : chunks) out.push_back(std::max<std::int64_t>(extent, 1));
    return out;
  }

  /// All dimensions but one are 1 or whole in a chunk, so a chunk is one contiguous range of the array; only the last
  /// along the cut dimension is shorter and padded with zeros.
  void write_chunks(const std::string& name, const Shape& shape, const Shape& chunks, std::size_t width,
                    const std::byte* data) {
    if (shape.num_elements() == 0) return;
    std::vector<std::int64_t> chunk(shape.size(), 0);
    std::size_t chunk_bytes = width;
    for (auto extent : chunks) chunk_bytes *= static_cast<std::size_t>(extent);
    std::vector<std::byte> padded;
    while (true) {
      std::size_t start = 0, used = width;
      for (std::size_t k = 0; k < shape.size(); ++k) {
        const std::int64_t first = chunk[k] * chunks[k];
        start = start * static_cast<std::size_t>(shape[k]) + static_cast<std::size_t>(first);
        used *= static_cast<std::size_t>(std::min(chunks[k], shape[k] - first));
      }
      std::span<const std::byte> part(data + start * width, used);
      if (used < chunk_bytes) {
        padded.assign(part.begin(), part.end());
        padded.resize(chunk_bytes);
        part = padded;
      }
      write(name + "/" + (chunk.empty() ? "0" : fmt::format("{}", fmt::join(chunk, "."))), part);
      std::size_t k = shape.size();
      while (k > 0 && (chunk[k - 1] + 1) * chunks[k - 1] >= shape[k - 1]) chunk[--k] = 0;
      if (k == 0) return;
      ++chunk[k - 1];
    }
  }

  void write(const std::string& file, std::span<const std::byte> bytes) {
    if (!compression_) return detail::write_file(root_ / file, bytes, shown_);
    uLongf size = compressBound(bytes.size());
    std::vector<std::byte> packed(size);
    if (compress2(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
                  bytes.size(), compression_) != Z_OK)
      throw Error(fmt::format("cannot write `{}`: zlib failed", shown_.string()));
    detail::write_file(root_ / file, std::span(packed).first(size), shown_);
  }
  void write(const std::string& file, const std::string& text) { detail::write_file(root_ / file, text, shown_); }

  void metadata(const std::string& where, const char* file, const ordered_json& content) {
    const std::string key = where.empty() ? file : where + "/" + file;
    write(key, content.dump(4, ' ', false, ordered_json::error_handler_t::replace));
    consolidated_[key] = content;
  }

  static std::u32string utf32(const std::string& text) {
    std::u32string out;
    for (std::size_t i = 0; i < text.size();) {
      const auto lead = static_cast<unsigned char>(text[i]);
      const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
      char32_t c = length == 1 ? lead : lead & (0xFFu >> (length + 1));
      for (std::size_t k = 1; k < length && i + k < text.size(); ++k)
        c = (c << 6) | (static_cast<unsigned char>(text[i + k]) & 0x3F);
      out += c;
      i += length;
    }
    return out;
  }

  fs::path root_, shown_;
  int compression_;
  ordered_json consolidated_ = ordered_json::object();
};

void write_group(Writer& writer, const std::string& name, const Dataset& dataset) {
  writer.group(name, detail::group_attributes(dataset));
  for (const DataArray& variable : dataset.variables()) {
    writer.numbers(name + "/" + variable.name(), variable.dims(), variable.values(), variable.attrs);
    for (const auto& dim : variable.dims())
      if (!dataset.coords().contains(dim)) throw Error(fmt::format("group `{}` has no labels for `{}`", name, dim));
  }
  for (const auto& [dim, labels] : dataset.coords()) writer.coordinate(name + "/" + dim, dim, labels);
}

/// Names become folders: nothing that would leave the store or hide in it.
void check_name(const std::string& name, const fs::path& path) {
  if (name.empty() || name[0] == '.' || name.find_first_of(std::string("/\\\0", 3)) != std::string::npos)
    throw Error(fmt::format("cannot write `{}`: `{}` cannot be the name of a folder", path.string(), name));
}

void save_zarr(const InferenceData& data, const Fit* fit, const fs::path& path, const SaveOptions& options) {
  std::error_code error;
  const bool free = !fs::exists(path, error) || (fs::is_directory(path, error) && fs::is_empty(path, error));
  if (!free && !fs::exists(path / ".zgroup", error))
    throw Error(fmt::format("cannot write `{}`: something that is not a Zarr store is there already", path.string()));
  detail::StagedPath staged(path);
  Writer writer(staged.path(), path, options.compression);
  writer.group("", detail::file_attributes(data, fit));
  for (const auto& group : data.groups()) write_group(writer, group, data.group(group));
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
    check_name(group, path);
    for (const auto& name : data.group(group).names()) check_name(name, path);
    for (const auto& [dim, labels] : data.group(group).coords()) check_name(dim, path);
  }
  (path.extension() == ".nc" ? save_netcdf : save_zarr)(data, fit, path, options);
}

} // namespace

void InferenceData::save(const Path& path, const SaveOptions& options) const {
  save_data(*this, nullptr, path, options);
}
void Fit::save(const Path& path, const SaveOptions& options) const { save_data(*this, this, path, options); }

} // namespace nuthatch
