#pragma once
// One run of a kernel: arguments are taken to the card, results stay there.
#include <vector>

#include "backends/gpu/arrays.h"
#include "backends/gpu/module.h"
#include "nuthatch/detail/emit.h"

namespace nuthatch::gpu {

/// Arrays that a program leaves, with where they begin in a bundle. Small ones share one, and come to the host together.
class Results {
 public:
  /// Of types with an axis of `chains` in front; chains = 0: without one.
  Results(const std::vector<detail::TensorType>&, std::int64_t chains);
  double bytes() const { return double(small_bytes_) + large_bytes_; }
  /// Takes the memory; afterwards `places` says where.
  std::vector<detail::Array> take(Card&);
  const std::vector<cuda::Pointer>& places() const { return places_; }

 private:
  std::vector<detail::TensorType> types_;
  std::size_t small_bytes_ = 0;
  double large_bytes_ = 0;
  std::vector<cuda::Pointer> places_;
};

/// What a kernel is given besides its arrays.
struct LaunchShape {
  std::int64_t blocks = 1, chains = 1;
  bool cooperative = false;
};

/// Draws that chains emit: [chains, capacity, ...] on the card.
struct DeviceStream {
  Shared<Bundle> memory;
  std::int64_t capacity = 0;
};

/// Bytes that are going to the card for these arguments, because they are not there.
double bytesToMove(Card&, const std::vector<detail::Array>& arguments);
/// Launches; does not wait.
void launch(Card&, const LoadedKernel&, const PtxProgram&, const LaunchShape&, const std::vector<detail::Array>& arguments,
            const std::vector<cuda::Pointer>& results, const std::vector<DeviceStream>&);
/// Throws nuthatch::Error where a card has not so much memory, saying what needs how much.
void requireCardMemory(Card&, double results, double workspace, double streams, double arguments, std::int64_t chains);

}  // namespace nuthatch::gpu
