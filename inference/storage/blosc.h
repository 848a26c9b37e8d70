#pragma once
/// Reader of the Blosc 1 container with LZ4 or zlib inside: what Zarr writes by default.
/// https://github.com/Blosc/c-blosc/blob/main/README_CHUNK_FORMAT.rst
#include <cstddef>
#include <span>
#include <vector>

namespace nuthatch::detail {

/// Throws Error with the reason when the data are damaged, truncated or use another codec.
std::vector<std::byte> decompress_blosc(std::span<const std::byte> stored, std::size_t size);

} // namespace nuthatch::detail
