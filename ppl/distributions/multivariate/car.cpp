#include "nuthatch/distributions/car.h"

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/multivariate/adjacency.h"
#include "ppl/distributions/multivariate/linear.h"

namespace nuthatch {
namespace {

class CARDensity final : public detail::DistributionImpl {
 public:
  CARDensity(const Tensor& loc, const Tensor& correlation, const Tensor& precision, detail::Adjacency graph, Where where)
      : DistributionImpl("CAR",
                         {{"loc", loc, constraints::real_vector()},
                          {"correlation", correlation, constraints::open_interval(-1.0, 1.0)},
                          {"conditional_precision", precision, constraints::positive}},
                         {graph.size()}, where),
        graph_(std::move(graph)) {
    if (!problem && loc.shape().back() != graph_.size())
      problem = "CAR: loc " + to_string(loc.shape()) + " does not fit a graph of " + std::to_string(graph_.size()) + " nodes";
  }
  Constraint support() const override { return constraints::real_vector(); }
  detail::Terms terms(const Tensor& x) const override {
    Tensor r = x - loc();
    return {{graph_.squares(r), -0.5 * tau()}, {graph_.products(r), alpha() * tau()}, {-normaliser()}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return loc() + detail::whiten(precision_tril(), normal(key, shape), true);
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return loc(); }
  Tensor mode() const override { return loc(); }
  /// The diagonal of the inverse: rows of L^-T.
  Tensor variance() const override {
    Tensor L = precision_tril();
    return sum(square(detail::solve_columns(L, eye(graph_.size()))), -2);
  }
  Tensor entropy() const override { return normaliser() + 0.5 * double(graph_.size()); }
  detail::DistributionPtr with_parameters(const std::vector<Tensor>& v) const override {
    return share<CARDensity>(v[0], v[1], v[2], graph_, where);
  }

 private:
  const Tensor& loc() const { return p(0); }
  const Tensor& alpha() const { return p(1); }
  const Tensor& tau() const { return p(2); }
  Tensor precision_tril() const {
    auto wide = [](const Tensor& x) { return expand_dims(expand_dims(x, -1), -1); };
    return cholesky(wide(tau()) * (diag(graph_.degrees()) - wide(alpha()) * graph_.weights()));
  }
  /// det(D - a W) = det(D) prod_i (1 - a l_i), l the eigenvalues of D^(-1/2) W D^(-1/2), which do not depend on a.
  Tensor normaliser() const {
    Tensor d = graph_.degrees(), root = rsqrt(d);
    Tensor eigenvalues = eigvalsh(expand_dims(root, -1) * graph_.weights() * root);
    Tensor log_det = sum(log1p(-expand_dims(alpha(), -1) * eigenvalues), -1) + sum(log(d));
    const double n = double(graph_.size());
    return -0.5 * (log_det + n * log(tau())) + n * detail::kHalfLogTwoPi;
  }
  detail::Adjacency graph_;
};

}  // namespace

Distribution CAR::make(const Tensor& loc, const Tensor& correlation, const Tensor& conditional_precision,
                       const Tensor& adjacency, Where where) {
  detail::Adjacency graph("CAR", adjacency, where);
  return Distribution(share<CARDensity>(detail::location_vector(loc, graph.size()), correlation,
                                                   conditional_precision, graph, where));
}

}  // namespace nuthatch
