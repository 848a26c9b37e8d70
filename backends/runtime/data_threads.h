#pragma once
// Threads for loops over data inside one run of a compiled program. The code splits such a loop into chunks whose number
// depends on the loop alone; which thread computes a chunk changes nothing about the result.
#include <cstdint>

namespace nuthatch::runtime {

/// While it lives, programs that this thread runs may use up to `threads` threads for a loop over data.
class DataThreads {
 public:
  explicit DataThreads(int threads);
  ~DataThreads();
  DataThreads(const DataThreads&) = delete;
  DataThreads& operator=(const DataThreads&) = delete;

 private:
  int outer_;
};

using Chunk = void (*)(void* environment, std::int64_t chunk);

/// Calls chunk(environment, k) once for each k in [0, count): on this thread, and on threads of the process's pool that
/// are idle. Returns when all are done. What compiled code calls under the name kRunChunks.
void runChunks(Chunk chunk, void* environment, std::int64_t count) noexcept;
inline constexpr const char* kRunChunks = "nh_run_chunks";

}  // namespace nuthatch::runtime
