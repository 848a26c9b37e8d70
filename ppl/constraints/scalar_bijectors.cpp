// Bijectors of single numbers.
#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "nuthatch/bijectors.h"

#include "nuthatch/array.h"
#include "nuthatch/math.h"
#include "ppl/constraints/literal.h"

namespace nuthatch {
namespace {

/// Whether all elements of a concrete tensor are negative. On the host: inside a trace a comparison is traced, whatever its
/// operands.
bool negative(const Tensor& x) {
  if (!x.is_concrete()) return false;
  const std::vector<double> values = x.to_vector();
  return std::all_of(values.begin(), values.end(), [](double v) { return v < 0; });
}

using detail::is_literal;

/// The largest number below 1. A sigmoid rounds to 1 from 37 on, where densities on the unit interval may be infinite.
constexpr double kBelowOne = 1.0 - 0x1p-53;

/// The ends of a set of numbers without gaps; undefined where it is unbounded. Nothing for other sets.
std::optional<std::pair<Tensor, Tensor>> bounds(const Constraint& set) {
  using Kind = Constraint::Kind;
  switch (set.kind()) {
    case Kind::real: return std::pair(Tensor(), Tensor());
    case Kind::positive: case Kind::nonnegative: case Kind::softplus_positive: return std::pair(Tensor(0.0), Tensor());
    case Kind::greater_than: case Kind::greater_than_eq: case Kind::less_than: case Kind::less_than_eq:
    case Kind::interval: case Kind::open_interval: case Kind::circular:
      return std::pair(set.lower(), set.upper());
    default: return std::nullopt;
  }
}

Constraint between(const Tensor& lower, const Tensor& upper) {
  if (lower.defined() && upper.defined()) return constraints::interval(lower, upper);
  if (lower.defined()) return is_literal(lower, 0.0) ? Constraint(constraints::positive) : constraints::greater_than(lower);
  if (upper.defined()) return constraints::less_than(upper);
  return constraints::real;
}

/// A monotone function of one number takes an interval to the interval between the images of its ends.
class Monotone : public Bijector::Impl {
 public:
  int event_dim() const override { return 0; }
  Tensor sign() const override { return 1.0; }
  Constraint image(const Constraint& set) const override {
    auto ends = bounds(set), all = bounds(codomain());
    if (!ends) return Impl::image(set);
    Tensor low = ends->first.defined() ? forward(ends->first) : Tensor();
    Tensor high = ends->second.defined() ? forward(ends->second) : Tensor();
    if (decreases()) std::swap(low, high);
    return between(low.defined() ? low : all->first, high.defined() ? high : all->second).independent(set.event_dim());
  }

 protected:
  virtual bool decreases() const { return false; }
};

class Identity final : public Monotone {
 public:
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override { return {x, 0.0}; }
  Tensor inverse(const Tensor& y) const override { return y; }
  Constraint image(const Constraint& set) const override { return set; }
};

class Affine final : public Monotone {
 public:
  Affine(Tensor loc, Tensor scale) : loc_(std::move(loc)), scale_(std::move(scale)) {}
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override {
    return {forward(x), log(nuthatch::abs(scale_))};
  }
  Tensor forward(const Tensor& x) const override { return loc_ + scale_ * x; }
  Tensor inverse(const Tensor& y) const override { return (y - loc_) / scale_; }
  Tensor sign() const override { return nuthatch::sign(scale_); }
  Constraint image(const Constraint& set) const override {
    // Of an interval both ends are known, whatever the direction.
    if (auto ends = bounds(set); ends && ends->first.defined() && ends->second.defined() && !scale_.is_concrete()) {
      Tensor a = forward(ends->first), b = forward(ends->second);
      return constraints::interval(minimum(a, b), maximum(a, b)).independent(set.event_dim());
    }
    return Monotone::image(set);
  }

 protected:
  bool decreases() const override {
    return negative(scale_);
  }

 private:
  Tensor loc_, scale_;
};

class Exp final : public Monotone {
 public:
  explicit Exp(Tensor lower) : lower_(std::move(lower)) {}
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override { return {forward(x), x}; }
  Tensor forward(const Tensor& x) const override {
    return is_literal(lower_, 0.0) ? nuthatch::exp(x) : lower_ + nuthatch::exp(x);
  }
  Tensor inverse(const Tensor& y) const override { return is_literal(lower_, 0.0) ? log(y) : log(y - lower_); }
  Constraint codomain() const override { return between(lower_, {}); }

 private:
  Tensor lower_;
};

class NegativeExp final : public Monotone {
 public:
  explicit NegativeExp(Tensor upper) : upper_(std::move(upper)) {}
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override { return {upper_ - nuthatch::exp(x), x}; }
  Tensor inverse(const Tensor& y) const override { return log(upper_ - y); }
  Tensor sign() const override { return -1.0; }
  Constraint codomain() const override { return constraints::less_than(upper_); }

 protected:
  bool decreases() const override { return true; }

 private:
  Tensor upper_;
};

class Sigmoid final : public Monotone {
 public:
  Sigmoid(Tensor lower, Tensor upper)
      : lower_(std::move(lower)), upper_(std::move(upper)),
        unit_(is_literal(lower_, 0.0) && is_literal(upper_, 1.0)) {}
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override {
    // log sigmoid'(x) = -softplus(x) - softplus(-x) = x - 2 softplus(x).
    Tensor log_slope = x - 2.0 * nuthatch::softplus(x);
    return {forward(x), unit_ ? log_slope : log_slope + log(upper_ - lower_)};
  }
  Tensor forward(const Tensor& x) const override {
    Tensor unit = minimum(sigmoid(x), kBelowOne);
    return unit_ ? unit : lower_ + (upper_ - lower_) * unit;
  }
  Tensor inverse(const Tensor& y) const override {
    return unit_ ? log(y) - log1p(-y) : log(y - lower_) - log(upper_ - y);
  }
  Constraint codomain() const override { return constraints::interval(lower_, upper_); }

 private:
  Tensor lower_, upper_;
  bool unit_;
};

class Softplus final : public Monotone {
 public:
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override {
    return {nuthatch::softplus(x), -nuthatch::softplus(-x)};
  }
  Tensor forward(const Tensor& x) const override { return nuthatch::softplus(x); }
  /// log(exp(y) - 1) = y + log(1 - exp(-y)).
  Tensor inverse(const Tensor& y) const override { return y + log1mexp(y); }
  Constraint codomain() const override { return constraints::softplus_positive; }
};

class Tanh final : public Monotone {
 public:
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override {
    // log(1 - tanh(x)^2) without cancellation.
    return {nuthatch::tanh(x), -2.0 * (x + nuthatch::softplus(-2.0 * x) - 0.6931471805599453)};
  }
  Tensor inverse(const Tensor& y) const override { return 0.5 * (log1p(y) - log1p(-y)); }
  Constraint codomain() const override { return constraints::interval(-1.0, 1.0); }
};

class Power final : public Monotone {
 public:
  explicit Power(Tensor exponent) : exponent_(std::move(exponent)) {}
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override {
    Tensor y = pow(x, exponent_);
    return {y, log(nuthatch::abs(exponent_)) + (exponent_ - 1.0) * log(x)};
  }
  Tensor forward(const Tensor& x) const override { return pow(x, exponent_); }
  Tensor inverse(const Tensor& y) const override { return pow(y, reciprocal(exponent_)); }
  Tensor sign() const override { return nuthatch::sign(exponent_); }
  Constraint domain() const override { return constraints::positive; }
  Constraint codomain() const override { return constraints::positive; }
  /// x^a runs down from infinity when a < 0.
  Constraint image(const Constraint& set) const override {
    auto ends = bounds(set);
    const bool down = negative(exponent_);
    if (!ends || !exponent_.is_concrete()) return Impl::image(set);
    auto at = [&](const Tensor& x) { return x.defined() && !is_literal(x, 0.0) ? forward(x) : Tensor(); };
    Tensor low = at(down ? ends->second : ends->first), high = at(down ? ends->first : ends->second);
    return between(low.defined() ? low : Tensor(0.0), high).independent(set.event_dim());
  }

 private:
  Tensor exponent_;
};

class Abs final : public Bijector::Impl {
 public:
  int event_dim() const override { return 0; }
  bool bijective() const override { return false; }
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override { return {nuthatch::abs(x), 0.0}; }
  Tensor inverse(const Tensor& y) const override { return y; }
  Constraint codomain() const override { return constraints::nonnegative; }
};

}  // namespace

namespace transforms {
Bijector identity() { return Bijector(share<Identity>()); }
Bijector affine(const Tensor& loc, const Tensor& scale) { return Bijector(share<Affine>(loc, scale)); }
Bijector exp(const Tensor& lower) { return Bijector(share<Exp>(lower)); }
Bijector negative_exp(const Tensor& upper) { return Bijector(share<NegativeExp>(upper)); }
Bijector sigmoid(const Tensor& lower, const Tensor& upper) {
  return Bijector(share<Sigmoid>(lower, upper));
}
Bijector softplus() { return Bijector(share<Softplus>()); }
Bijector tanh() { return Bijector(share<Tanh>()); }
Bijector power(const Tensor& exponent) { return Bijector(share<Power>(exponent)); }
Bijector abs() { return Bijector(share<Abs>()); }
}  // namespace transforms

}  // namespace nuthatch
