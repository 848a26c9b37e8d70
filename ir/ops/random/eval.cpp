// Reference kernels of the random operations, all Threefry-2x32-20 of (key, counter).
#include "ir/math/threefry.h"
#include "ir/ops/eval_support.h"

namespace nuthatch::ir {
namespace {

using Key = math::ThreefryKey<std::uint32_t>;

std::int64_t keysOf(const Array& a) { return a.num_elements() / 2; }
Key keyAt(const Array& a, std::int64_t i) { return {a.as<std::uint32_t>()[2 * i], a.as<std::uint32_t>()[2 * i + 1]}; }
void store(Array& a, std::int64_t i, const Key& key) {
  a.as<std::uint32_t>()[2 * i] = key.x0;
  a.as<std::uint32_t>()[2 * i + 1] = key.x1;
}

void evalBits(const Attributes& attributes, Operands in, Results out) {
  const std::int64_t n = Shape(attributes.list("shape")).num_elements();
  for (std::int64_t k = 0; k < keysOf(in[0]); ++k) {
    const Key key = keyAt(in[0], k);
    if (out[0].dtype == Dtype::ui32)
      for (std::int64_t i = 0; i < n; ++i) out[0].as<std::uint32_t>()[k * n + i] = math::random_bits32(key, std::uint64_t(i));
    else
      for (std::int64_t i = 0; i < n; ++i) out[0].as<std::uint64_t>()[k * n + i] = math::random_bits64(key, std::uint64_t(i));
  }
}

void evalSplit(const Attributes& attributes, Operands in, Results out) {
  const std::int64_t count = attributes.integer("count");
  for (std::int64_t k = 0; k < keysOf(in[0]); ++k)
    for (std::int64_t i = 0; i < count; ++i) store(out[0], k * count + i, math::split_key(keyAt(in[0], k), std::uint64_t(i)));
}

void evalFoldIn(const Attributes&, Operands in, Results out) {
  for (std::int64_t k = 0; k < keysOf(in[0]); ++k) store(out[0], k, math::fold_in(keyAt(in[0], k), in[1].as<std::uint32_t>()[k]));
}

}  // namespace

void registerRandomEval() {
  registerEval("rng_bits", evalBits);
  registerEval("rng_split", evalSplit);
  registerEval("rng_fold_in", evalFoldIn);
}

}  // namespace nuthatch::ir
