#pragma once
/// Smooth one-to-one maps from unconstrained space to the constrained sets: MCMC and variational inference move in
/// unconstrained space and account for the change of volume by the Jacobian determinant.
#include <memory>
#include <utility>

#include "nuthatch/constraints.h"
#include "nuthatch/tensor.h"

namespace nuthatch {

class Bijector {
 public:
  class Impl;
  explicit Bijector(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

  /// y = f(x).
  Tensor forward(const Tensor& x) const;
  /// x = f^-1(y).
  Tensor inverse(const Tensor& y) const;
  /// log |det df/dx| at x, one number per event: shape of x without its `event_dim` trailing dimensions.
  Tensor log_abs_det_jacobian(const Tensor& x) const;
  /// Both at once; they share intermediate results.
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const;
  /// Shape of x for values y of the given shape.
  Shape unconstrained_shape(const Shape& constrained) const;
  /// Shape of y = f(x).
  Shape constrained_shape(const Shape& unconstrained) const;
  /// Trailing dimensions of x that are mapped together.
  int event_dim() const;
  /// Takes `dims` further dimensions as one event: the log determinant is summed over them.
  Bijector independent(int dims) const;

  /// What a bijector has to provide.
  class Impl {
   public:
    virtual ~Impl() = default;
    virtual int event_dim() const = 0;
    virtual std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const = 0;
    virtual Tensor forward(const Tensor& x) const { return forward_and_log_det(x).first; }
    virtual Tensor inverse(const Tensor& y) const = 0;
    virtual Shape unconstrained_shape(const Shape& constrained) const { return constrained; }
    virtual Shape constrained_shape(const Shape& unconstrained) const { return unconstrained; }
  };

 private:
  std::shared_ptr<const Impl> impl_;
};

/// The standard bijector onto a continuous set; throws for a discrete one.
Bijector biject_to(const Constraint&);

namespace transforms {

/// y = x.
Bijector identity();
/// y = lower + exp(x).
Bijector exp(const Tensor& lower = 0.0);
/// y = upper - exp(x).
Bijector negative_exp(const Tensor& upper);
/// y = lower + (upper - lower) sigmoid(x).
Bijector sigmoid(const Tensor& lower = 0.0, const Tensor& upper = 1.0);
/// n - 1 numbers to n that are positive and sum to one: z_k = sigmoid(x_k - log(n - k)), k = 1 .. n - 1, is the part
/// of what remains of the stick that y_k takes; x = 0 is the uniform vector.
Bijector stick_breaking();
/// y_1 = x_1, y_k = y_{k-1} + exp(x_k).
Bijector ordered();
/// y_1 = exp(x_1), y_k = y_{k-1} + exp(x_k).
Bijector positive_ordered();
/// n (n - 1) / 2 numbers, strict lower triangle row by row, to the Cholesky factor of a correlation matrix. tanh of
/// each is a partial correlation.
Bijector corr_cholesky();
/// n (n + 1) / 2 numbers, strict lower triangle row by row and then the logarithms of the diagonal.
Bijector lower_cholesky();
/// The same numbers to L L^T.
Bijector positive_definite();

}  // namespace transforms
}  // namespace nuthatch
