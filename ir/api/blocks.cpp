#include "ir/api/blocks.h"

#include <bit>
#include <list>
#include <mutex>
#include <new>

namespace nuthatch::detail {
namespace {

constexpr std::size_t kLine = 64;
constexpr std::size_t kLarge = std::size_t(1) << 20;
constexpr std::size_t kKept = std::size_t(512) << 20;

/// Lies in the line before the block.
struct Header {
  std::size_t capacity;
};
Header& header(std::byte* block) { return *reinterpret_cast<Header*>(block - kLine); }

std::byte* fresh(std::size_t capacity) {
  auto* memory = static_cast<std::byte*>(::operator new(capacity + kLine, std::align_val_t(kLine)));
  new (memory) Header{capacity};
  return memory + kLine;
}
void release(std::byte* block) noexcept { ::operator delete(block - kLine, std::align_val_t(kLine)); }

/// Small blocks in lines; large ones in eighths of a power of two, so that similar requests can share.
std::size_t capacity_for(std::size_t bytes) {
  const std::size_t unit = bytes < kLarge ? kLine : std::bit_floor(bytes) / 8;
  return (bytes + unit - 1) / unit * unit + (bytes == 0 ? kLine : 0);
}

/// Blocks that were given back, the newest first.
class Kept {
 public:
  std::byte* take(std::size_t capacity) {
    const std::lock_guard lock(mutex_);
    for (auto i = blocks_.begin(); i != blocks_.end(); ++i) {
      if (header(*i).capacity != capacity) continue;
      std::byte* block = *i;
      blocks_.erase(i);
      bytes_ -= capacity;
      return block;
    }
    return nullptr;
  }
  /// False when it is too large to be kept.
  bool keep(std::byte* block) {
    const std::size_t capacity = header(block).capacity;
    if (capacity > kKept) return false;
    const std::lock_guard lock(mutex_);
    blocks_.push_front(block);
    bytes_ += capacity;
    while (bytes_ > kKept) release_oldest();
    return true;
  }
  bool clear() noexcept {
    const std::lock_guard lock(mutex_);
    const bool any = !blocks_.empty();
    while (!blocks_.empty()) release_oldest();
    return any;
  }

 private:
  void release_oldest() noexcept {
    bytes_ -= header(blocks_.back()).capacity;
    release(blocks_.back());
    blocks_.pop_back();
  }
  std::mutex mutex_;
  std::list<std::byte*> blocks_;
  std::size_t bytes_ = 0;
};

// Never destroyed: arrays that live as long as the process give their blocks back after everything else.
Kept& kept() {
  static Kept* all = new Kept;
  return *all;
}

}  // namespace

std::byte* take_block(std::size_t bytes) {
  const std::size_t capacity = capacity_for(bytes);
  if (capacity >= kLarge)
    if (std::byte* block = kept().take(capacity)) return block;
  try {
    return fresh(capacity);
  } catch (const std::bad_alloc&) {
    if (!kept().clear()) throw;
    return fresh(capacity);
  }
}

void give_block(void* block) noexcept {
  if (!block) return;
  auto* bytes = static_cast<std::byte*>(block);
  try {
    if (header(bytes).capacity >= kLarge && kept().keep(bytes)) return;
  } catch (...) {  // no memory for the list
  }
  release(bytes);
}

}  // namespace nuthatch::detail
