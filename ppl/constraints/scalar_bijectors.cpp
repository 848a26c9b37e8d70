// Bijectors of single numbers.
#include "nuthatch/bijectors.h"

#include "nuthatch/array.h"
#include "nuthatch/math.h"
#include "ppl/constraints/literal.h"

namespace nuthatch {
namespace {

using detail::is_literal;

/// The largest number below 1. A sigmoid rounds to 1 from 37 on, where densities on the unit interval may be infinite.
constexpr double kBelowOne = 1.0 - 0x1p-53;

class Identity final : public Bijector::Impl {
 public:
  int event_dim() const override { return 0; }
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override { return {x, 0.0}; }
  Tensor inverse(const Tensor& y) const override { return y; }
};

class Exp final : public Bijector::Impl {
 public:
  explicit Exp(Tensor lower) : lower_(std::move(lower)) {}
  int event_dim() const override { return 0; }
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override { return {forward(x), x}; }
  Tensor forward(const Tensor& x) const override {
    return is_literal(lower_, 0.0) ? nuthatch::exp(x) : lower_ + nuthatch::exp(x);
  }
  Tensor inverse(const Tensor& y) const override { return is_literal(lower_, 0.0) ? log(y) : log(y - lower_); }

 private:
  Tensor lower_;
};

class NegativeExp final : public Bijector::Impl {
 public:
  explicit NegativeExp(Tensor upper) : upper_(std::move(upper)) {}
  int event_dim() const override { return 0; }
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override { return {upper_ - nuthatch::exp(x), x}; }
  Tensor inverse(const Tensor& y) const override { return log(upper_ - y); }

 private:
  Tensor upper_;
};

class Sigmoid final : public Bijector::Impl {
 public:
  Sigmoid(Tensor lower, Tensor upper)
      : lower_(std::move(lower)), upper_(std::move(upper)),
        unit_(is_literal(lower_, 0.0) && is_literal(upper_, 1.0)) {}
  int event_dim() const override { return 0; }
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override {
    // log sigmoid'(x) = -softplus(x) - softplus(-x) = x - 2 softplus(x).
    Tensor log_slope = x - 2.0 * softplus(x);
    return {forward(x), unit_ ? log_slope : log_slope + log(upper_ - lower_)};
  }
  Tensor forward(const Tensor& x) const override {
    Tensor unit = minimum(logistic(x), kBelowOne);
    return unit_ ? unit : lower_ + (upper_ - lower_) * unit;
  }
  Tensor inverse(const Tensor& y) const override {
    return unit_ ? log(y) - log1p(-y) : log(y - lower_) - log(upper_ - y);
  }

 private:
  Tensor lower_, upper_;
  bool unit_;
};

}  // namespace

namespace transforms {
Bijector identity() { return Bijector(std::make_shared<Identity>()); }
Bijector exp(const Tensor& lower) { return Bijector(std::make_shared<Exp>(lower)); }
Bijector negative_exp(const Tensor& upper) { return Bijector(std::make_shared<NegativeExp>(upper)); }
Bijector sigmoid(const Tensor& lower, const Tensor& upper) {
  return Bijector(std::make_shared<Sigmoid>(lower, upper));
}
}  // namespace transforms

}  // namespace nuthatch
