// Reference kernels of dynamic_slice, dynamic_update_slice, gather and scatter.
#include <algorithm>
#include <cstring>

#include "ir/math/elementwise.h"
#include "ir/ops/eval_support.h"

namespace nuthatch::ir {
namespace {

using detail::Scatter;

/// Where a block of extents `sizes` begins in x: the start indices clamped so that the block fits.
Layout blockAt(const Array& x, Operands starts, std::span<const std::int64_t> sizes) {
  Layout layout{0, rowMajor(x.shape)};
  for (std::size_t d = 0; d < sizes.size(); ++d)
    layout.offset += std::clamp<std::int64_t>(*starts[d].as<std::int64_t>(), 0, x.shape[d] - sizes[d]) * layout.strides[d];
  return layout;
}

void evalDynamicSlice(const Attributes& attributes, Operands in, Results out) {
  const auto sizes = attributes.list("sizes");
  copyStrided(size_of(in[0].dtype), sizes, out[0].data.get(), {0, rowMajor(sizes)}, in[0].data.get(),
              blockAt(in[0], in.subspan(1), sizes));
}

void evalDynamicUpdateSlice(const Attributes&, Operands in, Results out) {
  std::memcpy(out[0].data.get(), in[0].data.get(), in[0].bytes());
  const Array& update = in[1];
  copyStrided(size_of(update.dtype), update.shape, out[0].data.get(), blockAt(in[0], in.subspan(2), update.shape),
              update.data.get(), {0, rowMajor(update.shape)});
}

/// How the result of a gather, or the updates of a scatter, relate to x. A dimension of them either walks through the
/// index vectors or through the block an index vector addresses.
struct Indexing {
  std::vector<std::int64_t> base;  // per index vector, where its block begins in x; -1: out of bounds
  Strides vectorStrides;           // per dimension, the step in `base`; 0 for a dimension of the block
  Strides blockStrides;            // per dimension, the step in x; 0 for a dimension of the indices
};

bool contains(std::span<const std::int64_t> list, std::int64_t d) { return std::ranges::find(list, d) != list.end(); }

Indexing indexing(const Attributes& attributes, const Array& x, const Array& indices, std::span<const std::int64_t> blockDims,
                  std::span<const std::int64_t> removed, std::span<const std::int64_t> sizes, bool clamp) {
  const auto operandBatch = attributes.list("operand_batch_dims"), indicesBatch = attributes.list("indices_batch_dims"),
             map = attributes.list("index_map");
  const Strides strides = rowMajor(x.shape);
  const std::vector<std::int64_t> vectorShape(indices.shape.begin(), indices.shape.end() - 1);
  const Strides vectorStrides = rowMajor(vectorShape);
  Indexing out;
  const std::int64_t count = Shape(vectorShape).num_elements(), length = indices.shape.back();
  for (std::int64_t v = 0; v < count; ++v) {
    std::int64_t base = 0;
    bool inside = true;
    for (std::int64_t k = 0; k < length; ++k) {
      const auto d = std::size_t(map[std::size_t(k)]);
      const std::int64_t last = x.shape[d] - sizes[d];
      std::int64_t start = indices.as<std::int64_t>()[v * length + k];
      if (clamp) start = std::clamp<std::int64_t>(start, 0, last);
      else inside &= start >= 0 && start <= last;
      base += inside ? start * strides[d] : 0;
    }
    for (std::size_t b = 0; b < operandBatch.size(); ++b) {
      const auto d = std::size_t(indicesBatch[b]);
      base += v / vectorStrides[d] % vectorShape[d] * strides[std::size_t(operandBatch[b])];
    }
    out.base.push_back(inside ? base : -1);
  }
  std::vector<std::int64_t> kept;  // dimensions of x the block keeps
  for (std::int64_t d = 0; d < std::int64_t(x.shape.size()); ++d)
    if (!contains(removed, d) && !contains(operandBatch, d)) kept.push_back(d);
  const std::size_t rank = blockDims.size() + vectorShape.size();
  for (std::size_t d = 0, block = 0, vector = 0; d < rank; ++d) {
    const bool inBlock = contains(blockDims, std::int64_t(d));
    out.blockStrides.push_back(inBlock ? strides[std::size_t(kept[block++])] : 0);
    out.vectorStrides.push_back(inBlock ? 0 : vectorStrides[vector++]);
  }
  return out;
}

/// f(position in row-major order, number of the index vector, offset inside the block) for all of `shape`.
template <class F> void forEach(const Shape& shape, const Indexing& indexing, F&& f) {
  if (shape.num_elements() == 0) return;
  std::vector<std::int64_t> index(shape.size(), 0);
  const std::int64_t n = shape.num_elements();
  const bool scalar = shape.empty();
  const std::int64_t last = scalar ? 1 : shape.back();
  const std::int64_t vectorStep = scalar ? 0 : indexing.vectorStrides.back(), blockStep = scalar ? 0 : indexing.blockStrides.back();
  for (std::int64_t position = 0; position < n;) {
    std::int64_t vector = 0, block = 0;
    for (std::size_t d = 0; d + 1 < shape.size(); ++d) {
      vector += index[d] * indexing.vectorStrides[d];
      block += index[d] * indexing.blockStrides[d];
    }
    for (std::int64_t i = 0; i < last; ++i, ++position, vector += vectorStep, block += blockStep) f(position, vector, block);
    for (std::size_t d = shape.size(); d-- > 1;) {
      if (++index[d - 1] < shape[d - 1]) break;
      index[d - 1] = 0;
    }
  }
}

void evalGather(const Attributes& attributes, Operands in, Results out) {
  const auto plan = indexing(attributes, in[0], in[1], attributes.list("offset_dims"), attributes.list("collapsed_dims"),
                             attributes.list("slice_sizes"), true);
  withStorage(in[0].dtype, [&]<class T>(std::type_identity<T>) {
    const T* x = in[0].as<T>();
    T* y = out[0].as<T>();
    forEach(out[0].shape, plan, [&](std::int64_t position, std::int64_t vector, std::int64_t block) {
      y[position] = x[plan.base[std::size_t(vector)] + block];
    });
  });
}

template <Scatter kind, class V> V combine(V old, V update) {
  if constexpr (kind == Scatter::set) return update;
  else if constexpr (kind == Scatter::add) return old + update;
  else if constexpr (kind == Scatter::mul) return old * update;
  else if constexpr (std::is_floating_point_v<V>)
    return kind == Scatter::max ? V(math::maximum(double(old), double(update))) : V(math::minimum(double(old), double(update)));
  else
    return kind == Scatter::max ? math::apply_integer(math::Binary::max, old, update) : math::apply_integer(math::Binary::min, old, update);
}

void evalScatter(const Attributes& attributes, Operands in, Results out) {
  const Array& updates = in[2];
  const auto window = attributes.list("window_dims"), inserted = attributes.list("inserted_dims"),
             operandBatch = attributes.list("operand_batch_dims");
  std::vector<std::int64_t> sizes;  // block extents in terms of x
  for (std::int64_t d = 0, w = 0; d < std::int64_t(in[0].shape.size()); ++d)
    sizes.push_back(contains(inserted, d) || contains(operandBatch, d) ? 1 : updates.shape[std::size_t(window[std::size_t(w++)])]);
  const auto plan = indexing(attributes, in[0], in[1], window, inserted, sizes, false);
  std::memcpy(out[0].data.get(), in[0].data.get(), in[0].bytes());
  auto run = [&]<Scatter kind, class V>(std::integral_constant<Scatter, kind>, std::type_identity<V>) {
    const V* u = updates.as<V>();
    V* y = out[0].as<V>();
    forEach(updates.shape, plan, [&](std::int64_t position, std::int64_t vector, std::int64_t block) {
      const std::int64_t base = plan.base[std::size_t(vector)];
      if (base >= 0) y[base + block] = combine<kind>(y[base + block], u[position]);
    });
  };
  const auto kind = Scatter(attributes.kind());
  if (in[0].dtype == Dtype::bool_) return run(std::integral_constant<Scatter, Scatter::set>(), std::type_identity<bool>());
  withNumber(in[0].dtype, [&]<class V>(std::type_identity<V> type) {
    switch (kind) {
      case Scatter::set: return run(std::integral_constant<Scatter, Scatter::set>(), type);
      case Scatter::add: return run(std::integral_constant<Scatter, Scatter::add>(), type);
      case Scatter::mul: return run(std::integral_constant<Scatter, Scatter::mul>(), type);
      case Scatter::min: return run(std::integral_constant<Scatter, Scatter::min>(), type);
      case Scatter::max: return run(std::integral_constant<Scatter, Scatter::max>(), type);
    }
  });
}

}  // namespace

void registerIndexingEval() {
  registerEval("dynamic_slice", evalDynamicSlice);
  registerEval("dynamic_update_slice", evalDynamicUpdateSlice);
  registerEval("gather", evalGather);
  registerEval("scatter", evalScatter);
}

}  // namespace nuthatch::ir
