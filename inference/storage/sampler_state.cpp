/// File: the line "nuthatch sampler state 1", a JSON header of one line with the attributes, length and CRC-32 of the
/// bytes, then the bytes.
#include "nuthatch/sampler_state.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "staged_path.h"
#include "zarr.h"

namespace nuthatch {
namespace {

constexpr std::string_view kMagic = "nuthatch sampler state 1\n";

unsigned long checksum(std::span<const std::byte> bytes) {
  return crc32_z(crc32_z(0, nullptr, 0), reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
}

} // namespace

void SamplerState::save(const Path& path) const {
  if (path.empty()) throw Error("save: the path is empty");
  const nlohmann::ordered_json header{
      {"attributes", detail::zarr::to_json(attrs)}, {"bytes", bytes.size()}, {"crc32", checksum(bytes)}};
  const std::string text = std::string(kMagic) + header.dump() + "\n";
  std::vector<std::byte> content(text.size() + bytes.size());
  std::memcpy(content.data(), text.data(), text.size());
  std::copy(bytes.begin(), bytes.end(), content.begin() + static_cast<std::ptrdiff_t>(text.size()));
  detail::StagedPath staged(path);
  detail::write_file(staged.path(), content, path);
  staged.commit();
}

SamplerState load_state(const Path& path) {
  const auto content = detail::zarr::read_file(path);
  const std::string_view text(reinterpret_cast<const char*>(content.data()), content.size());
  if (!text.starts_with(kMagic)) detail::zarr::fail(path, "not a sampler state");
  const auto end = text.find('\n', kMagic.size());
  const auto header =
      end == text.npos ? nlohmann::ordered_json()
                       : nlohmann::ordered_json::parse(text.substr(kMagic.size(), end - kMagic.size()), nullptr, false);
  if (!header.is_object() || !header.contains("attributes")) detail::zarr::fail(path, "the header is damaged");
  SamplerState out;
  out.attrs = detail::zarr::from_json(header["attributes"]);
  out.bytes.assign(content.begin() + static_cast<std::ptrdiff_t>(end + 1), content.end());
  if (header.value("bytes", std::size_t{0}) != out.bytes.size() || header.value("crc32", 0ul) != checksum(out.bytes))
    detail::zarr::fail(path, "the state is damaged or truncated");
  return out;
}

} // namespace nuthatch
