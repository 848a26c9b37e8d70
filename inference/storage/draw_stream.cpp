#include "draw_stream.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "schema_names.h"
#include "staged_path.h"
#include "zarr.h"
#include "zarr_writer.h"

namespace nuthatch::detail {
namespace fs = std::filesystem;
using nlohmann::ordered_json;

namespace {

constexpr const char* kNewFile = ".new"; // a file of a store before it takes its name

Shape with_leading(std::int64_t chains, std::int64_t draws, const Shape& rest) {
  Shape out{chains, draws};
  out.insert(out.end(), rest.begin(), rest.end());
  return out;
}

std::vector<std::string> all_dims(const StreamedVariable& v) {
  std::vector<std::string> out{"chain", "draw"};
  out.insert(out.end(), v.dims.begin(), v.dims.end());
  return out;
}

/// "3.7.0.0": chunk 7 of chain 3 of a variable.
std::string chunk_name(const StreamedVariable& v, std::int64_t chain, std::int64_t chunk) {
  std::string out = fmt::format("{}.{}", chain, chunk);
  for (std::size_t k = 0; k < v.shape.size(); ++k) out += ".0";
  return out;
}

std::size_t row_bytes(const StreamedVariable& v) {
  return size_of(v.dtype) * static_cast<std::size_t>(v.shape.num_elements());
}

/// Like the attributes of a file that is saved, but for the time.
Attributes group_attributes(Attributes attrs, const std::vector<std::string>& names) {
  attrs.erase("created_at");
  attrs.try_emplace("inference_library", "nuthatch");
  attrs[kVariableOrder] = Json{ordered_json(names).dump()};
  return attrs;
}

Attributes root_attributes(Attributes attrs) {
  attrs[kStreamed] = true;
  return attrs;
}

void check_names(const StreamLayout& layout, const fs::path& path) {
  for (const auto& group : layout.groups)
    for (const auto& v : group.variables) {
      check_folder_name(v.name, path);
      for (const auto& dim : v.dims) check_folder_name(dim, path);
    }
}

/// Everything but the draws.
void write_layout(ZarrWriter& writer, const StreamLayout& layout) {
  writer.group("", root_attributes(layout.fixed.attrs));
  for (const auto& name : layout.fixed.groups()) {
    const Dataset& dataset = layout.fixed.group(name);
    writer.dataset(name, dataset, group_attributes(dataset.attrs, dataset.names()));
  }
  for (const auto& group : layout.groups) {
    std::vector<std::string> names;
    for (const auto& v : group.variables) names.push_back(v.name);
    writer.group(group.name, group_attributes({}, names));
    Coordinates coords = group.coords;
    coords["chain"] = Coordinate::range(layout.chains);
    for (const auto& v : group.variables) {
      writer.empty(group.name + "/" + v.name, all_dims(v), with_leading(layout.chains, 0, v.shape),
                   with_leading(1, layout.chunk, v.shape), v.dtype);
      for (std::size_t k = 0; k < v.dims.size(); ++k) coords.try_emplace(v.dims[k], Coordinate::range(v.shape[k]));
    }
    writer.empty(group.name + "/draw", {"draw"}, {0}, {layout.chunk}, Dtype::i64);
    for (const auto& [dim, labels] : coords) writer.coordinate(group.name + "/" + dim, dim, labels);
  }
}

} // namespace

struct DrawStream::Metadata {
  ordered_json json;
};

DrawStream::DrawStream(fs::path path, StreamLayout layout)
    : path_(std::move(path)), layout_(std::move(layout)), published_(layout_.groups.size(), 0),
      metadata_(std::make_unique<Metadata>()) {
  if (!path_.has_filename()) path_ = path_.parent_path(); // "run.zarr/" names the folder, too
}
DrawStream::DrawStream(DrawStream&&) noexcept = default;
DrawStream::~DrawStream() = default;

DrawStream DrawStream::create(fs::path path, StreamLayout layout) {
  check_store_place(path);
  check_names(layout, path);
  DrawStream out(std::move(path), std::move(layout));
  StagedPath staged(out.path_);
  ZarrWriter writer(staged.path(), out.path_, 0);
  write_layout(writer, out.layout_);
  writer.consolidate();
  staged.commit(/*durable=*/false); // there is nothing to lose yet
  out.metadata_->json = writer.metadata();
  return out;
}

DrawStream DrawStream::open(fs::path path, StreamLayout layout) {
  DrawStream out(std::move(path), std::move(layout));
  const auto other = [&] {
    throw Error(fmt::format("resume: the draws in `{}` are of another run or model", out.path_.string()));
  };
  ordered_json stored = zarr::read_json(out.path_ / ".zmetadata");
  if (!stored.contains("metadata")) other();
  out.metadata_->json = std::move(stored["metadata"]);
  const ordered_json& json = out.metadata_->json;
  for (std::size_t g = 0; g < out.layout_.groups.size(); ++g) {
    const StreamedGroup& group = out.layout_.groups[g];
    for (const auto& v : group.variables) {
      const std::string key = group.name + "/" + v.name + "/.zarray";
      if (!json.contains(key)) other();
      const Shape shape(json[key]["shape"].get<std::vector<std::int64_t>>()),
          chunks(json[key]["chunks"].get<std::vector<std::int64_t>>());
      if (shape.size() < 2 || chunks.size() != shape.size() || json[key]["dtype"] != zarr::type_code(v.dtype) ||
          shape != with_leading(out.layout_.chains, shape[1], v.shape))
        other();
      out.layout_.chunk = chunks[1];
      out.published_[g] = shape[1];
    }
  }
  out.repair();
  return out;
}

/// What a process that was killed left behind: files without a name yet, and metadata that speak of the time before.
void DrawStream::repair() {
  std::vector<fs::path> unfinished;
  for (const auto& entry : fs::recursive_directory_iterator(path_))
    if (entry.path().filename() == kNewFile) unfinished.push_back(entry.path());
  for (const fs::path& file : unfinished) fs::remove(file);
  for (const StreamedGroup& group : layout_.groups) {
    std::vector<std::string> names{"draw"};
    for (const auto& v : group.variables) names.push_back(v.name);
    for (const auto& name : names) {
      const std::string key = group.name + "/" + name + "/.zarray";
      if (zarr::read_json(path_ / key) != metadata_->json[key]) replace(path_ / key, json_text(metadata_->json[key]));
    }
  }
}

void DrawStream::replace(const fs::path& file, std::span<const std::byte> bytes) {
  const fs::path temporary = file.parent_path() / kNewFile;
  write_file(temporary, bytes, path_);
  std::error_code error;
  fs::rename(temporary, file, error);
  if (error) throw Error(fmt::format("cannot write `{}`: {}", path_.string(), error.message()));
  unflushed_.push_back(file);
}

void DrawStream::replace(const fs::path& file, const std::string& text) { replace(file, std::as_bytes(std::span(text))); }

void DrawStream::write(std::size_t group, std::int64_t chain, std::int64_t first, const std::vector<Array>& values) {
  const StreamedGroup& g = layout_.groups[group];
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i < g.variables.size(); ++i) {
    const StreamedVariable& v = g.variables[i];
    bytes.assign(static_cast<std::size_t>(layout_.chunk) * row_bytes(v), std::byte{0});
    std::memcpy(bytes.data(), values[i].data.get(), values[i].bytes());
    replace(path_ / g.name / v.name / chunk_name(v, chain, first / layout_.chunk), bytes);
  }
}

/// Chunks of the labels 0, 1, 2, ..., written to their end.
void DrawStream::write_labels(std::size_t group, std::int64_t draws) {
  const std::int64_t chunk = layout_.chunk;
  for (std::int64_t k = (published_[group] + chunk - 1) / chunk; k * chunk < draws; ++k) {
    std::vector<std::int64_t> labels;
    for (std::int64_t i = 0; i < chunk; ++i) labels.push_back(k * chunk + i);
    replace(path_ / layout_.groups[group].name / "draw" / std::to_string(k), std::as_bytes(std::span(labels)));
  }
}

void DrawStream::publish(const std::vector<std::int64_t>& draws) {
  ordered_json& json = metadata_->json;
  std::vector<std::string> changed;
  for (std::size_t g = 0; g < draws.size(); ++g) {
    if (draws[g] <= published_[g]) continue; // a run resumed from before the last publication catches up first
    write_labels(g, draws[g]);
    published_[g] = draws[g];
    const StreamedGroup& group = layout_.groups[g];
    for (const auto& v : group.variables) {
      changed.push_back(group.name + "/" + v.name + "/.zarray");
      json[changed.back()]["shape"][1] = draws[g];
    }
    changed.push_back(group.name + "/draw/.zarray");
    json[changed.back()]["shape"][0] = draws[g];
  }
  if (changed.empty()) return;
  publish_metadata();
  // For readers that search the folders instead.
  for (const auto& key : changed) replace(path_ / key, json_text(json[key]));
}

void DrawStream::publish_metadata() {
  replace(path_ / ".zmetadata", json_text({{"metadata", metadata_->json}, {"zarr_consolidated_format", 1}}));
}

void DrawStream::finish(const Attributes& attrs, const std::vector<std::string>& warnings, const SamplerState& state) {
  ZarrWriter writer(path_, path_, 0);
  // A store that speaks of a state must have it: the old one goes out before the new one comes in.
  ordered_json& json = metadata_->json;
  const std::string folder = kState;
  if (json.contains(folder + "/.zarray")) {
    json.erase(folder + "/.zarray");
    json.erase(folder + "/.zattrs");
    publish_metadata();
  }
  json[".zattrs"] = zarr::to_json(root_attributes(attrs));
  if (!warnings.empty()) json[".zattrs"][kWarnings] = warnings;
  replace(path_ / ".zattrs", json_text(json[".zattrs"]));
  std::error_code error;
  fs::remove_all(path_ / folder, error);
  if (!state.empty()) {
    writer.raw(folder, {"byte"}, {static_cast<std::int64_t>(state.bytes.size())}, "|u1", 1, state.bytes.data(),
               state.attrs);
    for (const auto& [key, value] : writer.metadata().items()) json[key] = value;
    for (const char* file : {".zarray", ".zattrs", "0"}) unflushed_.push_back(path_ / folder / file);
  }
  publish_metadata();
  flush();
}

void DrawStream::flush() {
  std::sort(unflushed_.begin(), unflushed_.end());
  unflushed_.erase(std::unique(unflushed_.begin(), unflushed_.end()), unflushed_.end());
  for (const fs::path& file : unflushed_) {
    const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) continue; // replaced by an empty state, say
    const int status = ::fsync(fd), reason = errno;
    ::close(fd);
    if (status != 0 && reason != EINVAL && reason != EROFS)
      throw Error(fmt::format("cannot write `{}`: {}", path_.string(), std::strerror(reason)));
  }
  unflushed_.clear();
}

Dataset DrawStream::read(std::size_t group, std::int64_t step) const {
  const StreamedGroup& g = layout_.groups[group];
  const std::int64_t draws = published_[group], kept = (draws + step - 1) / step, chunk = layout_.chunk;
  Dataset out;
  for (const auto& v : g.variables) {
    Array values(v.dtype, with_leading(layout_.chains, kept, v.shape));
    const std::size_t row = row_bytes(v);
    std::byte* to = values.data.get();
    for (std::int64_t chain = 0; chain < layout_.chains; ++chain)
      for (std::int64_t first = 0; first < draws; first += chunk) {
        const fs::path file = path_ / g.name / v.name / chunk_name(v, chain, first / chunk);
        const auto bytes = zarr::read_file(file);
        if (bytes.size() != static_cast<std::size_t>(chunk) * row) zarr::fail(file, "the chunk is damaged");
        const std::int64_t last = std::min(first + chunk, draws);
        for (std::int64_t d = (first + step - 1) / step * step; d < last; d += step, to += row)
          std::memcpy(to, bytes.data() + static_cast<std::size_t>(d - first) * row, row);
      }
    out.set(v.name, DataArray(all_dims(v), std::move(values)));
  }
  for (const auto& [dim, labels] : g.coords) out.set_coord(dim, labels);
  if (step > 1) {
    std::vector<std::int64_t> numbers;
    for (std::int64_t d = 0; d < draws; d += step) numbers.push_back(d);
    out.set_coord("draw", numbers);
  }
  return out;
}

} // namespace nuthatch::detail
