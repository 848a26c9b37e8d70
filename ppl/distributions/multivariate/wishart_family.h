#pragma once
/// What the four distributions of the Wishart family share: parameters, Bartlett's decomposition, the volume between a
/// matrix and its Cholesky factor.
#include "nuthatch/distributions/wishart.h"
#include "ppl/distributions/multivariate/linear.h"

namespace nuthatch::detail {

/// Parameters concentration and scale_tril of the matrix `scale_matrix`, whichever form the user gave.
template <class Self>
class WishartFamily : public Family<Self, 2> {
 public:
  WishartFamily(const char* name, const Tensor& concentration, const ScaleMatrix& scale, Where where)
      : Family<Self, 2>(name,
                        {{"concentration", concentration, constraints::greater_than(double(scale.scale_tril.shape().back()) - 1.0)},
                         {"scale_tril", scale.scale_tril, constraints::lower_cholesky}},
                        trailing_square(scale.scale_tril.shape()), where),
        scale_(scale) {}

 protected:
  static Shape trailing_square(const Shape& s) { return {s.back(), s.back()}; }
  const Tensor& nu() const { return this->p(0); }
  const Tensor& L() const { return this->p(1); }
  std::int64_t order() const { return this->event_shape[0]; }
  double dim() const { return double(order()); }
  /// nu as a matrix of one element, to multiply matrices by.
  Tensor nu_matrix() const;
  ScaleMatrix scale_;
};

/// Lower triangular A with A A^T ~ Wishart(concentration, I), of that shape [..., p, p].
Tensor bartlett(const Key& key, const Tensor& concentration, const Shape& shape);
/// E[A_ii] = sqrt(2) Gamma((nu - i + 2) / 2) / Gamma((nu - i + 1) / 2), i = 1 .. p: [..., p].
Tensor bartlett_mean(const Tensor& concentration, std::int64_t p);
/// E[log(A_ii)] = (digamma((nu - i + 1) / 2) + log 2) / 2: [..., p].
Tensor bartlett_mean_log(const Tensor& concentration, std::int64_t p);
/// The mean of log_cholesky_volume(C) from that of log(C_ii), [..., p].
Tensor mean_log_cholesky_volume(const Tensor& mean_log_diagonal);
/// p log 2 + sum_i (p - i + 1) log(C_ii): from a factor C to C C^T.
Tensor log_cholesky_volume(const Tensor& C);
/// x [...] as [..., 1, 1].
Tensor as_matrix(const Tensor& x);
/// Scale matrix of the family from the options, one form of three.
ScaleMatrix wishart_scale(const char* name, const WishartOptions& options, Where where);

template <class Self>
Tensor WishartFamily<Self>::nu_matrix() const { return as_matrix(nu()); }

}  // namespace nuthatch::detail
