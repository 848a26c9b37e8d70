#include "nuthatch/distributions/gaussian_copula.h"

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "ppl/distributions/modified/around.h"

namespace nuthatch {
namespace {

constexpr double kBelowOne = 1.0 - 1.1102230246251565e-16;

std::vector<detail::Parameter> correlation(const CorrelationOptions& o) {
  if (o.correlation_cholesky.defined())
    return {{"correlation_cholesky", o.correlation_cholesky, constraints::corr_cholesky}};
  return {{"correlation_matrix", o.correlation_matrix, constraints::corr_matrix}};
}

class GaussianCopulaDensity final : public detail::DistributionImpl {
 public:
  GaussianCopulaDensity(const char* family, const Distribution& marginal, const CorrelationOptions& o, Where where)
      : DistributionImpl(family, correlation(o), {}, where), marginal_(detail::given(family, marginal, where)) {
    if (o.correlation_matrix.defined() == o.correlation_cholesky.defined())
      problem = name + ": give either correlation_matrix or correlation_cholesky";
    else if (marginal.impl()->problem) problem = marginal.impl()->problem;
    else if (marginal.support().discrete() || !marginal.has_cdf() || !marginal.has_icdf())
      problem = name +
                ": the marginal must be a continuous distribution of one number with distribution and quantile "
                "function, but it is a " +
                marginal.name();
    if (problem) return;
    const Tensor& R = p(0);
    const std::int64_t n = R.shape().back();
    const Shape wide = detail::join(batch_shape, {n});
    auto whole = detail::try_broadcast(wide, marginal.batch_shape());
    if (!whole || whole->back() != n) {
      problem = name + ": cannot broadcast a marginal of batch shape " + to_string(marginal.batch_shape()) + " with " +
                parameters[0].name + " " + to_string(R.shape());
      return;
    }
    event_shape = Shape{n};
    batch_shape = detail::leading(*whole, 1);
    scale_tril_ = o.correlation_cholesky.defined() ? R : cholesky(R);
    marginal_ = marginal.expand(*detail::try_broadcast(marginal.batch_shape(), {n}));
  }

  Constraint support() const override { return marginal_.support().independent(1); }
  Tensor log_prob(const Tensor& x) const override {
    // Each score from the tail it is in.
    Tensor F = marginal_.cdf(x), S = marginal_.survival(x), lower = F < S;
    Tensor z = select(lower, ndtri(select(lower, F, 0.5)), -ndtri(select(lower, 0.5, S)));
    Tensor w = squeeze(triangular_solve(scale_tril_, expand_dims(z, -1)), -1);
    return sum(marginal_.log_prob_in_support(x), -1) + 0.5 * sum(square(z) - square(w), -1) -
           sum(log(diagonal(scale_tril_)), -1);
  }
  bool has_rsample() const override { return marginal_.has_rsample(); }
  Tensor sample(const Key& key, const Shape& shape) const override {
    Tensor z = squeeze(matmul(scale_tril_, expand_dims(normal(key, shape), -1)), -1);
    return marginal_.icdf(minimum(ndtr(z), kBelowOne));
  }
  Tensor mean() const override { return marginal_.has_mean() ? marginal_.mean() : Tensor(); }
  Tensor variance() const override { return marginal_.has_variance() ? marginal_.variance() : Tensor(); }
  Tensor support_point() const override { return marginal_.support_point(); }

 private:
  Distribution marginal_;
  Tensor scale_tril_;
};

}  // namespace

Distribution GaussianCopula::make(const char* name, const Distribution& marginal, const CorrelationOptions& options,
                                  Where where) {
  return Distribution(share<GaussianCopulaDensity>(name, marginal, options, where));
}

}  // namespace nuthatch
