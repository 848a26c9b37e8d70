#pragma once
// Arrays on a card: results that nobody has looked at, and copies of data that programs there read.
#include <optional>

#include "backends/gpu/card.h"
#include "nuthatch/detail/array.h"

namespace nuthatch::gpu {

/// Memory of a card with one or several arrays; it comes to the host as a whole.
class Bundle {
 public:
  Bundle(Card& card, std::size_t bytes) : block_(card, bytes) {}
  ~Bundle();
  cuda::Pointer at() const { return block_.at(); }
  Card& card() const { return block_.card(); }
  /// Waits until the programs that write it have ended.
  std::byte* host();

 private:
  Block block_;
  std::mutex mutex_;
  std::byte* host_ = nullptr;
};

/// An array in a bundle.
detail::Array arrayIn(const Shared<Bundle>&, std::size_t offset, Dtype, const Shape&);
/// Where the elements of an array lie on a card; nothing when they are not there.
std::optional<cuda::Pointer> placeOn(const Card&, const detail::Array&);
/// Keeps it while a program reads it.
Shared<Bundle> bundleOf(const detail::Array&);

/// Copies of arrays of the host, made once and kept while somebody else has the array.
class Mirrors {
 public:
  Shared<Bundle> of(Card&, const detail::Array&);
  bool has(Card&, const detail::Array&);
  /// Gives back the memory of copies whose array nobody has any more.
  void forget(Card&);

 private:
  struct Copy {
    detail::Storage host;
    std::size_t bytes;
    Shared<Bundle> there;
  };
  const Copy* find(const detail::Array&) const;
  std::vector<Copy> copies_;
};
Mirrors& mirrors(const Card&);

}  // namespace nuthatch::gpu
