#include "nuthatch/detail/subsample_indices.h"

#include "nuthatch/array.h"
#include "nuthatch/control.h"
#include "nuthatch/index.h"
#include "nuthatch/math.h"

namespace nuthatch::detail {

Tensor subsample_indices(const Key& key, std::int64_t size, std::int64_t count) {
  const Tensor step = arange(count);
  // Position i changes places with one of i ... size-1.
  const Tensor partner = minimum(step + floor(uniform(key, Shape{count}) * (size - step).cast(f64)).cast(i64), size - 1);
  const Tensor shuffled = fori_loop(0, count, arange(size), [&](const Tensor& i, const Tensor& order) {
    const Tensor j = partner[i];
    const Tensor here = order[i], there = order[j];
    return order.at(i).set(there).at(j).set(here);
  });
  return shuffled[until(count)];
}

}  // namespace nuthatch::detail
