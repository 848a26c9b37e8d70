#include "nuthatch/distributions/lkj.h"

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "ppl/distributions/multivariate/linear.h"
#include "ppl/distributions/multivariate/lkj_density.h"

namespace nuthatch {
namespace {

class LKJDensity final : public detail::DistributionImpl {
 public:
  LKJDensity(std::int64_t dimension, const Tensor& concentration, Where where)
      : DistributionImpl("LKJ", {{"concentration", concentration, constraints::positive}}, {dimension, dimension}, where),
        n_(dimension) {}
  Constraint support() const override { return constraints::corr_matrix; }
  detail::Terms terms(const Tensor& R) const override {
    return {{2.0 * detail::half_log_det(cholesky(R)), eta() - 1.0}, {detail::lkj_log_normaliser(eta(), n_), -1.0}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    Tensor L = detail::lkj_cholesky_draw(key, eta(), shape);
    Tensor R = matmul(L, detail::transposed(L));
    // Exactly 1 on the diagonal.
    return select(eye(n_) == 1.0, 1.0, R);
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return broadcast_to(eye(n_), detail::join(eta().shape(), event_shape)); }
  /// Each correlation is 2 Beta(b, b) - 1 with b = eta + (n - 2) / 2: variance 1 / (2 b + 1).
  Tensor variance() const override {
    Tensor each = expand_dims(expand_dims(1.0 / (2.0 * eta() + double(n_ - 1)), -1), -1);
    return each * (1.0 - eye(n_));
  }
  /// The identity for eta > 1; all matrices are alike for eta = 1.
  Tensor mode() const override {
    return select(expand_dims(expand_dims(eta(), -1), -1) > 1.0, eye(n_), NAN);
  }
  Tensor entropy() const override {
    const Tensor log_det = 2.0 * sum(detail::lkj_mean_log_diagonal(eta(), n_), -1);
    return detail::lkj_log_normaliser(eta(), n_) - (eta() - 1.0) * log_det;
  }
  detail::DistributionPtr with_parameters(const std::vector<Tensor>& values) const override {
    return share<LKJDensity>(n_, values[0], where);
  }

 private:
  const Tensor& eta() const { return p(0); }
  std::int64_t n_;
};

}  // namespace

Distribution LKJ::make(std::int64_t dimension, const Tensor& concentration, Where where) {
  if (dimension < 2) throw Error("LKJ: dimension must be 2 or more, but it is " + std::to_string(dimension), where);
  return Distribution(share<LKJDensity>(dimension, concentration, where));
}

}  // namespace nuthatch
