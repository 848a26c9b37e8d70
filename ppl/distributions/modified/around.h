#pragma once
/// What distributions made of other distributions share.
#include "nuthatch/detail/function_ref.h"
#include "nuthatch/distribution.h"

namespace nuthatch::detail {

/// d itself, or an Error that `name` was given an empty handle.
const Distribution& given(const char* name, const Distribution& d, Where where);

/// Log density of d at x; -infinity outside of its support, where the formula is not evaluated, so that derivatives
/// stay finite. x broadcasts with the batch.
Tensor guarded_log_prob(const Distribution& d, const Tensor& x);

/// log(exp(a) - exp(b)) for a >= b; -infinity where both are.
Tensor log_difference(const Tensor& a, const Tensor& b);

/// log P(a < X <= b), from whichever of distribution function and survival function keeps accuracy. Either bound may be
/// an empty handle: -infinity and infinity. For a discrete d, integers a < X <= b.
Tensor log_mass_between(const Distribution& d, const Tensor& a, const Tensor& b);

/// The x in [low, high] where the increasing f crosses zero, elementwise: Chandrupatla's method, to the last digits.
/// Finite bounds of one shape, f(low) <= 0 <= f(high).
Tensor find_zero(const Tensor& low, const Tensor& high, FunctionRef<Tensor(const Tensor&)> f);

/// x as a function of the parameters through F(x; parameters) = const: the value stays, and the derivative becomes
/// -(dF/dparameters) / F'(x) (Figurnov, Mohamed and Mnih, Implicit reparameterization gradients, 2018). `log_F` is the
/// logarithm of F, or of 1 - F with `upper`, at x without its derivative; log_density that of F'.
Tensor with_implicit_derivative(const Tensor& x, const Tensor& log_F, const Tensor& log_density, const Tensor& upper);

/// The smallest set among the simple ones that contains both; nothing for sets of arrays that differ.
std::optional<Constraint> joint_support(const Constraint& a, const Constraint& b);

}  // namespace nuthatch::detail
