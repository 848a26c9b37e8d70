#pragma once
// One run of code that was compiled with memory checks (backends/cpu/checks.h): the caller's arrays lie between guard
// zones, and so do the buffers in the workspace.
#include <memory>
#include <vector>

#include "backends/cpu/compile.h"

namespace nuthatch::detail {

class GuardedRun {
 public:
  explicit GuardedRun(const cpu::Code& code) : code(code) {}
  /// Stand-ins for the caller's arrays.
  const void* input(const void* data, std::size_t bytes);
  void* output(void* data, std::size_t bytes);
  void poison(void* workspace) const;
  /// After the run: results to the caller. Throws nuthatch::Error where something was written that should not have been.
  void finish(const void* workspace) const;

 private:
  struct Copy {
    std::unique_ptr<std::byte[]> memory;
    std::byte* data = nullptr;
    void* original = nullptr;  // of an output
    const void* source = nullptr;
    std::size_t bytes = 0;
  };
  Copy copy(const void* data, std::size_t bytes);
  const cpu::Code& code;
  std::vector<Copy> copies;
};

}  // namespace nuthatch::detail
