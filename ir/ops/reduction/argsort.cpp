// Rules of argsort. Its result holds integers, so it has no derivative; sorted values are gathered by it.
#include <algorithm>
#include <bit>
#include <numeric>

#include "ir/ops/batching_support.h"
#include "ir/ops/eval_support.h"
#include "ir/ops/shape_support.h"

namespace nuthatch::ir {
namespace {
using shapes::fail;

Types shape(ShapeInput& in) {
  if (in.operands.empty()) return fail(in, 1, "needs a key");
  auto first = in.operands[0];
  for (auto key : in.operands)
    if (key.getShape() != first.getShape()) return fail(in, 2, "keys differ in shape: ", first, " and ", key);
  int64_t dim = in.integer("dim");
  if (dim < 0 || dim >= first.getRank()) return fail(in, 3, "dim ", dim, " is not a dimension of ", first);
  return shapes::one(elementType(in.context(), Dtype::i64), first.getShape());
}

double cost(mlir::Operation* op) { return 30.0 * op->getNumOperands(); }

/// An integer whose order is that of the elements: -0 and 0 are equal, NaN comes last. Backends use the same.
template <class T> std::int64_t ordered(T x) {
  if constexpr (std::is_floating_point_v<T>) {
    if (x != x) return INT64_MAX;
    const auto bits = std::bit_cast<std::int64_t>(double(x) + 0.0);
    return bits ^ ((bits >> 63) & INT64_MAX);
  } else if constexpr (std::is_same_v<T, std::uint64_t>) {
    return std::int64_t(x ^ (std::uint64_t(1) << 63));
  } else {
    return std::int64_t(x);
  }
}

void eval(const Attributes& attributes, Operands in, Results out) {
  const Around around(in[0].shape, attributes.integer("dim"));
  const auto n = std::size_t(around.extent), keys = in.size();
  std::vector<std::int64_t> key(n * keys), order(n);
  std::vector<std::pair<std::int64_t, std::int64_t>> pairs(keys == 1 ? n : 0);
  for (std::int64_t o = 0; o < around.outer; ++o)
    for (std::int64_t k = 0; k < around.inner; ++k) {
      const std::int64_t base = o * around.extent * around.inner + k;
      for (std::size_t operand = 0; operand < keys; ++operand)
        withStorage(in[operand].dtype, [&]<class T>(std::type_identity<T>) {
          for (std::size_t i = 0; i < n; ++i)
            key[operand * n + i] = ordered(in[operand].as<T>()[base + std::int64_t(i) * around.inner]);
        });
      if (keys == 1) {  // pairs of key and position, all different
        for (std::size_t i = 0; i < n; ++i) pairs[i] = {key[i], std::int64_t(i)};
        std::ranges::sort(pairs);
        for (std::size_t i = 0; i < n; ++i) out[0].as<std::int64_t>()[base + std::int64_t(i) * around.inner] = pairs[i].second;
        continue;
      }
      std::iota(order.begin(), order.end(), 0);
      std::ranges::stable_sort(order, [&](std::int64_t i, std::int64_t j) {
        for (std::size_t operand = 0; operand < keys; ++operand) {
          const auto a = key[operand * n + std::size_t(i)], b = key[operand * n + std::size_t(j)];
          if (a != b) return a < b;
        }
        return false;
      });
      for (std::size_t i = 0; i < n; ++i) out[0].as<std::int64_t>()[base + std::int64_t(i) * around.inner] = order[i];
    }
}

batching::Results batch(Builder& b, mlir::Operation* op, mlir::ValueRange keys, llvm::ArrayRef<bool> mapped, int64_t size) {
  return batching::again(b, op, batching::spreadAll(b, keys, mapped, size),
                         b.attr("dim", op->getAttrOfType<mlir::IntegerAttr>("dim").getInt() + 1));
}

}  // namespace

void registerArgsort() {
  OpRules& rules = rulesOf("argsort");
  rules.shape = shape;
  rules.cost = cost;
  rules.batch = batch;
  rules.differentiable = false;
  registerEval("argsort", eval);
}

}  // namespace nuthatch::ir
