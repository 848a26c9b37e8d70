#include "nuthatch/distributions/low_rank_multivariate_normal.h"

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/multivariate/linear.h"

namespace nuthatch {
namespace {

using detail::matvec;
using detail::transposed;

class LowRankMultivariateNormalDensity final : public detail::Family<LowRankMultivariateNormalDensity, 3> {
 public:
  LowRankMultivariateNormalDensity(const Tensor& loc, const Tensor& factor, const Tensor& diagonal, Where where)
      : Family("LowRankMultivariateNormal",
               {{"loc", loc, constraints::real_vector()},
                {"cov_factor", factor, constraints::real_matrix()},
                {"cov_diag", diagonal, Constraint(constraints::positive).independent(1)}},
               detail::trailing(loc.shape(), 1), where) {
    if (problem) return;
    const std::int64_t n = loc.shape().back();
    if (diagonal.shape().back() != n || factor.shape()[factor.shape().size() - 2] != n)
      problem = "LowRankMultivariateNormal: loc " + to_string(loc.shape()) + ", cov_factor " + to_string(factor.shape()) +
                " and cov_diag " + to_string(diagonal.shape()) + " do not fit each other";
  }
  Constraint support() const override { return constraints::real_vector(); }
  detail::Terms terms(const Tensor& x) const override {
    Tensor r = x - loc(), C = capacitance_tril();
    Tensor inner = detail::whiten(C, matvec(transposed(W()), r / d()));
    return {{sum(square(r) / d(), -1) - sum(square(inner), -1), -0.5}, {-normaliser(C)}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    auto [k_factor, k_diagonal] = split<2>(key);
    Shape narrow = detail::leading(shape, 1);
    narrow.push_back(W().shape().back());
    return loc() + matvec(W(), normal(k_factor, narrow)) + sqrt(d()) * normal(k_diagonal, shape);
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return loc(); }
  Tensor mode() const override { return loc(); }
  Tensor variance() const override { return sum(square(W()), -1) + d(); }
  Tensor entropy() const override { return normaliser(capacitance_tril()) + 0.5 * double(event_shape[0]); }

 private:
  const Tensor& loc() const { return p(0); }
  const Tensor& W() const { return p(1); }
  const Tensor& d() const { return p(2); }
  /// Cholesky factor of I + W^T diag(d)^-1 W.
  Tensor capacitance_tril() const {
    return cholesky(eye(W().shape().back()) + matmul(transposed(W()), W() / expand_dims(d(), -1)));
  }
  Tensor normaliser(const Tensor& C) const {
    return detail::half_log_det(C) + 0.5 * sum(log(d()), -1) + double(event_shape[0]) * detail::kHalfLogTwoPi;
  }
};

}  // namespace

Distribution LowRankMultivariateNormal::make(const Tensor& loc, const Tensor& cov_factor, const Tensor& cov_diag,
                                             Where where) {
  const std::int64_t n = cov_diag.shape().empty() ? 1 : cov_diag.shape().back();
  return Distribution(share<LowRankMultivariateNormalDensity>(detail::location_vector(loc, n), cov_factor,
                                                                         cov_diag, where));
}

}  // namespace nuthatch
