#include "nuthatch/kernels/adapt.h"

#include <cmath>

#include "inference/kernels/hamiltonian.h"
#include "nuthatch/array.h"

namespace nuthatch::detail {

Tensor start_candidate(const Tensor& chain_key, std::int64_t attempt, std::int64_t dim, const Tensor& radius) {
  return kernels::starting_candidate(chain_key, Tensor(attempt), dim, radius);
}

bool all_finite(const std::vector<Tensor>& leaves) {
  for (const Tensor& x : leaves)
    if (is_float(x.dtype()))
      for (const double value : x.to_vector<double>())
        if (!std::isfinite(value)) return false;
  return true;
}

Tensor statistics_row(const std::vector<Tensor>& scalars) {
  std::vector<Tensor> row;
  for (const Tensor& x : scalars) row.push_back(x.cast(f64));
  return stack(row);
}

}  // namespace nuthatch::detail
