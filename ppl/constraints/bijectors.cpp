#include "nuthatch/bijectors.h"

#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"
#include "nuthatch/array.h"

namespace nuthatch {
namespace {

class IndependentBijector final : public Bijector::Impl {
 public:
  IndependentBijector(Bijector base, int dims) : base_(std::move(base)), dims_(dims) {}
  int event_dim() const override { return base_.event_dim() + dims_; }
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override {
    auto [y, log_det] = base_.forward_and_log_det(x);
    std::vector<int> axes;
    for (int i = 1; i <= dims_; ++i) axes.push_back(-i);
    return {y, sum(log_det, {.axis = Axes(axes)})};
  }
  Tensor forward(const Tensor& x) const override { return base_.forward(x); }
  Tensor inverse(const Tensor& y) const override { return base_.inverse(y); }
  Shape unconstrained_shape(const Shape& s) const override { return base_.unconstrained_shape(s); }
  Shape constrained_shape(const Shape& s) const override { return base_.constrained_shape(s); }

 private:
  Bijector base_;
  int dims_;
};

}  // namespace

Tensor Bijector::forward(const Tensor& x) const { return impl_->forward(x); }
Tensor Bijector::inverse(const Tensor& y) const { return impl_->inverse(y); }
Tensor Bijector::log_abs_det_jacobian(const Tensor& x) const { return forward_and_log_det(x).second; }
std::pair<Tensor, Tensor> Bijector::forward_and_log_det(const Tensor& x) const {
  auto [y, log_det] = impl_->forward_and_log_det(x);
  // The determinant of an affine map does not mention x: one number per event all the same.
  return {y, detail::broadcast_if_needed(log_det, detail::leading(x.shape(), std::size_t(event_dim())))};
}
Shape Bijector::unconstrained_shape(const Shape& s) const { return impl_->unconstrained_shape(s); }
Shape Bijector::constrained_shape(const Shape& s) const { return impl_->constrained_shape(s); }
int Bijector::event_dim() const { return impl_->event_dim(); }
Bijector Bijector::independent(int dims) const {
  return dims == 0 ? *this : Bijector(std::make_shared<IndependentBijector>(*this, dims));
}

Bijector biject_to(const Constraint& set) {
  auto base = [&]() -> Bijector {
    using Kind = Constraint::Kind;
    switch (set.kind()) {
      case Kind::real: return transforms::identity();
      case Kind::positive: case Kind::nonnegative: return transforms::exp();
      case Kind::greater_than: return transforms::exp(set.lower());
      case Kind::less_than: return transforms::negative_exp(set.upper());
      case Kind::interval: return transforms::sigmoid(set.lower(), set.upper());
      case Kind::simplex: return transforms::stick_breaking();
      case Kind::ordered: return transforms::ordered();
      case Kind::positive_ordered: return transforms::positive_ordered();
      case Kind::corr_cholesky: return transforms::corr_cholesky();
      case Kind::lower_cholesky: return transforms::lower_cholesky();
      case Kind::positive_definite: return transforms::positive_definite();
      default: throw Error("there is no smooth map onto a discrete set (" + set.description() + ")");
    }
  }();
  return base.independent(set.event_dim() - set.own_event_dim());
}

}  // namespace nuthatch
