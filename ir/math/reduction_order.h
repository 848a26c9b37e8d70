// The order in which the dialect adds up. It is a function of the number of elements only, never of lanes, threads or
// layout, so that every backend and every schedule gives the same bits:
//
//   sum, prod, max, min of n elements (row-major over the reduced dimensions), and contractions of more than 64:
//     blocks of 512; in a block, partial k of 8 takes the elements i = k mod 8 in order, starting from the identity;
//     p[k] += p[k + 4] (k < 4), p[k] += p[k + 2] (k < 2), p[0] + p[1]; the blocks' results are combined in order,
//     starting from the first.
//   contractions of at most 64: one chain acc = fma(a[i], b[i], acc) from acc = 0.
//
// The identity of sums is -0, which leaves every number as it is; a sum of nothing is +0. Vectors put the partials (over
// data) or independent reductions (over chains) into lanes and get the same result.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

namespace nuthatch::math {

inline constexpr std::int64_t kPartials = 8;
inline constexpr std::int64_t kReductionBlock = 512;
inline constexpr std::int64_t kChainedContraction = 64;

template <class V, class Combine>
V combine_partials(std::array<V, kPartials> p, Combine &&combine) {
  for (int half = kPartials / 2; half > 0; half /= 2)
    for (int k = 0; k < half; ++k)
      p[k] = combine(p[k], p[k + half]);
  return p[0];
}

/// One block: `step(accumulator, i)` takes in element i of [begin, end), where begin is a multiple of 512.
template <class V, class Step, class Combine>
V reduce_block(std::int64_t begin, std::int64_t end, const V &identity, Step &&step, Combine &&combine) {
  std::array<V, kPartials> p;
  p.fill(identity);
  std::int64_t i = begin;
  for (; i + kPartials <= end; i += kPartials)
    for (std::int64_t k = 0; k < kPartials; ++k)
      p[k] = step(p[k], i + k);
  for (std::int64_t k = 0; i < end; ++i, ++k)
    p[k] = step(p[k], i);
  return combine_partials(std::move(p), combine);
}

/// Blocks in order. n > 0; the empty reduction is the caller's.
template <class V, class Step, class Combine>
V reduce_blocks(std::int64_t n, const V &identity, Step &&step, Combine &&combine) {
  V total = reduce_block(0, n < kReductionBlock ? n : kReductionBlock, identity, step, combine);
  for (std::int64_t begin = kReductionBlock; begin < n; begin += kReductionBlock) {
    const std::int64_t end = n - begin < kReductionBlock ? n : begin + kReductionBlock;
    total = combine(total, reduce_block(begin, end, identity, step, combine));
  }
  return total;
}

/// A contraction of extent n: `multiply_add(accumulator, i)` is fma(a[i], b[i], accumulator). The identity is -0 and
/// the zero +0.
template <class V, class MultiplyAdd, class Add>
V contract(std::int64_t n, const V &identity, const V &zero, MultiplyAdd &&multiply_add, Add &&add) {
  if (n > kChainedContraction) return reduce_blocks(n, identity, multiply_add, add);
  V accumulator = zero;
  for (std::int64_t i = 0; i < n; ++i) accumulator = multiply_add(accumulator, i);
  return accumulator;
}

} // namespace nuthatch::math
