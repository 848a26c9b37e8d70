#include "nuthatch/bijectors.h"

#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"

namespace nuthatch {

Tensor Bijector::forward(const Tensor& x) const { return impl_->forward(x); }
Tensor Bijector::inverse(const Tensor& y) const { return impl_->inverse(y); }
Tensor Bijector::log_abs_det_jacobian(const Tensor& x) const { return forward_and_log_det(x).second; }
std::pair<Tensor, Tensor> Bijector::forward_and_log_det(const Tensor& x) const {
  auto [y, log_det] = impl_->forward_and_log_det(x);
  // The determinant of an affine map does not mention x: one number per event all the same.
  return {y, detail::broadcast_if_needed(log_det, detail::leading(y.shape(), std::size_t(codomain_event_dim())))};
}
std::pair<Tensor, Tensor> Bijector::inverse_and_log_det(const Tensor& y) const {
  auto [x, log_det] = impl_->inverse_and_log_det(y);
  return {x, detail::broadcast_if_needed(log_det, detail::leading(x.shape(), std::size_t(event_dim())))};
}
Shape Bijector::forward_shape(const Shape& x) const { return impl_->forward_shape(x); }
Shape Bijector::inverse_shape(const Shape& y) const { return impl_->inverse_shape(y); }
int Bijector::event_dim() const { return impl_->event_dim(); }
int Bijector::codomain_event_dim() const { return impl_->codomain_event_dim(); }
bool Bijector::bijective() const { return impl_->bijective(); }
Tensor Bijector::sign() const { return impl_->sign(); }
Constraint Bijector::domain() const { return impl_->domain(); }
Constraint Bijector::codomain() const { return impl_->codomain(); }
Constraint Bijector::image(const Constraint& set) const { return impl_->image(set); }

Constraint Bijector::Impl::image(const Constraint& set) const {
  return codomain().independent(std::max(0, set.event_dim() - event_dim()));
}

Bijector biject_to(const Constraint& set, Where where) {
  using Kind = Constraint::Kind;
  auto base = [&]() -> Bijector {
    switch (set.kind()) {
      case Kind::real: return transforms::identity();
      case Kind::positive: case Kind::nonnegative: return transforms::exp();
      case Kind::softplus_positive: return transforms::softplus();
      case Kind::greater_than: case Kind::greater_than_eq: return transforms::exp(set.lower());
      case Kind::less_than: case Kind::less_than_eq: return transforms::negative_exp(set.upper());
      case Kind::interval: case Kind::open_interval: case Kind::circular:
        return transforms::sigmoid(set.lower(), set.upper());
      case Kind::simplex: return transforms::stick_breaking();
      case Kind::ordered: return transforms::ordered();
      case Kind::positive_ordered: return transforms::positive_ordered();
      case Kind::l1_ball: return transforms::l1_ball();
      case Kind::zero_sum: return transforms::zero_sum(set.own_event_dim());
      case Kind::corr_cholesky: return transforms::corr_cholesky();
      case Kind::corr_matrix: return transforms::corr_matrix();
      case Kind::lower_cholesky: return transforms::lower_cholesky();
      case Kind::softplus_lower_cholesky: return transforms::softplus_lower_cholesky();
      case Kind::scaled_unit_lower_cholesky: return transforms::scaled_unit_lower_cholesky();
      case Kind::positive_definite: case Kind::positive_semi_definite: return transforms::positive_definite();
      case Kind::custom: return set.rule()->bijector();
      case Kind::sphere:
        throw Error("no smooth one-to-one map from flat space covers the sphere; sample a ProjectedNormal through a "
                    "normal vector divided by its length", where);
      case Kind::positive_definite_circulant_vector: case Kind::dependent:
        throw Error("there is no standard map onto \"" + set.description() + "\"", where);
      default: throw Error("there is no smooth map onto a discrete set (" + set.description() + ")", where);
    }
  }();
  return base.independent(set.event_dim() - set.own_event_dim());
}

}  // namespace nuthatch
