#pragma once
/// The graph of a conditional or intrinsic autoregression: a symmetric matrix W [n, n] of weights >= 0 with zero diagonal.
#include <string>

#include "nuthatch/tensor.h"

namespace nuthatch::detail {

class Adjacency {
 public:
  /// Throws, naming the distribution, when W is not such a matrix or a node has no neighbour.
  Adjacency(const char* distribution, const Tensor& W, Where where);

  std::int64_t size() const { return n_; }
  const Tensor& weights() const { return weights_; }
  /// Sums of rows [n].
  Tensor degrees() const;
  /// diag(degrees) - W.
  Tensor laplacian() const;
  /// sum_i degree_i x_i^2 and sum_{i<j} w_ij x_i x_j: over the edges, where the graph is known before the program runs.
  Tensor squares(const Tensor& x) const;
  Tensor products(const Tensor& x) const;
  /// sum_{i<j} w_ij (x_i - x_j)^2.
  Tensor differences(const Tensor& x) const;
  /// Number of connected components; of a concrete graph.
  std::int64_t components() const;

 private:
  void list_edges(const std::string& distribution, const std::vector<double>& w, Where where);
  std::int64_t n_ = 0;
  Tensor weights_;
  std::vector<std::int64_t> from_, to_;
  std::vector<double> edge_weights_;
  bool known_ = false;
};

}  // namespace nuthatch::detail
