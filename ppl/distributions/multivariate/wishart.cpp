#include "nuthatch/distributions/wishart.h"

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/distributions/wishart_cholesky.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/multivariate/wishart_family.h"

namespace nuthatch {
namespace {

using detail::as_matrix;
using detail::half_log_det;
using detail::transposed;

/// log p of X = C C^T, and the pieces of its normaliser.
template <class Self>
class WishartBase : public detail::WishartFamily<Self> {
 public:
  using detail::WishartFamily<Self>::WishartFamily;
  bool has_rsample() const override { return true; }

 protected:
  detail::Terms matrix_terms(const Tensor& C) const {
    const Tensor& F = this->scale_.precision_factor;
    Tensor Z = F.defined() ? matmul(F, C) : detail::solve_columns(this->L(), C);
    return {{sum(square(Z), {.axis = {-2, -1}}), -0.5},
            {half_log_det(C), this->nu() - (this->dim() + 1.0)},
            {-log_normaliser()}};
  }
  Tensor scale_half_log_det() const {
    const Tensor& F = this->scale_.precision_factor;
    return F.defined() ? -half_log_det(F) : half_log_det(this->L());
  }
  Tensor log_normaliser() const {
    Tensor half = 0.5 * this->nu();
    return this->nu() * scale_half_log_det() + half * (this->dim() * detail::kLog2) +
           multigammaln(half, int(this->order()));
  }
};

class WishartDensity final : public WishartBase<WishartDensity> {
 public:
  WishartDensity(const Tensor& concentration, const detail::ScaleMatrix& scale, Where where)
      : WishartBase("Wishart", concentration, scale, where) {}
  WishartDensity(const Tensor& concentration, const Tensor& scale_tril, Where where)
      : WishartDensity(concentration, detail::ScaleMatrix{scale_tril, {}}, where) {}
  Constraint support() const override { return constraints::positive_definite; }
  detail::Terms terms(const Tensor& X) const override { return matrix_terms(cholesky(X)); }
  Tensor sample(const Key& key, const Shape& shape) const override {
    Tensor C = matmul(L(), detail::bartlett(key, nu(), shape));
    return matmul(C, transposed(C));
  }
  Tensor mean() const override { return nu_matrix() * V(); }
  Tensor mode() const override {
    Tensor a = nu_matrix() - (dim() + 1.0);
    return select(a >= 0.0, a * V(), NAN);
  }
  Tensor variance() const override {
    Tensor v = V(), d = diagonal(v);
    return nu_matrix() * (square(v) + expand_dims(d, -1) * expand_dims(d, -2));
  }
  /// E[log det X] = sum_i digamma((nu - i + 1) / 2) + p log 2 + log det V.
  Tensor entropy() const override {
    Tensor halves = 0.5 * (expand_dims(nu(), -1) - arange(order()).cast(f64));
    Tensor log_det = sum(digamma(halves), -1) + dim() * detail::kLog2 + 2.0 * scale_half_log_det();
    return log_normaliser() - 0.5 * (nu() - (dim() + 1.0)) * log_det + 0.5 * dim() * nu();
  }

 private:
  Tensor V() const { return matmul(L(), transposed(L())); }
};

class WishartCholeskyDensity final : public WishartBase<WishartCholeskyDensity> {
 public:
  WishartCholeskyDensity(const Tensor& concentration, const detail::ScaleMatrix& scale, Where where)
      : WishartBase("WishartCholesky", concentration, scale, where) {}
  WishartCholeskyDensity(const Tensor& concentration, const Tensor& scale_tril, Where where)
      : WishartCholeskyDensity(concentration, detail::ScaleMatrix{scale_tril, {}}, where) {}
  Constraint support() const override { return constraints::lower_cholesky; }
  detail::Terms terms(const Tensor& C) const override {
    detail::Terms result = matrix_terms(C);
    result.push_back({detail::log_cholesky_volume(C)});
    return result;
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return matmul(L(), detail::bartlett(key, nu(), shape));
  }
  Tensor mean() const override { return L() * expand_dims(detail::bartlett_mean(nu(), order()), -2); }
  /// Entries of A are independent: variance 1 below the diagonal, nu - j + 1 - E[A_jj]^2 on it.
  Tensor variance() const override {
    Tensor freedom = expand_dims(nu(), -1) - arange(order()).cast(f64);
    Tensor spread = tril(ones({order(), order()}), -1) +
                    diag(freedom - square(detail::bartlett_mean(nu(), order())));
    return matmul(square(L()), spread);
  }
  /// The diagonal of L A is the product of both diagonals.
  Tensor entropy() const override {
    const Tensor logs = log(diagonal(L())) + detail::bartlett_mean_log(nu(), order());
    return 0.5 * dim() * nu() - (nu() - (dim() + 1.0)) * sum(logs, -1) + log_normaliser() -
           detail::mean_log_cholesky_volume(logs);
  }
};

}  // namespace

Wishart::Wishart(const WishartOptions& o, Where where)
    : Distribution(share<WishartDensity>(o.concentration, detail::wishart_scale("Wishart", o, where), where)) {}

WishartCholesky::WishartCholesky(const WishartOptions& o, Where where)
    : Distribution(share<WishartCholeskyDensity>(
          o.concentration, detail::wishart_scale("WishartCholesky", o, where), where)) {}

}  // namespace nuthatch
