#include "ppl/distributions/multivariate/adjacency.h"

#include <cmath>
#include <numeric>

#include "nuthatch/array.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "ppl/distributions/multivariate/linear.h"

namespace nuthatch::detail {

Adjacency::Adjacency(const char* distribution, const Tensor& W, Where where) : weights_(W.cast(f64)) {
  if (W.ndim() != 2 || W.size(0) != W.size(1))
    throw Error(std::string(distribution) + ": adjacency must be a square matrix, but its shape is " + to_string(W.shape()),
                where);
  n_ = W.size(0);
  known_ = W.is_concrete();
  if (known_) list_edges(distribution, W.to_vector<double>(), where);
}

void Adjacency::list_edges(const std::string& distribution, const std::vector<double>& w, Where where) {
  auto at = [&](std::int64_t i, std::int64_t j) { return w[std::size_t(i * n_ + j)]; };
  for (std::int64_t i = 0; i < n_; ++i) {
    double degree = 0;
    for (std::int64_t j = 0; j < n_; ++j) {
      if (!(at(i, j) >= 0) || std::isinf(at(i, j)) || at(i, j) != at(j, i) || (i == j && at(i, j) != 0))
        throw Error(distribution + ": adjacency must be symmetric with weights >= 0 and zeros on the diagonal, but " +
                        "adjacency[" + std::to_string(i) + ", " + std::to_string(j) + "] = " + std::to_string(at(i, j)),
                    where);
      degree += at(i, j);
      if (i >= j || at(i, j) == 0) continue;
      from_.push_back(i);
      to_.push_back(j);
      edge_weights_.push_back(at(i, j));
    }
    if (degree == 0) throw Error(distribution + ": node " + std::to_string(i) + " of the graph has no neighbour", where);
  }
}

Tensor Adjacency::degrees() const { return sum(weights_, -1); }
Tensor Adjacency::laplacian() const { return diag(degrees()) - weights_; }

Tensor Adjacency::squares(const Tensor& x) const { return sum(degrees() * square(x), -1); }
Tensor Adjacency::products(const Tensor& x) const {
  if (!known_) return 0.5 * sum(x * matvec(weights_, x), -1);
  return sum(Tensor(edge_weights_) * take(x, from_, -1) * take(x, to_, -1), -1);
}
Tensor Adjacency::differences(const Tensor& x) const {
  if (!known_) return squares(x) - 2.0 * products(x);
  return sum(Tensor(edge_weights_) * square(take(x, from_, -1) - take(x, to_, -1)), -1);
}

std::int64_t Adjacency::components() const {
  std::vector<std::int64_t> root(static_cast<std::size_t>(n_));
  std::iota(root.begin(), root.end(), 0);
  auto find = [&](std::int64_t i) {
    while (root[std::size_t(i)] != i) i = root[std::size_t(i)] = root[std::size_t(root[std::size_t(i)])];
    return i;
  };
  std::int64_t count = n_;
  for (std::size_t e = 0; e < from_.size(); ++e) {
    const std::int64_t a = find(from_[e]), b = find(to_[e]);
    if (a == b) continue;
    root[std::size_t(a)] = b;
    --count;
  }
  return count;
}

}  // namespace nuthatch::detail
