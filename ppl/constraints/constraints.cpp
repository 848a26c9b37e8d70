#include "nuthatch/constraints.h"

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/bijectors.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "ppl/constraints/tolerance.h"

namespace nuthatch {

using Kind = Constraint::Kind;
using detail::kTolerance;

Bijector Constraint::Rule::bijector() const { throw Error("there is no bijector onto \"" + description() + "\""); }

Constraint Constraint::zero_sum(int dims, Where where) {
  if (dims < 1) throw Error("zero_sum: dims must be 1 or more, but it is " + std::to_string(dims), where);
  Constraint result(Kind::zero_sum);
  result.dims_ = dims;
  return result;
}

int Constraint::own_event_dim() const {
  switch (kind_) {
    case Kind::custom: return rule_->event_dim();
    case Kind::zero_sum: return dims_;
    case Kind::simplex: case Kind::ordered: case Kind::positive_ordered: case Kind::l1_ball: case Kind::sphere:
    case Kind::positive_definite_circulant_vector: case Kind::multinomial:
      return 1;
    case Kind::corr_cholesky: case Kind::lower_cholesky: case Kind::softplus_lower_cholesky:
    case Kind::scaled_unit_lower_cholesky: case Kind::corr_matrix: case Kind::positive_definite:
    case Kind::positive_semi_definite:
      return 2;
    default: return 0;
  }
}

Constraint Constraint::independent(int dims) const {
  Constraint result = *this;
  result.extra_ += dims;
  return result;
}

bool Constraint::concrete() const {
  return (!lower_.defined() || lower_.is_concrete()) && (!upper_.defined() || upper_.is_concrete());
}

namespace {

Tensor integral(const Tensor& x) { return floor(x) == x; }
Tensor every_entry(const Tensor& p) { return all_of(p, {.axis = {-2, -1}}); }
Tensor symmetric(const Tensor& x) { return every_entry(abs(x - swapaxes(x, -1, -2)) <= kTolerance * abs(x)); }
/// A Cholesky factorisation succeeds.
Tensor positive_eigenvalues(const Tensor& x) { return all_of(isfinite(diagonal(cholesky(x))), -1); }
Tensor triangular(const Tensor& x) { return all_of(diagonal(x) > 0.0, -1) & every_entry(triu(x, 1) == 0.0); }
/// Entries may be a little below zero by rounding, relative to the largest.
Tensor semi_definite(const Tensor& x) {
  Tensor slack = kTolerance * max(abs(x), {.axis = {-2, -1}, .keepdims = true}) + 1e-300;
  return positive_eigenvalues(x + slack * eye(x.shape().back()));
}

Tensor sums_vanish(const Tensor& x, int dims) {
  std::vector<int> axes;
  for (int i = 1; i <= dims; ++i) axes.push_back(-i);
  Tensor slack = kTolerance * max(abs(x), {.axis = Axes(axes), .keepdims = true}) + 1e-300, ok;
  for (int axis : axes) {
    const double n = double(x.size(axis));
    Tensor here = all_of(abs(sum(x, {.axis = axis, .keepdims = true})) <= n * slack, {.axis = Axes(axes)});
    ok = ok.defined() ? ok & here : here;
  }
  return ok;
}

/// Eigenvalues of the circulant matrix with this first row: its cosine transform, since the row is even.
Tensor circulant_holds(const Tensor& x) {
  const std::int64_t n = x.shape().back();
  Tensor index = arange(n).cast(f64);
  Tensor cosines = cos((6.283185307179586 / double(n)) * outer(index, index));
  Tensor even = abs(x - roll(flip(x, -1), 1, -1)) <= kTolerance * max(abs(x), {.axis = -1, .keepdims = true});
  return all_of(matmul(x, cosines) > 0.0, -1) & all_of(even, -1);
}

}  // namespace

Tensor Constraint::check(const Tensor& value) const {
  auto test = [&]() -> Tensor {
    const Tensor& x = value;
    switch (kind_) {
      case Kind::real: return isfinite(x);
      case Kind::positive: case Kind::softplus_positive: return x > 0.0;
      case Kind::nonnegative: return x >= 0.0;
      case Kind::greater_than: return x > lower_;
      case Kind::greater_than_eq: return x >= lower_;
      case Kind::less_than: return x < upper_;
      case Kind::less_than_eq: return x <= upper_;
      case Kind::interval: case Kind::circular: return (x >= lower_) & (x <= upper_);
      case Kind::open_interval: return (x > lower_) & (x < upper_);
      case Kind::simplex: return all_of(x >= 0.0, -1) & (abs(sum(x, -1) - 1.0) < kTolerance);
      case Kind::ordered: return all_of(diff(x) > 0.0, -1);
      case Kind::positive_ordered: return all_of(diff(x) > 0.0, -1) & all_of(x > 0.0, -1);
      case Kind::l1_ball: return sum(abs(x), -1) <= 1.0 + kTolerance;
      case Kind::sphere: return abs(sum(square(x), -1) - 1.0) < kTolerance;
      case Kind::zero_sum: return sums_vanish(x, dims_);
      case Kind::positive_definite_circulant_vector: return circulant_holds(x);
      case Kind::lower_cholesky: case Kind::softplus_lower_cholesky: case Kind::scaled_unit_lower_cholesky:
        return triangular(x);
      case Kind::corr_cholesky: return triangular(x) & all_of(abs(sum(square(x), -1) - 1.0) < kTolerance, -1);
      case Kind::corr_matrix:
        return symmetric(x) & all_of(abs(diagonal(x) - 1.0) < kTolerance, -1) & positive_eigenvalues(x);
      case Kind::positive_definite: return symmetric(x) & positive_eigenvalues(x);
      case Kind::positive_semi_definite: return symmetric(x) & semi_definite(x);
      case Kind::dependent: return full(x.shape(), true);
      case Kind::custom: return rule_->check(x);
      case Kind::boolean: return (x == 0.0) | (x == 1.0);
      case Kind::integer_interval: return (x >= lower_) & (x <= upper_) & integral(x);
      case Kind::integer_greater_than: return (x > lower_) & integral(x);
      case Kind::nonnegative_integer: return (x >= 0.0) & integral(x);
      case Kind::positive_integer: return (x >= 1.0) & integral(x);
      case Kind::multinomial: return all_of((x >= 0.0) & integral(x), -1) & (sum(x, -1) == upper_);
    }
    return {};
  };
  Tensor ok = test();
  if (extra_ == 0) return ok;
  std::vector<int> axes;
  for (int i = 1; i <= extra_; ++i) axes.push_back(-i);
  return all_of(ok, {.axis = Axes(axes)});
}

Tensor Constraint::feasible() const {
  switch (kind_) {
    case Kind::positive: case Kind::nonnegative: case Kind::positive_integer: return 1.0;
    case Kind::softplus_positive: return 0.6931471805599453;
    case Kind::greater_than: case Kind::greater_than_eq: case Kind::integer_greater_than: return lower_ + 1.0;
    case Kind::less_than: case Kind::less_than_eq: return upper_ - 1.0;
    case Kind::interval: case Kind::open_interval: case Kind::circular: return 0.5 * (lower_ + upper_);
    case Kind::integer_interval:
      return lower_.is_weak() && lower_.is_concrete() && std::isinf(lower_.item()) ? Tensor(0.0) : lower_;
    case Kind::custom: return rule_->event_dim() == 0 ? rule_->feasible({}) : Tensor(0.0);
    default: return 0.0;
  }
}

Tensor Constraint::feasible(const Shape& shape) const {
  auto whole = [&](const Tensor& x) { return broadcast_to(x, shape); };
  const std::int64_t n = shape.empty() ? 1 : shape.back();
  switch (kind_) {
    case Kind::simplex: return full(shape, 1.0 / double(n));
    case Kind::sphere: return full(shape, 1.0 / std::sqrt(double(n)));
    case Kind::ordered: return whole(arange(n).cast(f64));
    case Kind::positive_ordered: return whole(arange(1, n + 1).cast(f64));
    case Kind::positive_definite_circulant_vector: return whole((arange(n) == 0).cast(f64));
    case Kind::lower_cholesky: case Kind::softplus_lower_cholesky: case Kind::scaled_unit_lower_cholesky:
    case Kind::corr_cholesky: case Kind::corr_matrix: case Kind::positive_definite: case Kind::positive_semi_definite:
      return whole(eye(n));
    case Kind::multinomial: return whole(select(arange(n) == 0, expand_dims(upper_, -1), 0));
    case Kind::custom: return rule_->feasible(shape);
    default: return whole(feasible());
  }
}

namespace constraints {
Constraint interval(const Tensor& lower, const Tensor& upper) { return Constraint(Kind::interval, lower, upper); }
Constraint open_interval(const Tensor& lower, const Tensor& upper) {
  return Constraint(Kind::open_interval, lower, upper);
}
Constraint greater_than(const Tensor& lower) { return Constraint(Kind::greater_than, lower, {}); }
Constraint greater_than_eq(const Tensor& lower) { return Constraint(Kind::greater_than_eq, lower, {}); }
Constraint less_than(const Tensor& upper) { return Constraint(Kind::less_than, {}, upper); }
Constraint less_than_eq(const Tensor& upper) { return Constraint(Kind::less_than_eq, {}, upper); }
Constraint integer_interval(const Tensor& lower, const Tensor& upper) {
  return Constraint(Kind::integer_interval, lower, upper);
}
Constraint integer_greater_than(const Tensor& lower) { return Constraint(Kind::integer_greater_than, lower, {}); }
Constraint multinomial(const Tensor& total_count) { return Constraint(Kind::multinomial, {}, total_count); }
}  // namespace constraints

}  // namespace nuthatch
