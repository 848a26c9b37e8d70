#include "nuthatch/distributions/joint_categorical.h"

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"
#include "ppl/distributions/discrete/finite.h"

namespace nuthatch {
namespace {

/// Vectors of indices into an array of the given extents.
class Indices final : public Constraint::Rule {
 public:
  explicit Indices(Shape extents) : extents_(std::move(extents)) {}
  std::string description() const override { return "indices below " + to_string(extents_); }
  int event_dim() const override { return 1; }
  bool discrete() const override { return true; }
  Tensor check(const Tensor& x) const override {
    return all_of(
        (x >= 0) & (x < Tensor(std::vector<std::int64_t>(extents_.begin(), extents_.end()))) & (floor(x) == x), -1);
  }
  Tensor feasible(const Shape& shape) const override { return zeros(shape, i64); }

 private:
  Shape extents_;
};

class JointCategoricalMass final : public detail::DistributionImpl {
 public:
  JointCategoricalMass(const Tensor& probs, int dims, Where where)
      : DistributionImpl("JointCategorical", {{"probs", probs, Constraint(constraints::nonnegative).independent(dims)}},
                         Shape{dims}, where),
        dims_(dims) {
    if (problem) return;
    extents_ = detail::trailing(probs.shape(), std::size_t(dims));
    Tensor mass = reshape(probs, detail::join(batch_shape, {extents_.num_elements()}));
    flat_ = mass / sum(mass, {.axis = -1, .keepdims = true});
  }
  Constraint support() const override { return Constraint(share<Indices>(extents_)); }
  Tensor log_prob(const Tensor& x) const override {
    Tensor index = 0;
    for (int i = 0; i < dims_; ++i)
      index =
          index * extents_[std::size_t(i)] + clamp(take(x, Tensor(i), -1).cast(i64), 0, extents_[std::size_t(i)] - 1);
    return log(detail::pick(flat_, index));
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return unravel(categorical(key, log(flat_), detail::leading(shape, 1)));
  }
  /// Expected indices: of the marginal distributions.
  Tensor mean() const override {
    Tensor values = unravel(arange(extents_.num_elements())).cast(f64);
    return sum(expand_dims(flat_, -1) * values, -2);
  }
  Tensor variance() const override {
    Tensor values = unravel(arange(extents_.num_elements())).cast(f64);
    return sum(expand_dims(flat_, -1) * square(values - expand_dims(mean(), -2)), -2);
  }
  Tensor mode() const override { return unravel(argmax(flat_, -1)); }
  Tensor support_point() const override { return mode(); }
  Tensor entropy() const override { return -sum(xlogy(flat_, flat_), -1); }
  Tensor enumerate_support() const override { return unravel(arange(extents_.num_elements())); }
  Shared<const DistributionImpl> with_parameters(const std::vector<Tensor>& v) const override {
    return share<JointCategoricalMass>(v[0], dims_, where);
  }

 private:
  /// Indices [..., dims] from positions in row-major order.
  Tensor unravel(Tensor position) const {
    std::vector<Tensor> index(std::size_t(dims_), Tensor(0));
    for (int i = dims_ - 1; i >= 0; --i) {
      index[std::size_t(i)] = position % extents_[std::size_t(i)];
      position = position / extents_[std::size_t(i)];
    }
    return stack(index, -1);
  }
  int dims_;
  Shape extents_;
  Tensor flat_;
};

}  // namespace

Distribution JointCategorical::make(const Tensor& probs, int event_dim, Where where) {
  if (!probs.defined()) throw Error("JointCategorical: probs is missing", where);
  const int dims = event_dim < 0 ? int(probs.ndim()) : event_dim;
  if (dims < 1 || dims > int(probs.ndim()))
    throw Error("JointCategorical: event_dim " + std::to_string(dims) + " does not fit probs " +
                    to_string(probs.shape()),
                where);
  return Distribution(share<JointCategoricalMass>(probs, dims, where));
}

}  // namespace nuthatch
