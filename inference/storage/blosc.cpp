#include "blosc.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "nuthatch/error.h"

namespace nuthatch::detail {
namespace {

using Bytes = std::span<const std::byte>;

[[noreturn]] void damaged() { throw Error("the blosc chunk is damaged or truncated"); }

std::uint32_t little_endian(Bytes bytes, std::size_t at) {
  if (at + 4 > bytes.size()) damaged();
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value |= std::to_integer<std::uint32_t>(bytes[at + i]) << (8 * i);
  return value;
}

/// One LZ4 block: sequences of literals, then a copy from what was written before.
/// https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md
void decompress_lz4(Bytes in, std::span<std::byte> out) {
  std::size_t read = 0, written = 0;
  const auto next = [&] {
    if (read >= in.size()) damaged();
    return std::to_integer<std::size_t>(in[read++]);
  };
  // Lengths of 15 and more continue in further bytes until one is not 255.
  const auto length = [&](std::size_t nibble) {
    if (nibble < 15) return nibble;
    for (std::size_t byte = 255; byte == 255;) nibble += byte = next();
    return nibble;
  };
  while (true) {
    const std::size_t token = next();
    const std::size_t literals = length(token >> 4);
    if (literals > in.size() - read || literals > out.size() - written) damaged();
    std::copy_n(in.begin() + static_cast<std::ptrdiff_t>(read), literals,
                out.begin() + static_cast<std::ptrdiff_t>(written));
    read += literals;
    written += literals;
    if (read == in.size()) break; // the last sequence has literals only
    std::size_t offset = next();
    offset |= next() << 8;
    const std::size_t match = length(token & 15) + 4;
    if (offset == 0 || offset > written || match > out.size() - written) damaged();
    // Byte by byte: the source may overlap what is being written.
    for (std::size_t i = 0; i < match; ++i, ++written) out[written] = out[written - offset];
  }
  if (written != out.size()) damaged();
}

void decompress_zlib(Bytes in, std::span<std::byte> out) {
  uLongf size = out.size();
  if (uncompress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(in.data()), in.size()) !=
          Z_OK ||
      size != out.size())
    damaged();
}

/// Undoes the byte shuffle: byte j of all elements was stored together.
void unshuffle(Bytes in, std::span<std::byte> out, std::size_t width) {
  const std::size_t elements = in.size() / width;
  for (std::size_t j = 0; j < width; ++j)
    for (std::size_t i = 0; i < elements; ++i) out[i * width + j] = in[j * elements + i];
  std::copy(in.begin() + static_cast<std::ptrdiff_t>(elements * width), in.end(),
            out.begin() + static_cast<std::ptrdiff_t>(elements * width));
}

constexpr unsigned kShuffled = 0x1, kStored = 0x2, kBitShuffled = 0x4, kNotSplit = 0x10;
constexpr std::size_t kHeader = 16, kMostSplits = 16, kSmallestSplit = 128;

} // namespace

std::vector<std::byte> decompress_blosc(std::span<const std::byte> stored, std::size_t size) {
  if (stored.size() < kHeader) damaged();
  const auto flags = std::to_integer<unsigned>(stored[2]);
  const auto width = std::to_integer<std::size_t>(stored[3]);
  const std::size_t bytes = little_endian(stored, 4), block = little_endian(stored, 8);
  if (bytes != size) throw Error(fmt::format("the blosc chunk holds {} bytes instead of {}", bytes, size));
  if (little_endian(stored, 12) > stored.size()) damaged();
  std::vector<std::byte> out(size);
  if (size == 0) return out;
  if (flags & kStored) {
    if (stored.size() < kHeader + size) damaged();
    std::copy_n(stored.begin() + kHeader, size, out.begin());
    return out;
  }
  const unsigned codec = flags >> 5;
  if (codec != 1 && codec != 3) {
    constexpr const char* names[] = {"blosclz", "lz4", "snappy", "zlib", "zstd"};
    throw Error(fmt::format("blosc with {}; known are lz4 and zlib", codec < 5 ? names[codec] : "an unknown codec"));
  }
  if (flags & kBitShuffled) throw Error("blosc with bit shuffle; known are byte shuffle and none");
  if (block == 0) damaged();

  std::vector<std::byte> scratch;
  for (std::size_t start = 0, b = 0; start < size; start += block, ++b) {
    const std::size_t length = std::min(block, size - start);
    const bool split =
        !(flags & kNotSplit) && length == block && width > 0 && width <= kMostSplits && block / width >= kSmallestSplit;
    const std::size_t parts = split ? width : 1, part = length / parts;
    scratch.resize(length);
    std::size_t at = little_endian(stored, kHeader + 4 * b);
    for (std::size_t p = 0; p < parts; ++p) {
      const std::size_t packed = little_endian(stored, at);
      at += 4;
      if (at > stored.size() || packed > stored.size() - at) damaged();
      const Bytes source = stored.subspan(at, packed);
      const auto target = std::span(scratch).subspan(p * part, part);
      if (packed == part)
        std::copy(source.begin(), source.end(), target.begin());
      else if (codec == 1)
        decompress_lz4(source, target);
      else
        decompress_zlib(source, target);
      at += packed;
    }
    const auto target = std::span(out).subspan(start, length);
    if ((flags & kShuffled) && width > 1)
      unshuffle(scratch, target, width);
    else
      std::copy(scratch.begin(), scratch.end(), target.begin());
  }
  return out;
}

} // namespace nuthatch::detail
