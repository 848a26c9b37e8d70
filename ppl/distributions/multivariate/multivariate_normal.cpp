#include "nuthatch/distributions/multivariate_normal.h"

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "nuthatch/message.h"
#include "ppl/distributions/constants.h"

namespace nuthatch {
namespace {

class MultivariateNormalDensity final : public detail::Family<MultivariateNormalDensity, 2> {
 public:
  MultivariateNormalDensity(const Tensor& loc, const Tensor& scale_tril, Where where)
      : Family("MultivariateNormal",
               {{"loc", loc, constraints::real_vector()}, {"scale_tril", scale_tril, constraints::lower_cholesky}},
               detail::trailing(scale_tril.shape(), 1), where) {
    if (!problem && loc.shape().back() != scale_tril.shape().back())
      problem = "MultivariateNormal: loc " + to_string(loc.shape()) + " does not fit scale_tril " +
                to_string(scale_tril.shape());
  }
  Constraint support() const override { return constraints::real_vector(); }
  detail::Terms terms(const Tensor& x) const override {
    Tensor residual = x - loc(), factor = L();
    // One factor for many values: broadcast its batch to that of the residuals.
    Shape batch = *detail::try_broadcast(detail::leading(residual.shape(), 1), detail::leading(factor.shape(), 2));
    const std::int64_t n = factor.shape().back();
    residual = detail::broadcast_if_needed(residual, detail::join(batch, {n}));
    Tensor z = detail::leading(factor.shape(), 2).empty() && !batch.empty()
                   ? transpose_last(triangular_solve(factor, transpose_last(reshape(residual, {-1, n}))))
                   : triangular_solve(detail::broadcast_if_needed(factor, detail::join(batch, {n, n})), residual);
    Tensor squares = reshape(sum(square(z), -1), batch);
    return {{squares, -0.5}, {-(sum(log(diagonal(factor)), -1) + double(n) * detail::kHalfLogTwoPi)}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return loc() + squeeze(matmul(L(), expand_dims(nuthatch::normal(key, shape), -1)), -1);
  }
  Tensor mean() const override { return loc(); }
  Tensor variance() const override { return sum(square(L()), -1); }
  Tensor entropy() const override {
    return sum(log(diagonal(L())), -1) + double(L().shape().back()) * (0.5 + detail::kHalfLogTwoPi);
  }

 private:
  const Tensor& loc() const { return p(0); }
  const Tensor& L() const { return p(1); }
  static Tensor transpose_last(const Tensor& x) { return swapaxes(x, -1, -2); }
};

Distribution make(const MultivariateNormalOptions& o, Where where) {
  if (o.scale_tril.defined() == o.covariance.defined())
    throw Error("MultivariateNormal: give one of .scale_tril and .covariance", where);
  const Tensor& matrix = o.scale_tril.defined() ? o.scale_tril : o.covariance;
  if (matrix.ndim() < 2)
    throw Error("MultivariateNormal: a matrix is needed, but its shape is " + to_string(matrix.shape()), where);
  if (o.covariance.defined() && !detail::NoValidation::active())
    if (auto bad = Constraint(constraints::positive_definite).violation(o.covariance, "covariance"))
      throw Error("MultivariateNormal: covariance must be symmetric positive definite, but " + *bad, where);
  Tensor loc = o.loc.defined() ? o.loc : zeros(matrix.shape().back());
  if (loc.shape().empty()) loc = broadcast_to(loc, {matrix.shape().back()});
  return Distribution(std::make_shared<MultivariateNormalDensity>(
      loc, o.scale_tril.defined() ? o.scale_tril : cholesky(o.covariance), where));
}

}  // namespace

MultivariateNormal::MultivariateNormal(const MultivariateNormalOptions& options, Where where)
    : Distribution(nuthatch::make(options, where)) {}

}  // namespace nuthatch
