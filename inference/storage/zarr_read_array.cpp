#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "zarr.h"

namespace nuthatch::detail::zarr {
namespace fs = std::filesystem;
namespace {

using nlohmann::ordered_json;

/// What .zarray says.
struct Layout {
  Shape shape, chunks;
  std::string type;      // "<f8", "<U9", "|O", ...
  std::size_t width = 0; // bytes per element; 0 for variable-length strings
  ordered_json compressor, fill;
  bool column_major = false;
  std::string separator = ".";
};

std::optional<Dtype> number_type(const std::string& code) {
  for (Dtype d : {Dtype::bool_, Dtype::i32, Dtype::i64, Dtype::ui32, Dtype::ui64, Dtype::f32, Dtype::f64})
    if (type_code(d) == code) return d;
  return {};
}

Shape extents(const fs::path& path, const ordered_json& header, const char* key) {
  Shape out;
  if (!header.contains(key) || !header[key].is_array()) fail(path, fmt::format("`{}` is missing", key));
  for (const auto& extent : header[key]) {
    if (!extent.is_number_integer() || extent.get<std::int64_t>() < 0) fail(path, fmt::format("`{}` is damaged", key));
    out.push_back(extent.get<std::int64_t>());
  }
  return out;
}

Layout read_layout(const fs::path& path, const ordered_json& header) {
  const auto value = [&](const char* key) { return header.contains(key) ? header[key] : ordered_json(); };
  if (value("zarr_format") != 2) fail(path, "not an array of Zarr version 2");
  Layout out;
  out.shape = extents(path, header, "shape");
  out.chunks = extents(path, header, "chunks");
  if (out.chunks.size() != out.shape.size()) fail(path, "`chunks` and `shape` differ in length");
  for (auto c : out.chunks)
    if (c == 0 && out.shape.num_elements() != 0) fail(path, "a chunk has extent 0");
  for (const Shape* extents : {&out.shape, &out.chunks}) {
    double elements = 1;
    for (auto extent : *extents) elements *= static_cast<double>(extent);
    if (elements > 1e13) fail(path, fmt::format("shape {} does not fit into memory", to_string(*extents)));
  }
  out.type = value("dtype").is_string() ? value("dtype").get<std::string>() : value("dtype").dump();
  out.compressor = value("compressor");
  out.fill = value("fill_value");
  out.column_major = value("order") == "F";
  if (value("dimension_separator").is_string()) out.separator = value("dimension_separator").get<std::string>();

  const ordered_json filters = value("filters");
  const bool strings = out.type == "|O";
  if (strings) {
    if (!(filters.is_array() && filters.size() == 1 && filters[0].value("id", "") == "vlen-utf8"))
      fail(path, "objects that are not strings");
  } else if (!filters.is_null() && !filters.empty()) {
    fail(path, fmt::format("filters {}", filters.dump()));
  }
  if (const auto dtype = number_type(out.type)) {
    out.width = size_of(*dtype);
  } else if (out.type == "|u1" || out.type == "|i1") {
    out.width = 1;
  } else if (out.type.starts_with("<U") && out.type.size() > 2 &&
             std::all_of(out.type.begin() + 2, out.type.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
             out.type.size() < 10) {
    out.width = 4 * std::stoul(out.type.substr(2));
  } else if (!strings) {
    fail(path, fmt::format("element type {}; known are <f8 <f4 <i8 <i4 <u8 <u4 |b1 |i1 |u1 and strings", out.type));
  }
  if (out.column_major && out.shape.size() > 1) fail(path, "column-major order");
  return out;
}

/// UTF-32, padded with zeros, to UTF-8.
std::string utf8(const std::byte* text, std::size_t bytes) {
  std::string out;
  for (std::size_t i = 0; i + 4 <= bytes; i += 4) {
    std::uint32_t c;
    std::memcpy(&c, text + i, 4);
    if (c == 0) break;
    if (c < 0x80) {
      out += static_cast<char>(c);
    } else {
      const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
      constexpr unsigned lead[] = {0, 0xC0, 0xE0, 0xF0};
      out += static_cast<char>(lead[more] | (c >> (6 * more)));
      for (int k = more; k-- > 0;) out += static_cast<char>(0x80 | ((c >> (6 * k)) & 0x3F));
    }
  }
  return out;
}

/// One element of an absent chunk. null means that nothing may be absent.
std::optional<std::vector<std::byte>> fill_element(const Layout& layout) {
  if (layout.fill.is_null()) return {};
  std::vector<std::byte> out(layout.width);
  const auto store = [&](auto value) { std::memcpy(out.data(), &value, std::min(sizeof value, out.size())); };
  const auto real = [&] {
    if (!layout.fill.is_string()) return layout.fill.get<double>();
    const double infinity = std::numeric_limits<double>::infinity();
    return layout.fill == "Infinity" ? infinity : layout.fill == "-Infinity" ? -infinity : std::nan("");
  };
  if (layout.type == "<f8")
    store(real());
  else if (layout.type == "<f4")
    store(static_cast<float>(real()));
  else if (layout.fill.is_boolean())
    store(static_cast<std::uint8_t>(layout.fill.get<bool>()));
  else if (layout.fill.is_number())
    store(layout.fill.get<std::int64_t>());
  return out;
}

/// Calls `visit` with the coordinates of every chunk.
template <class Visit> void for_each_chunk(const Layout& layout, Visit visit) {
  if (layout.shape.num_elements() == 0) return;
  const std::size_t rank = layout.shape.size();
  std::vector<std::int64_t> chunk(rank, 0);
  while (true) {
    visit(chunk);
    std::size_t k = rank;
    while (k > 0 && (chunk[k - 1] + 1) * layout.chunks[k - 1] >= layout.shape[k - 1]) chunk[--k] = 0;
    if (k == 0) return;
    ++chunk[k - 1];
  }
}

/// Copies the part of a chunk that lies inside the array, rows of the last dimension at a time.
void place(const Layout& layout, const std::vector<std::int64_t>& chunk, std::span<const std::byte> from,
           std::byte* to) {
  const std::size_t rank = layout.shape.size();
  if (rank == 0) {
    std::memcpy(to, from.data(), layout.width);
    return;
  }
  std::vector<std::int64_t> inside(rank), index(rank, 0);
  for (std::size_t k = 0; k < rank; ++k)
    inside[k] = std::min(layout.chunks[k], layout.shape[k] - chunk[k] * layout.chunks[k]);
  while (true) {
    std::int64_t source = 0, target = 0;
    for (std::size_t k = 0; k < rank; ++k) {
      source = source * layout.chunks[k] + index[k];
      target = target * layout.shape[k] + chunk[k] * layout.chunks[k] + index[k];
    }
    std::memcpy(to + static_cast<std::size_t>(target) * layout.width,
                from.data() + static_cast<std::size_t>(source) * layout.width,
                static_cast<std::size_t>(inside[rank - 1]) * layout.width);
    std::size_t k = rank - 1;
    while (k > 0 && index[k - 1] + 1 == inside[k - 1]) index[--k] = 0;
    if (k == 0) return;
    ++index[k - 1];
  }
}

std::string chunk_name(const Layout& layout, const std::vector<std::int64_t>& chunk) {
  return chunk.empty() ? "0" : fmt::format("{}", fmt::join(chunk, layout.separator));
}

/// Numcodecs' VLenUTF8: a count, then length and bytes of each; lengths are 32 bits.
std::vector<std::string> variable_strings(std::span<const std::byte> bytes, const fs::path& path) {
  std::size_t at = 0;
  const auto length = [&] {
    std::uint32_t n;
    if (bytes.size() - at < 4) fail(path, "the chunk of strings is truncated");
    std::memcpy(&n, bytes.data() + at, 4);
    at += 4;
    return n;
  };
  std::vector<std::string> out;
  for (std::uint32_t count = length(); out.size() < count;) {
    const std::size_t n = length();
    if (n > bytes.size() - at) fail(path, "the chunk of strings is truncated");
    out.emplace_back(reinterpret_cast<const char*>(bytes.data() + at), n);
    at += n;
  }
  return out;
}

std::vector<std::string> read_variable_strings(const fs::path& folder, const Layout& layout) {
  const auto elements = static_cast<std::size_t>(layout.shape.num_elements());
  if (elements == 0) return {};
  if (layout.shape != layout.chunks) fail(folder, "strings in several chunks");
  const fs::path file = folder / chunk_name(layout, std::vector<std::int64_t>(layout.shape.size(), 0));
  if (!layout.compressor.is_null() && layout.compressor.value("id", "") != "blosc")
    fail(file, "strings with a compressor other than blosc");
  auto bytes = read_file(file);
  if (!layout.compressor.is_null()) {
    std::uint32_t size = 0; // blosc knows its own
    if (bytes.size() >= 8) std::memcpy(&size, bytes.data() + 4, 4);
    bytes = decompress(bytes, layout.compressor, size, file);
  }
  auto out = variable_strings(bytes, file);
  if (out.size() != elements) fail(file, fmt::format("{} strings instead of {}", out.size(), elements));
  return out;
}

} // namespace

StoredArray read_array(const Metadata& metadata, const std::string& name) {
  const fs::path folder = metadata.store() / name;
  const Layout layout = read_layout(folder / ".zarray", metadata.read(name + "/.zarray"));
  StoredArray out;
  out.shape = layout.shape;
  out.signed_bytes = layout.type == "|i1";
  ordered_json attrs = metadata.read(name + "/.zattrs");
  if (attrs.is_null()) attrs = ordered_json::object();
  if (attrs.contains("_ARRAY_DIMENSIONS"))
    for (const auto& dim : attrs["_ARRAY_DIMENSIONS"])
      out.dims.push_back(dim.is_string() ? dim.get<std::string>() : dim.dump());
  if (out.dims.size() != layout.shape.size())
    fail(folder / ".zattrs",
         fmt::format("_ARRAY_DIMENSIONS names {} of {} dimensions", out.dims.size(), layout.shape.size()));
  out.attrs = from_json(attrs);
  out.attrs.erase("_ARRAY_DIMENSIONS");
  if (layout.width == 0) {
    out.values = read_variable_strings(folder, layout);
    return out;
  }

  std::size_t chunk_bytes = layout.width;
  for (auto extent : layout.chunks) chunk_bytes *= static_cast<std::size_t>(extent);
  const auto elements = static_cast<std::size_t>(layout.shape.num_elements());
  const auto fill = fill_element(layout);
  const auto dtype = number_type(layout.type);
  Array numbers;
  std::vector<std::byte> raw;
  if (dtype)
    numbers = Array(*dtype, layout.shape);
  else
    raw.resize(elements * layout.width);
  std::byte* target = dtype ? numbers.data.get() : raw.data();
  for_each_chunk(layout, [&](const std::vector<std::int64_t>& chunk) {
    const fs::path file = folder / chunk_name(layout, chunk);
    if (fs::exists(file))
      return place(layout, chunk, decompress(read_file(file), layout.compressor, chunk_bytes, file), target);
    if (!fill) fail(file, "the chunk is missing");
    std::vector<std::byte> filled(chunk_bytes);
    for (std::size_t i = 0; i < chunk_bytes; ++i) filled[i] = (*fill)[i % layout.width];
    place(layout, chunk, filled, target);
  });

  if (dtype) {
    out.values = std::move(numbers);
  } else if (layout.type.starts_with("<U")) {
    std::vector<std::string> strings;
    for (std::size_t i = 0; i < elements; ++i) strings.push_back(utf8(raw.data() + i * layout.width, layout.width));
    out.values = std::move(strings);
  } else {
    out.values = std::move(raw);
  }
  return out;
}

} // namespace nuthatch::detail::zarr
