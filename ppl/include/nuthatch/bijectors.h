#pragma once
/// Smooth one-to-one maps y = f(x) with the logarithm of their Jacobian determinant. MCMC and variational inference move
/// in unconstrained space, and `biject_to(constraint)` leads from there onto the constraint's set; distributions are
/// pushed forward along them.
///
/// One of your own derives from Bijector::Impl.
#include <string>
#include <utility>
#include <vector>

#include "nuthatch/constraints.h"
#include "nuthatch/detail/shared.h"
#include "nuthatch/tensor.h"

namespace nuthatch {

class Bijector {
 public:
  class Impl;
  explicit Bijector(Shared<const Impl> impl) : impl_(std::move(impl)) {}

  /// y = f(x).
  Tensor forward(const Tensor& x) const;
  Tensor operator()(const Tensor& x) const { return forward(x); }
  /// x = f^-1(y).
  Tensor inverse(const Tensor& y) const;
  /// log |det df/dx| at x, one number per event: shape of x without its `event_dim` trailing dimensions.
  Tensor log_abs_det_jacobian(const Tensor& x) const;
  /// Both at once; they share intermediate results.
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const;
  /// x = f^-1(y) and log |det df/dx| at that x; they share intermediate results.
  std::pair<Tensor, Tensor> inverse_and_log_det(const Tensor& y) const;
  /// Shape of y for x of the given shape, and of x for y.
  Shape forward_shape(const Shape& x) const;
  Shape inverse_shape(const Shape& y) const;
  /// Trailing dimensions of x that are mapped together, and of y that come out.
  int event_dim() const;
  int codomain_event_dim() const;
  /// False for |x|, whose inverse takes one of two preimages.
  bool bijective() const;
  /// 1 where f of a single number increases, -1 where it decreases; undefined (an empty handle) for other maps.
  Tensor sign() const;
  /// The sets f leads from and to, and what becomes of a part of the former.
  Constraint domain() const;
  Constraint codomain() const;
  Constraint image(const Constraint& set) const;

  /// f^-1 as a bijector.
  Bijector inverse() const;
  /// Takes `dims` further dimensions as one event: the log determinant is summed over them.
  Bijector independent(int dims) const;
  /// First this one, then `next`.
  Bijector operator>>(const Bijector& next) const;

  /// What a bijector has to provide.
  class Impl {
   public:
    virtual ~Impl() = default;
    virtual int event_dim() const = 0;
    virtual int codomain_event_dim() const { return event_dim(); }
    virtual std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const = 0;
    virtual Tensor forward(const Tensor& x) const { return forward_and_log_det(x).first; }
    virtual Tensor inverse(const Tensor& y) const = 0;
    virtual std::pair<Tensor, Tensor> inverse_and_log_det(const Tensor& y) const {
      Tensor x = inverse(y);
      return {x, forward_and_log_det(x).second};
    }
    virtual Shape forward_shape(const Shape& x) const { return x; }
    virtual Shape inverse_shape(const Shape& y) const { return y; }
    virtual bool bijective() const { return true; }
    virtual Tensor sign() const { return {}; }
    virtual Constraint domain() const { return Constraint().independent(event_dim()); }
    virtual Constraint codomain() const { return Constraint().independent(codomain_event_dim()); }
    /// By default the codomain, whatever the set.
    virtual Constraint image(const Constraint& set) const;
  };

 private:
  Shared<const Impl> impl_;
};

/// The standard bijector onto a continuous set. Throws for a discrete one, and for the sphere, which no smooth map from
/// flat space covers.
Bijector biject_to(const Constraint&, Where where = Where::current());

namespace transforms {

// ---- of single numbers ----
/// y = x.
Bijector identity();
/// y = loc + scale x. The scale is not zero; half lines are taken to keep their direction when it is a traced value.
Bijector affine(const Tensor& loc, const Tensor& scale);
/// y = lower + exp(x).
Bijector exp(const Tensor& lower = 0.0);
/// y = upper - exp(x).
Bijector negative_exp(const Tensor& upper);
/// y = lower + (upper - lower) sigmoid(x).
Bijector sigmoid(const Tensor& lower = 0.0, const Tensor& upper = 1.0);
/// y = log(1 + exp(x)).
Bijector softplus();
/// y = tanh(x).
Bijector tanh();
/// y = x^exponent for x > 0.
Bijector power(const Tensor& exponent);
/// y = |x|; not bijective: the inverse is y itself, and the log determinant 0.
Bijector abs();

// ---- of vectors ----
/// n - 1 numbers to n that are positive and sum to one: z_k = sigmoid(x_k - log(n - k)), k = 1 .. n - 1, is the part
/// of what remains of the stick that y_k takes; x = 0 is the uniform vector.
Bijector stick_breaking();
/// y_1 = x_1, y_k = y_{k-1} + exp(x_k).
Bijector ordered();
/// y_1 = exp(x_1), y_k = y_{k-1} + exp(x_k).
Bijector positive_ordered();
/// A simplex of n numbers to n - 1 increasing ones: y_k = anchor + logit(x_1 + ... + x_k). Cutpoints of an ordered
/// logistic regression from the probabilities of its categories at the predictor `anchor`.
Bijector simplex_to_ordered(const Tensor& anchor = 0.0);
/// y_k = t_k prod_{j<k} (1 - |t_j|), t = tanh(x): onto sum |y_k| < 1.
Bijector l1_ball();

// ---- linear maps ----
/// y = x[permutation] along the last dimension.
Bijector permute(const std::vector<std::int64_t>& permutation, Where where = Where::current());
/// The trailing dimensions `from` as dimensions `to`, element by element.
Bijector reshape(const Shape& from, const Shape& to, Where where = Where::current());
/// n - 1 to n numbers of sum zero along each of the last `dims` dimensions: an isometry that treats all n alike.
Bijector zero_sum(int dims = 1, Where where = Where::current());
/// y = loc + L x, L = scale_tril.
Bijector lower_cholesky_affine(const Tensor& loc, const Tensor& scale_tril, Where where = Where::current());
/// y_t = A y_{t-1} + x_t along the last but one dimension, y_0 = initial_value (zero by default), A = transition
/// [..., n, n].
Bijector recursive_linear(const Tensor& transition, const Tensor& initial_value = {}, Where where = Where::current());
/// Orthonormal Haar wavelets along dimension `dim` (negative), sums first, then differences from coarse to fine; `flip`
/// reverses the input first.
Bijector haar(int dim = -1, bool flip = false, Where where = Where::current());
/// Orthonormal discrete cosine transform (DCT-II) along dimension `dim` (negative), coefficient k times
/// (k + 1/2)^smooth, scaled to determinant 1: `smooth` = 1 makes white noise of a random walk.
Bijector discrete_cosine(int dim = -1, double smooth = 0.0, Where where = Where::current());

// ---- onto and between matrices ----
/// n (n - 1) / 2 numbers, strict lower triangle row by row, to the Cholesky factor of a correlation matrix. tanh of
/// each is a partial correlation.
Bijector corr_cholesky();
/// The same numbers to L L^T.
Bijector corr_matrix();
/// n (n + 1) / 2 numbers, strict lower triangle row by row and then the logarithms of the diagonal.
Bijector lower_cholesky();
/// The same, the diagonal through softplus.
Bijector softplus_lower_cholesky();
/// The same numbers to diag(s) (I + Z): Z strictly lower triangular, s softplus of the last n.
Bijector scaled_unit_lower_cholesky();
/// n (n + 1) / 2 numbers to L L^T, L as in `lower_cholesky`.
Bijector positive_definite();
/// A positive definite matrix, or a correlation matrix, to its Cholesky factor.
Bijector cholesky();
Bijector corr_matrix_cholesky();

/// The first, then the second, ...
Bijector compose(const std::vector<Bijector>& parts);

}  // namespace transforms
}  // namespace nuthatch
