#include "nuthatch/distributions/inverse_wishart.h"

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/distributions/inverse_wishart_cholesky.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/multivariate/wishart_family.h"

namespace nuthatch {
namespace {

using detail::half_log_det;
using detail::transposed;

template <class Self>
class InverseWishartBase : public detail::WishartFamily<Self> {
 public:
  using detail::WishartFamily<Self>::WishartFamily;
  bool has_rsample() const override { return true; }

 protected:
  /// log p of X = C C^T: tr(S X^-1) = |C^-1 L|^2, S = L L^T.
  detail::Terms matrix_terms(const Tensor& C) const {
    Tensor Z = detail::solve_columns(C, this->L()), half = 0.5 * this->nu();
    const Tensor& F = this->scale_.precision_factor;
    Tensor log_det = F.defined() ? -half_log_det(F) : half_log_det(this->L());
    return {{sum(square(Z), {.axis = {-2, -1}}), -0.5},
            {half_log_det(C), -(this->nu() + (this->dim() + 1.0))},
            {this->nu() * log_det - half * (this->dim() * detail::kLog2) - multigammaln(half, int(this->order()))}};
  }
  /// Of X: E tr(S X^-1) = nu p, and log det X is minus that of a Wishart matrix.
  Tensor matrix_entropy() const {
    const Tensor& F = this->scale_.precision_factor;
    const Tensor log_det = F.defined() ? -half_log_det(F) : half_log_det(this->L()), half = 0.5 * this->nu();
    const Tensor mean_half = log_det - sum(detail::bartlett_mean_log(this->nu(), this->order()), -1);
    return half * this->dim() + (this->nu() + (this->dim() + 1.0)) * mean_half - this->nu() * log_det +
           half * (this->dim() * detail::kLog2) + multigammaln(half, int(this->order()));
  }
  /// Lower triangular C with C C^T a draw: with A of Bartlett's decomposition in reversed order, B = J A J is upper
  /// triangular, B B^T ~ Wishart(nu, I), and its inverse is B^-T B^-1.
  Tensor factor(const Key& key, const Shape& shape) const {
    Tensor B = flip(flip(detail::bartlett(key, this->nu(), shape), -1), -2);
    return matmul(this->L(), detail::solve_columns(transposed(B), eye(this->order())));
  }
};

class InverseWishartDensity final : public InverseWishartBase<InverseWishartDensity> {
 public:
  InverseWishartDensity(const Tensor& concentration, const detail::ScaleMatrix& scale, Where where)
      : InverseWishartBase("InverseWishart", concentration, scale, where) {}
  InverseWishartDensity(const Tensor& concentration, const Tensor& scale_tril, Where where)
      : InverseWishartDensity(concentration, detail::ScaleMatrix{scale_tril, {}}, where) {}
  Constraint support() const override { return constraints::positive_definite; }
  detail::Terms terms(const Tensor& X) const override { return matrix_terms(cholesky(X)); }
  Tensor sample(const Key& key, const Shape& shape) const override {
    Tensor C = factor(key, shape);
    return matmul(C, transposed(C));
  }
  Tensor mean() const override {
    Tensor a = nu_matrix() - (dim() + 1.0);
    return select(a > 0.0, S() / a, NAN);
  }
  Tensor mode() const override { return S() / (nu_matrix() + (dim() + 1.0)); }
  Tensor entropy() const override { return matrix_entropy(); }
  Tensor variance() const override {
    Tensor s = S(), d = diagonal(s), a = nu_matrix() - dim();
    Tensor numerator = (a + 1.0) * square(s) + (a - 1.0) * expand_dims(d, -1) * expand_dims(d, -2);
    return select(a > 3.0, numerator / (a * square(a - 1.0) * (a - 3.0)), select(a > 1.0, INFINITY, NAN));
  }

 private:
  Tensor S() const { return matmul(L(), transposed(L())); }
};

class InverseWishartCholeskyDensity final : public InverseWishartBase<InverseWishartCholeskyDensity> {
 public:
  InverseWishartCholeskyDensity(const Tensor& concentration, const detail::ScaleMatrix& scale, Where where)
      : InverseWishartBase("InverseWishartCholesky", concentration, scale, where) {}
  InverseWishartCholeskyDensity(const Tensor& concentration, const Tensor& scale_tril, Where where)
      : InverseWishartCholeskyDensity(concentration, detail::ScaleMatrix{scale_tril, {}}, where) {}
  Constraint support() const override { return constraints::lower_cholesky; }
  detail::Terms terms(const Tensor& C) const override {
    detail::Terms result = matrix_terms(C);
    result.push_back({detail::log_cholesky_volume(C)});
    return result;
  }
  Tensor sample(const Key& key, const Shape& shape) const override { return factor(key, shape); }
  /// Off the diagonal the entries of B^-T are as likely negative as positive; on it E[chi_k^-1] =
  /// Gamma((k - 1) / 2) / (sqrt(2) Gamma(k / 2)) with k = nu - p + 1, ..., nu degrees of freedom.
  Tensor mean() const override {
    Tensor half = 0.5 * (expand_dims(nu(), -1) - arange(order() - 1, -1, -1).cast(f64));
    Tensor inverse = select(half > 0.5, exp(lgamma(half - 0.5) - lgamma(half) - 0.5 * detail::kLog2), INFINITY);
    Tensor diagonal = expand_dims(inverse, -2);
    return tril(select(L() == 0.0, 0.0, L() * diagonal));
  }
  /// The diagonal of B has nu - p + 1, ..., nu degrees of freedom.
  Tensor entropy() const override {
    const Tensor logs = log(nuthatch::diagonal(L())) - flip(detail::bartlett_mean_log(nu(), order()), -1);
    return matrix_entropy() - detail::mean_log_cholesky_volume(logs);
  }
};

}  // namespace

InverseWishart::InverseWishart(const WishartOptions& o, Where where)
    : Distribution(share<InverseWishartDensity>(
          o.concentration, detail::wishart_scale("InverseWishart", o, where), where)) {}

InverseWishartCholesky::InverseWishartCholesky(const WishartOptions& o, Where where)
    : Distribution(share<InverseWishartCholeskyDensity>(
          o.concentration, detail::wishart_scale("InverseWishartCholesky", o, where), where)) {}

}  // namespace nuthatch
