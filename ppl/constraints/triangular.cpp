#include "ppl/constraints/triangular.h"

#include <vector>

#include "nuthatch/array.h"
#include "nuthatch/index.h"
#include "nuthatch/math.h"

namespace nuthatch::detail {

std::int64_t triangle_order(std::int64_t elements) {
  std::int64_t n = 1;
  while (n * (n - 1) / 2 < elements) ++n;
  return n;
}

Tensor unpack_strict_lower(const Tensor& x, std::int64_t n) {
  Shape batch(x.shape().begin(), x.shape().end() - 1);
  Shape zero = batch;
  zero.push_back(1);
  // Index of the appended zero above the diagonal.
  const std::int64_t elements = n * (n - 1) / 2;
  std::vector<std::int64_t> source;
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t j = 0; j < n; ++j) source.push_back(j < i ? i * (i - 1) / 2 + j : elements);
  Shape matrix = batch;
  matrix.push_back(n);
  matrix.push_back(n);
  return reshape(take(concat({x, zeros(zero, x.dtype())}, -1), source, -1), matrix);
}

Tensor pack_strict_lower(const Tensor& matrix) {
  const std::int64_t n = matrix.shape().back();
  Shape flat(matrix.shape().begin(), matrix.shape().end() - 2);
  flat.push_back(n * n);
  std::vector<std::int64_t> source;
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t j = 0; j < i; ++j) source.push_back(i * n + j);
  return take(reshape(matrix, flat), source, -1);
}

std::pair<Tensor, Tensor> correlation_cholesky(const Tensor& t, const Tensor& log1mt2) {
  Tensor log_left = 0.5 * (cumsum(log1mt2, -1) - log1mt2);
  return {(t + eye(t.shape().back())) * exp(log_left), log_left};
}

}  // namespace nuthatch::detail
