#include "backends/driver/guarded.h"

#include <cstring>

#include "nuthatch/error.h"

namespace nuthatch::detail {

namespace {
constexpr std::size_t kGuard = 128;
constexpr auto kPattern = std::byte(0xff);  // NaN, in either width

void expectPattern(const std::byte* from, const std::byte* to, const char* where) {
  for (; from < to; ++from)
    if (*from != kPattern) throw Error(std::string("internal: compiled code wrote outside of ") + where);
}
}  // namespace

GuardedRun::Copy GuardedRun::copy(const void* data, std::size_t bytes) {
  Copy c;
  c.bytes = bytes;
  c.memory.reset(new std::byte[bytes + 2 * kGuard + 64]);
  std::memset(c.memory.get(), int(kPattern), bytes + 2 * kGuard + 64);
  const auto begin = reinterpret_cast<std::uintptr_t>(c.memory.get()) + kGuard;
  c.data = reinterpret_cast<std::byte*>((begin + 63) / 64 * 64);
  if (bytes) std::memcpy(c.data, data, bytes);
  return c;
}

const void* GuardedRun::input(const void* data, std::size_t bytes) {
  copies.push_back(copy(data, bytes));
  copies.back().source = data;
  return copies.back().data;
}

void* GuardedRun::output(void* data, std::size_t bytes) {
  copies.push_back(copy(data, bytes));
  copies.back().original = data;
  return copies.back().data;
}

void GuardedRun::poison(void* workspace) const {
  if (code.workspace_bytes > 0) std::memset(workspace, int(kPattern), std::size_t(code.workspace_bytes));
}

void GuardedRun::finish(const void* workspace) const {
  const auto* w = static_cast<const std::byte*>(workspace);
  std::int64_t end = 0;
  for (const auto& [offset, bytes] : code.buffers) {
    expectPattern(w + end, w + offset, "its buffers");
    end = offset + bytes;
  }
  if (end < code.workspace_bytes) expectPattern(w + end, w + code.workspace_bytes, "its buffers");
  for (const auto& c : copies) {
    const char* what = c.original ? "a result" : "an argument";
    expectPattern(c.data - kGuard, c.data, what);
    expectPattern(c.data + c.bytes, c.data + c.bytes + kGuard, what);
    if (c.source && c.bytes && std::memcmp(c.data, c.source, c.bytes) != 0) throw Error("internal: compiled code changed an argument");
    if (c.original && c.bytes) std::memcpy(c.original, c.data, c.bytes);
  }
}

}  // namespace nuthatch::detail
