#include "nuthatch/distributions/gaussian_state_space.h"

#include "nuthatch/array.h"
#include "nuthatch/bijectors.h"
#include "nuthatch/control.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/multivariate/linear.h"
#include "ppl/distributions/named_parameters.h"

namespace nuthatch {
namespace {

using detail::matvec;
using detail::transposed;

class GaussianStateSpaceDensity final : public detail::DistributionImpl {
 public:
  GaussianStateSpaceDensity(std::int64_t num_steps, const Tensor& transition, const detail::ScaleMatrix& scale,
                            const Tensor& initial, Where where)
      : DistributionImpl("GaussianStateSpace",
                         {{"transition_matrix", transition, constraints::real_matrix()},
                          {"scale_tril", scale.scale_tril, constraints::lower_cholesky},
                          {"initial_value", initial, constraints::real_vector()}},
                         {num_steps, scale.scale_tril.shape().back()}, where),
        steps_(num_steps), n_(scale.scale_tril.shape().back()), scale_(scale) {
    if (problem) return;
    if (detail::trailing(transition.shape(), 2) != Shape{n_, n_} || initial.shape().back() != n_)
      problem = "GaussianStateSpace: transition_matrix " + to_string(transition.shape()) + " and initial_value " +
                to_string(initial.shape()) + " do not fit a scale matrix " + to_string(scale.scale_tril.shape());
  }
  Constraint support() const override { return constraints::real_matrix(); }
  detail::Terms terms(const Tensor& x) const override {
    // The innovations of all steps at once, with the steps as a batch dimension in front.
    Tensor innovations = moveaxis(recursion().inverse(detail::with_batch(x, batch_shape, 2)), -2, 0);
    auto [squares, half_log_det] = detail::quadratic_form(scale_, innovations);
    return {{sum(squares, 0), -0.5}, {-double(steps_) * (half_log_det + double(n_) * detail::kHalfLogTwoPi)}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return recursion().forward(matmul(normal(key, shape), transposed(L())));
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override {
    Tensor first = detail::broadcast_if_needed(initial(), detail::join(batch_shape, {n_}));
    auto [last, path] = scan(first, steps_, [&](const Tensor& m, const Tensor&) {
      Tensor next = matvec(A(), m);
      return std::pair(next, next);
    });
    return moveaxis(path, 0, -2);
  }
  /// Diagonals of P_t = A P_{t-1} A^T + L L^T.
  Tensor variance() const override {
    Tensor Q = matmul(L(), transposed(L()));
    auto [last, path] = scan(zeros(detail::join(batch_shape, {n_, n_})), steps_, [&](const Tensor& P, const Tensor&) {
      Tensor next = matmul(A(), matmul(P, transposed(A()))) + Q;
      return std::pair(next, diagonal(next));
    });
    return moveaxis(path, 0, -2);
  }
  Tensor mode() const override { return mean(); }
  Tensor entropy() const override {
    return double(steps_) * (detail::half_log_det(L()) + double(n_) * (0.5 + detail::kHalfLogTwoPi));
  }

 private:
  const Tensor& A() const { return p(0); }
  const Tensor& L() const { return p(1); }
  const Tensor& initial() const { return p(2); }
  Bijector recursion() const { return transforms::recursive_linear(A(), initial()); }
  std::int64_t steps_, n_;
  detail::ScaleMatrix scale_;
};

}  // namespace

GaussianStateSpace::GaussianStateSpace(const GaussianStateSpaceOptions& o, Where where) {
  const char* name = "GaussianStateSpace";
  if (o.num_steps < 1)
    throw Error(std::string(name) + ": num_steps must be 1 or more, but it is " + std::to_string(o.num_steps), where);
  const Tensor& A = detail::required(name, {"transition_matrix", o.transition_matrix}, where);
  auto scale = detail::scale_matrix(name, o.scale_tril, o.covariance, o.precision, where);
  Tensor initial = detail::location_vector(o.initial_value, scale.scale_tril.shape().back());
  static_cast<Distribution&>(*this) =
      Distribution(share<GaussianStateSpaceDensity>(o.num_steps, A, scale, initial, where));
}

}  // namespace nuthatch
