#include "ir/ops/eval_support.h"

#include <cstring>

namespace nuthatch::ir {

Strides rowMajor(std::span<const std::int64_t> shape) {
  Strides strides(shape.size());
  std::int64_t step = 1;
  for (std::size_t d = shape.size(); d-- > 0;) {
    strides[d] = step;
    step *= shape[d];
  }
  return strides;
}

namespace {

struct Loop {
  std::int64_t extent, to, from;
};

/// Loops outermost first, without extents of one, neighbours merged where both sides walk straight on.
std::vector<Loop> loops(std::span<const std::int64_t> shape, const Strides& to, const Strides& from) {
  std::vector<Loop> out;
  for (std::size_t d = 0; d < shape.size(); ++d) {
    Loop next{shape[d], to[d], from[d]};
    if (next.extent == 1) continue;
    if (!out.empty() && out.back().to == next.to * next.extent && out.back().from == next.from * next.extent) {
      next.extent *= out.back().extent;
      out.back() = next;
    } else {
      out.push_back(next);
    }
  }
  if (out.empty()) out.push_back({1, 1, 1});
  return out;
}

template <class T> void copyLoops(std::span<const Loop> nest, T* to, const T* from) {
  const Loop& loop = nest.front();
  if (nest.size() > 1) {
    for (std::int64_t i = 0; i < loop.extent; ++i) copyLoops(nest.subspan(1), to + i * loop.to, from + i * loop.from);
    return;
  }
  if (loop.to == 1 && loop.from == 1) {
    std::memcpy(to, from, std::size_t(loop.extent) * sizeof(T));
  } else if (loop.to == 1 && loop.from == 0) {
    for (std::int64_t i = 0; i < loop.extent; ++i) to[i] = *from;
  } else {
    for (std::int64_t i = 0; i < loop.extent; ++i) to[i * loop.to] = from[i * loop.from];
  }
}

template <class F> void withWord(std::size_t size, F&& f) {
  if (size == 8) f(std::type_identity<std::uint64_t>());
  else if (size == 4) f(std::type_identity<std::uint32_t>());
  else f(std::type_identity<std::uint8_t>());
}

}  // namespace

void copyStrided(std::size_t size, std::span<const std::int64_t> shape, std::byte* to, const Layout& toLayout,
                 const std::byte* from, const Layout& fromLayout) {
  for (std::int64_t extent : shape)
    if (extent == 0) return;
  auto nest = loops(shape, toLayout.strides, fromLayout.strides);
  withWord(size, [&]<class T>(std::type_identity<T>) {
    copyLoops<T>(nest, reinterpret_cast<T*>(to) + toLayout.offset, reinterpret_cast<const T*>(from) + fromLayout.offset);
  });
}

void fill(Array& out, const std::byte* value) {
  std::int64_t extent = out.num_elements();
  copyStrided(size_of(out.dtype), {&extent, 1}, out.data.get(), {0, {1}}, value, {0, {0}});
}

std::vector<std::int64_t> offsets(std::span<const std::int64_t> shape, std::span<const std::int64_t> strides) {
  std::vector<std::int64_t> out{0};
  for (std::size_t d = 0; d < shape.size(); ++d) {
    std::vector<std::int64_t> next;
    next.reserve(out.size() * std::size_t(shape[d]));
    for (std::int64_t base : out)
      for (std::int64_t i = 0; i < shape[d]; ++i) next.push_back(base + i * strides[d]);
    out = std::move(next);
  }
  return out;
}

}  // namespace nuthatch::ir
