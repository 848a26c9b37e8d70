#include "nuthatch/distributions/icar.h"

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/index.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/multivariate/adjacency.h"
#include "ppl/distributions/multivariate/linear.h"

namespace nuthatch {
namespace {

class ICARDensity final : public detail::DistributionImpl {
 public:
  ICARDensity(detail::Adjacency graph, const Tensor& scale, double strength, Where where)
      : DistributionImpl("ICAR", {{"scale", scale, constraints::positive}}, {graph.size()}, where),
        graph_(std::move(graph)), strength_(strength) {}
  Constraint support() const override { return constraints::real_vector(); }
  detail::Terms terms(const Tensor& x) const override {
    return {{graph_.differences(x), -0.5 / square(scale())},
            {square(sum(x, -1)), -0.5 / (width() * width())},
            {-(n() - 1.0) * log(scale()) + constant()}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    Tensor wide = expand_dims(expand_dims(scale(), -1), -1);
    Tensor precision = graph_.laplacian() / square(wide) + 1.0 / (width() * width());
    return detail::whiten(cholesky(precision), normal(key, shape), true);
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return 0.0; }
  Tensor mode() const override { return 0.0; }
  detail::DistributionPtr with_parameters(const std::vector<Tensor>& v) const override {
    return share<ICARDensity>(graph_, v[0], strength_, where);
  }

 private:
  const Tensor& scale() const { return p(0); }
  double n() const { return double(graph_.size()); }
  /// Standard deviation of the sum.
  double width() const { return strength_ * n(); }
  /// The precision has the eigenvalues of the Laplacian over scale^2, except for that of (1, ..., 1), n / width^2.
  Tensor constant() const {
    Tensor eigenvalues = eigvalsh(graph_.laplacian())(from(1));
    return 0.5 * sum(log(eigenvalues)) + (0.5 * std::log(n()) - std::log(width()) - n() * detail::kHalfLogTwoPi);
  }
  detail::Adjacency graph_;
  double strength_;
};

}  // namespace

ICAR::ICAR(const Tensor& adjacency, const Tensor& scale, double zero_sum_strength, Where where) {
  if (!adjacency.is_concrete()) throw Error("ICAR: adjacency must be data, not a value that is being traced", where);
  if (!(zero_sum_strength > 0)) throw Error("ICAR: zero_sum_strength must be positive", where);
  detail::Adjacency graph("ICAR", adjacency, where);
  if (graph.components() != 1)
    throw Error("ICAR: the graph has " + std::to_string(graph.components()) +
                    " components that are not connected; use one ICAR for each",
                where);
  static_cast<Distribution&>(*this) =
      Distribution(share<ICARDensity>(graph, scale, zero_sum_strength, where));
}

}  // namespace nuthatch
