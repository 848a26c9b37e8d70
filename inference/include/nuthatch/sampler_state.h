#pragma once
/// The complete state of a sampler between two slices of its work: adapted step size, metric, positions, keys.
#include <cstddef>
#include <vector>

#include "nuthatch/data_array.h"
#include "nuthatch/path.h"

namespace nuthatch {

/// The bytes belong to the kernel that wrote them; `attrs` says which kernel, version and model that was.
struct SamplerState {
  std::vector<std::byte> bytes;
  Attributes attrs;

  bool empty() const { return bytes.empty(); }
  /// Writes a file that appears complete or not at all.
  void save(const Path& path) const;
};

/// Reads what `SamplerState::save` wrote; an Error names the path when it is not such a file or is damaged.
SamplerState load_state(const Path& path);

} // namespace nuthatch
