#include <algorithm>
#include <cmath>

#include "inference/mcmc/adaptation.h"
#include "inference/mcmc/geometric_mean.h"
#include "nuthatch/array.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "nuthatch/order.h"
#include "nuthatch/random.h"

// A diagonal metric with the variances of some directions across it: the geometric mean of fisher_metric.cpp, restricted
// to the space that draws and gradients have explored, of which the directions with the largest and smallest eigenvalues
// are kept (Seyboldt, Carlson & Carpenter 2024). That space is found by random projections (Halko, Martinsson & Tropp
// 2011), so that no matrix has more than a few dozen rows.
namespace nuthatch::mcmc {
namespace {

constexpr std::int64_t chain_capacity = 200;  // points that a chain keeps
constexpr double prior_weight = 0.2;    // of the assumption that both covariances are one, in observations
constexpr double smallest = 1e-80, largest = 1e80;
constexpr double smallest_ratio = 1e-10;  // of eigenvalues, so that factorisations succeed

/// f64 1 for the rows in use.
Tensor rows_in_use(const Points& p) {
  const std::int64_t capacity = p.positions.size(0);
  Tensor row = arange(capacity);
  Tensor number = p.count - 1 - (p.count - 1 - row + capacity) % capacity;
  return ((row < p.count) & (number >= p.begin)).cast(f64);
}

/// Deviations from the mean; zero in rows that are not in use.
Tensor centred(const Tensor& rows, const Tensor& used, const Tensor& count) {
  return expand_dims(used, 1) * (rows - matmul(used, rows) / count);
}

/// n sums of the rows with random signs, the same in every chain.
Tensor random_sums(const Tensor& rows, std::int64_t n, int key) {
  Tensor signs = 2.0 * randint(Key(std::uint64_t(key)), {n, rows.size(0)}, 0, 2).cast(f64) - 1.0;
  return matmul(signs, rows);
}

}  // namespace

Points no_points(std::int64_t dim) {
  const Tensor zero = full(Shape{}, Tensor(std::int64_t(0)));
  return {zero, zero, zero, zeros({chain_capacity, dim}), zeros({chain_capacity, dim})};
}

Points add(const Points& before, const Tensor& position, const Tensor& gradient) {
  Points p = before;
  Tensor row = p.count % chain_capacity;
  p.positions = p.positions.at(row).set(position);
  p.gradients = p.gradients.at(row).set(gradient);
  p.count = p.count + 1;
  return p;
}

Tuning low_rank_estimate(const AdaptationRules& rules, const Points& points, const Tuning& before) {
  const std::int64_t dim = points.positions.size(1), rank = std::min(rules.rank, dim);
  const std::int64_t sums = rank + 10, explored = std::min(dim, 2 * sums);
  Tensor used = rows_in_use(points), count = sum(used);
  Tensor x = centred(points.positions, used, count), g = centred(points.gradients, used, count);
  Tensor ratio = sqrt(sum(square(x), 0) / sum(square(g), 0));
  Tensor known = (ratio > smallest) & (ratio < largest);
  Tensor variance = select(known, ratio, before.inverse_mass), scale = sqrt(variance);
  x = select(known, x / scale, 0.0), g = select(known, g * scale, 0.0);

  Tensor basis;  // [dim, explored], orthonormal columns; none: all of the space
  if (explored < dim) {
    basis = qr(transpose(concat({random_sums(x, sums, 1), random_sums(g, sums, 2)}))).q;
    x = matmul(x, basis), g = matmul(g, basis);
  }
  const auto covariance = [&](const Tensor& rows) {
    Tensor squares = matmul(transpose(rows), rows);
    return squares + (prior_weight + smallest_ratio * trace_of(squares)) * eye(explored);
  };
  const Eigh mean = eigh(geometric_mean(covariance(x), covariance(g)));
  Tensor values = maximum(mean.values, smallest_ratio * max(mean.values)), vectors = mean.vectors;  // above rounding
  auto [strength, which] = top_k(abs(log(values)), rank);
  Tensor directions = take(transpose(vectors), which);
  if (explored < dim) directions = matmul(directions, transpose(basis));
  Tensor kept = (strength > std::log(rules.cutoff)) & all_of(isfinite(vectors));
  return {before.step_size,
          variance,
          1.0 / scale,
          {select(expand_dims(kept, 1), directions * scale, 0.0), select(kept, take(values, which), 1.0)}};
}

}  // namespace nuthatch::mcmc
