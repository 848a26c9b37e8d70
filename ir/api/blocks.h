#pragma once
// Memory of arrays and of compiled programs' scratch space. Large blocks that were given back are kept for the next
// request of about that size, up to 512 MiB: memory fresh from the system is paid for page by page at the first write,
// which can take longer than the computation that writes.
#include <cstddef>

namespace nuthatch::detail {

/// Uninitialised, 64-byte aligned, whole cache lines, so that vector loads of the last elements stay inside. Throws
/// std::bad_alloc.
std::byte* take_block(std::size_t bytes);
/// Takes a block back; null is welcome.
void give_block(void* block) noexcept;

}  // namespace nuthatch::detail
