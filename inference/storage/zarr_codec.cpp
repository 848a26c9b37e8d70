#include <fmt/format.h>
#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "blosc.h"
#include "zarr.h"

namespace nuthatch::detail::zarr {
namespace {

/// zlib and gzip streams; zlib tells them apart by their headers.
std::vector<std::byte> inflate_all(std::span<const std::byte> stored, std::size_t size,
                                   const std::filesystem::path& path) {
  std::vector<std::byte> out(size);
  z_stream stream{};
  constexpr int kDetectHeader = 32;
  if (inflateInit2(&stream, 15 + kDetectHeader) != Z_OK) fail(path, "zlib cannot start");
  // zlib counts in 32 bits: both sides are handed over in pieces.
  constexpr std::size_t kPiece = std::size_t{1} << 30;
  std::size_t read = 0, written = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    const std::size_t in = std::min(kPiece, stored.size() - read), room = std::min(kPiece, size - written);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(stored.data() + read));
    stream.avail_in = static_cast<uInt>(in);
    std::byte overflow; // room for the end-of-stream check when the output is already full
    stream.next_out = reinterpret_cast<Bytef*>(room ? out.data() + written : &overflow);
    stream.avail_out = static_cast<uInt>(room ? room : 1);
    status = inflate(&stream, Z_NO_FLUSH);
    read += in - stream.avail_in;
    const std::size_t produced = (room ? room : 1) - stream.avail_out;
    if (!room && produced) break; // more data than the shape says
    written += produced;
    if (status == Z_BUF_ERROR) break;
  }
  inflateEnd(&stream);
  if (status != Z_STREAM_END || written != size)
    fail(path, fmt::format("the compressed chunk is damaged or truncated ({} of {} bytes)", written, size));
  return out;
}

} // namespace

std::vector<std::byte> decompress(std::span<const std::byte> stored, const nlohmann::ordered_json& compressor,
                                  std::size_t size, const std::filesystem::path& path) {
  if (compressor.is_null()) {
    if (stored.size() != size) fail(path, fmt::format("the chunk has {} bytes instead of {}", stored.size(), size));
    return {stored.begin(), stored.end()};
  }
  const std::string id = compressor.value("id", "");
  if (id == "zlib" || id == "gzip") return inflate_all(stored, size, path);
  if (id == "blosc") {
    try {
      return decompress_blosc(stored, size);
    } catch (const Error& e) {
      fail(path, e.what());
    }
  }
  fail(path, fmt::format("compressor `{}`; known are none, zlib, gzip and blosc with lz4 or zlib", id));
}

std::vector<std::byte> read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) fail(path, std::strerror(errno));
  std::vector<std::byte> out(static_cast<std::size_t>(in.tellg()));
  in.seekg(0);
  in.read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(out.size()));
  if (!in) fail(path, "reading stopped before the end of the file");
  return out;
}

} // namespace nuthatch::detail::zarr
