// Bijectors made of bijectors: over more dimensions, backwards, one after another.
#include <algorithm>

#include "nuthatch/bijectors.h"
#include "nuthatch/math.h"

namespace nuthatch {
namespace {

Tensor sum_last(const Tensor& x, int dims) {
  if (dims == 0) return x;
  std::vector<int> axes;
  for (int i = 1; i <= dims; ++i) axes.push_back(-i);
  return sum(x, {.axis = Axes(axes)});
}

class IndependentBijector final : public Bijector::Impl {
 public:
  IndependentBijector(Bijector base, int dims) : base_(std::move(base)), dims_(dims) {}
  int event_dim() const override { return base_.event_dim() + dims_; }
  int codomain_event_dim() const override { return base_.codomain_event_dim() + dims_; }
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override {
    auto [y, log_det] = base_.forward_and_log_det(x);
    return {y, sum_last(log_det, dims_)};
  }
  std::pair<Tensor, Tensor> inverse_and_log_det(const Tensor& y) const override {
    auto [x, log_det] = base_.inverse_and_log_det(y);
    return {x, sum_last(log_det, dims_)};
  }
  Tensor forward(const Tensor& x) const override { return base_.forward(x); }
  Tensor inverse(const Tensor& y) const override { return base_.inverse(y); }
  Shape forward_shape(const Shape& s) const override { return base_.forward_shape(s); }
  Shape inverse_shape(const Shape& s) const override { return base_.inverse_shape(s); }
  bool bijective() const override { return base_.bijective(); }
  Constraint domain() const override { return base_.domain().independent(dims_); }
  Constraint codomain() const override { return base_.codomain().independent(dims_); }
  Constraint image(const Constraint& set) const override { return base_.image(set); }

 private:
  Bijector base_;
  int dims_;
};

class Inverse final : public Bijector::Impl {
 public:
  explicit Inverse(Bijector base) : base_(std::move(base)) {}
  int event_dim() const override { return base_.codomain_event_dim(); }
  int codomain_event_dim() const override { return base_.event_dim(); }
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& y) const override {
    auto [x, log_det] = base_.inverse_and_log_det(y);
    return {x, -log_det};
  }
  std::pair<Tensor, Tensor> inverse_and_log_det(const Tensor& x) const override {
    auto [y, log_det] = base_.forward_and_log_det(x);
    return {y, -log_det};
  }
  Tensor forward(const Tensor& y) const override { return base_.inverse(y); }
  Tensor inverse(const Tensor& x) const override { return base_.forward(x); }
  Shape forward_shape(const Shape& s) const override { return base_.inverse_shape(s); }
  Shape inverse_shape(const Shape& s) const override { return base_.forward_shape(s); }
  Tensor sign() const override { return base_.sign(); }
  Constraint domain() const override { return base_.codomain(); }
  Constraint codomain() const override { return base_.domain(); }

  const Bijector& base() const { return base_; }

 private:
  Bijector base_;
};

/// The event of a composition is the smallest that holds the event of every part; a part that sees more dimensions than
/// its own sums its log determinant over them.
class Compose final : public Bijector::Impl {
 public:
  explicit Compose(std::vector<Bijector> parts) : parts_(std::move(parts)) {
    int grown = 0;  // dimensions gained by the parts so far
    for (const Bijector& part : parts_) {
      event_dim_ = std::max(event_dim_, part.event_dim() - grown);
      grown += part.codomain_event_dim() - part.event_dim();
    }
    codomain_event_dim_ = event_dim_ + grown;
  }
  int event_dim() const override { return event_dim_; }
  int codomain_event_dim() const override { return codomain_event_dim_; }

  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override {
    Tensor y = x, total;
    int dims = event_dim_;
    for (const Bijector& part : parts_) {
      auto [next, log_det] = part.forward_and_log_det(y);
      add(total, sum_last(log_det, dims - part.event_dim()));
      dims += part.codomain_event_dim() - part.event_dim();
      y = next;
    }
    return {y, total};
  }
  std::pair<Tensor, Tensor> inverse_and_log_det(const Tensor& y) const override {
    Tensor x = y, total;
    int dims = codomain_event_dim_;
    for (auto part = parts_.rbegin(); part != parts_.rend(); ++part) {
      auto [previous, log_det] = part->inverse_and_log_det(x);
      dims -= part->codomain_event_dim() - part->event_dim();
      add(total, sum_last(log_det, dims - part->event_dim()));
      x = previous;
    }
    return {x, total};
  }
  Tensor forward(const Tensor& x) const override {
    Tensor y = x;
    for (const Bijector& part : parts_) y = part.forward(y);
    return y;
  }
  Tensor inverse(const Tensor& y) const override {
    Tensor x = y;
    for (auto part = parts_.rbegin(); part != parts_.rend(); ++part) x = part->inverse(x);
    return x;
  }
  Shape forward_shape(const Shape& s) const override {
    Shape shape = s;
    for (const Bijector& part : parts_) shape = part.forward_shape(shape);
    return shape;
  }
  Shape inverse_shape(const Shape& s) const override {
    Shape shape = s;
    for (auto part = parts_.rbegin(); part != parts_.rend(); ++part) shape = part->inverse_shape(shape);
    return shape;
  }
  bool bijective() const override {
    return std::all_of(parts_.begin(), parts_.end(), [](const Bijector& part) { return part.bijective(); });
  }
  Tensor sign() const override {
    Tensor product = 1.0;
    for (const Bijector& part : parts_) {
      Tensor s = part.sign();
      if (!s.defined()) return {};
      product = product * s;
    }
    return product;
  }
  Constraint domain() const override {
    const Constraint first = parts_.front().domain();
    return first.independent(event_dim_ - parts_.front().event_dim());
  }
  Constraint codomain() const override { return image(domain()); }
  Constraint image(const Constraint& set) const override {
    Constraint result = set;
    for (const Bijector& part : parts_) result = part.image(result);
    return result;
  }

 private:
  static void add(Tensor& total, const Tensor& term) { total = total.defined() ? total + term : term; }
  std::vector<Bijector> parts_;
  int event_dim_ = 0, codomain_event_dim_ = 0;
};

}  // namespace

Bijector Bijector::independent(int dims) const {
  return dims == 0 ? *this : Bijector(share<IndependentBijector>(*this, dims));
}

Bijector Bijector::inverse() const {
  if (!bijective()) throw Error("this map has no inverse: two values have the same image");
  if (auto* inverted = dynamic_cast<const Inverse*>(impl_.get())) return inverted->base();
  return Bijector(share<Inverse>(*this));
}

Bijector Bijector::operator>>(const Bijector& next) const { return transforms::compose({*this, next}); }

namespace transforms {
Bijector compose(const std::vector<Bijector>& parts) {
  if (parts.empty()) return identity();
  return parts.size() == 1 ? parts.front() : Bijector(share<Compose>(parts));
}
}  // namespace transforms

}  // namespace nuthatch
