#include "nuthatch/distributions/lkj_cholesky.h"

#include "nuthatch/array.h"
#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/multivariate/lkj_density.h"

namespace nuthatch {
namespace {

class LKJCholeskyDensity final : public detail::DistributionImpl {
 public:
  LKJCholeskyDensity(std::int64_t dimension, const Tensor& concentration, Where where)
      : DistributionImpl("LKJCholesky", {{"concentration", concentration, constraints::positive}},
                         {dimension, dimension}, where),
        n_(dimension) {}
  Constraint support() const override { return constraints::corr_cholesky; }
  detail::Terms terms(const Tensor& L) const override {
    return {{detail::lkj_cholesky_kernel(eta(), log(diagonal(L)))}, {detail::lkj_log_normaliser(eta(), n_), -1.0}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return detail::lkj_cholesky_draw(key, eta(), shape);
  }
  bool has_rsample() const override { return true; }
  /// With independent partial correlations t, L_ij = t_ij prod_{k<j} sqrt(1 - t_ik^2): zero below the diagonal, on it
  /// products of E[sqrt(1 - t^2)] = 2 B(b + 1/2, b + 1/2) / B(b, b).
  Tensor mean() const override {
    Tensor b = shapes(), log_root = detail::kLog2 + betaln(b + 0.5, b + 0.5) - betaln(b, b);
    return diag(exp(cumsum(log_root, -1) - log_root));
  }
  /// E[t^2] = 1 / (2 b + 1).
  Tensor variance() const override {
    Tensor b = shapes(), log_left = log(2.0 * b) - log1p(2.0 * b);
    Tensor left = exp(cumsum(log_left, -1) - log_left);
    Tensor below = tril(broadcast_to(expand_dims(left / (2.0 * b + 1.0), -2), support_shape()), -1);
    return below + diag(left) - square(mean());
  }
  Tensor entropy() const override {
    return detail::lkj_log_normaliser(eta(), n_) -
           detail::lkj_cholesky_kernel(eta(), detail::lkj_mean_log_diagonal(eta(), n_));
  }
  detail::DistributionPtr with_parameters(const std::vector<Tensor>& values) const override {
    return share<LKJCholeskyDensity>(n_, values[0], where);
  }

 private:
  const Tensor& eta() const { return p(0); }
  /// b of column j = 0 .. n - 1; the last is not used by any partial correlation.
  Tensor shapes() const {
    return expand_dims(eta(), -1) + 0.5 * maximum(double(n_ - 2) - arange(n_).cast(f64), 0.0);
  }
  Shape support_shape() const {
    Shape shape = eta().shape();
    shape.push_back(n_);
    shape.push_back(n_);
    return shape;
  }
  std::int64_t n_;
};

}  // namespace

Distribution LKJCholesky::make(std::int64_t dimension, const Tensor& concentration, Where where) {
  if (dimension < 2)
    throw Error("LKJCholesky: dimension must be 2 or more, but it is " + std::to_string(dimension), where);
  return Distribution(share<LKJCholeskyDensity>(dimension, concentration, where));
}

}  // namespace nuthatch
