#include "zarr_writer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <zlib.h>

#include <algorithm>

#include "staged_path.h"
#include "zarr.h"

namespace nuthatch::detail {
namespace fs = std::filesystem;
using nlohmann::ordered_json;

namespace {

/// Chunks are read and compressed as a whole; larger arrays are cut along their leading dimensions.
constexpr std::int64_t kChunkBytes = std::int64_t{32} << 20;

/// Leading dimensions are cut to 1 until a chunk fits, the last one cut into as many as fit.
Shape chunk_shape(const Shape& shape, std::size_t width) {
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
std::vector<std::int64_t> chunks_or_one(const Shape& chunks) {
  std::vector<std::int64_t> out;
  for (auto extent : chunks) out.push_back(std::max<std::int64_t>(extent, 1));
  return out;
}

std::u32string utf32(const std::string& text) {
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

} // namespace

void check_folder_name(const std::string& name, const fs::path& store) {
  if (name.empty() || name[0] == '.' || name.find_first_of(std::string("/\\\0", 3)) != std::string::npos)
    throw Error(fmt::format("cannot write `{}`: `{}` cannot be the name of a folder", store.string(), name));
}

void check_store_place(const fs::path& store) {
  std::error_code error;
  const bool free = !fs::exists(store, error) || (fs::is_directory(store, error) && fs::is_empty(store, error));
  if (!free && !fs::exists(store / ".zgroup", error))
    throw Error(fmt::format("cannot write `{}`: something that is not a Zarr store is there already", store.string()));
}

std::string json_text(const ordered_json& json) {
  return json.dump(4, ' ', false, ordered_json::error_handler_t::replace);
}

void ZarrWriter::group(const std::string& name, const Attributes& attrs) {
  folder(name);
  write_metadata(name, ".zgroup", {{"zarr_format", 2}});
  if (!attrs.empty()) write_metadata(name, ".zattrs", zarr::to_json(attrs));
}

void ZarrWriter::dataset(const std::string& name, const Dataset& dataset, const Attributes& attrs) {
  group(name, attrs);
  for (const DataArray& variable : dataset.variables()) {
    numbers(name + "/" + variable.name(), variable.dims(), variable.values(), variable.attrs);
    for (const auto& dim : variable.dims())
      if (!dataset.coords().contains(dim)) throw Error(fmt::format("group `{}` has no labels for `{}`", name, dim));
  }
  for (const auto& [dim, labels] : dataset.coords()) coordinate(name + "/" + dim, dim, labels);
}

void ZarrWriter::numbers(const std::string& name, const std::vector<std::string>& dims, const Array& values,
                         const Attributes& attrs) {
  raw(name, dims, values.shape, zarr::type_code(values.dtype), size_of(values.dtype), values.data.get(), attrs);
}

/// Fixed-width UTF-32, the width that of the longest.
void ZarrWriter::strings(const std::string& name, const std::string& dim, const std::vector<std::string>& values) {
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

void ZarrWriter::coordinate(const std::string& name, const std::string& dim, const Coordinate& labels) {
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

void ZarrWriter::raw(const std::string& name, const std::vector<std::string>& dims, const Shape& shape,
                     const std::string& type, std::size_t width, const std::byte* data, const Attributes& attrs) {
  const Shape chunks = chunk_shape(shape, width);
  describe(name, dims, shape, chunks, type, attrs);
  write_chunks(name, shape, chunks, width, data);
}

void ZarrWriter::empty(const std::string& name, const std::vector<std::string>& dims, const Shape& shape,
                       const Shape& chunks, Dtype dtype) {
  describe(name, dims, shape, chunks, zarr::type_code(dtype), {});
}

std::string ZarrWriter::consolidated() const {
  return json_text(ordered_json{{"metadata", metadata_}, {"zarr_consolidated_format", 1}});
}

void ZarrWriter::consolidate() { write_file(root_ / ".zmetadata", consolidated(), shown_); }

void ZarrWriter::folder(const std::string& name) {
  std::error_code error;
  fs::create_directories(root_ / name, error);
  if (error) throw Error(fmt::format("cannot write `{}`: {}", shown_.string(), error.message()));
}

void ZarrWriter::describe(const std::string& name, const std::vector<std::string>& dims, const Shape& shape,
                          const Shape& chunks, const std::string& type, const Attributes& attrs) {
  folder(name);
  const ordered_json compressor = compression_ ? ordered_json{{"id", "zlib"}, {"level", compression_}} : ordered_json();
  // Without a fill value a lost chunk is an error and not a value.
  write_metadata(name, ".zarray",
                 {{"chunks", chunks_or_one(chunks)},
                  {"compressor", compressor},
                  {"dtype", type},
                  {"fill_value", nullptr},
                  {"filters", nullptr},
                  {"order", "C"},
                  {"shape", static_cast<const std::vector<std::int64_t>&>(shape)},
                  {"zarr_format", 2}});
  ordered_json described = zarr::to_json(attrs);
  described["_ARRAY_DIMENSIONS"] = dims;
  write_metadata(name, ".zattrs", described);
}

void ZarrWriter::write_metadata(const std::string& where, const char* file, const ordered_json& content) {
  const std::string key = where.empty() ? file : where + "/" + file;
  write_file(root_ / key, json_text(content), shown_);
  metadata_[key] = content;
}

/// All dimensions but one are 1 or whole in a chunk, so a chunk is one contiguous range of the array; only the last
/// along the cut dimension is shorter and padded with zeros.
void ZarrWriter::write_chunks(const std::string& name, const Shape& shape, const Shape& chunks, std::size_t width,
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

void ZarrWriter::write(const std::string& file, std::span<const std::byte> bytes) {
  if (!compression_) return write_file(root_ / file, bytes, shown_);
  uLongf size = compressBound(bytes.size());
  std::vector<std::byte> packed(size);
  if (compress2(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
                bytes.size(), compression_) != Z_OK)
    throw Error(fmt::format("cannot write `{}`: zlib failed", shown_.string()));
  write_file(root_ / file, std::span(packed).first(size), shown_);
}

} // namespace nuthatch::detail
