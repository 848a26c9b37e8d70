#include "nuthatch/distributions/lkj_cholesky_cov.h"

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"
#include "ppl/distributions/multivariate/lkj_density.h"

namespace nuthatch {
namespace {

class LKJCholeskyCovDensity final : public detail::DistributionImpl {
 public:
  LKJCholeskyCovDensity(std::int64_t dimension, const Tensor& concentration, Distribution scales, Where where)
      : DistributionImpl("LKJCholeskyCov", {{"concentration", concentration, constraints::positive}},
                         {dimension, dimension}, where),
        n_(dimension), scales_(std::move(scales)) {
    if (!problem) problem = scales_.impl()->problem;
    auto batch = detail::try_broadcast(batch_shape, detail::leading(scales_.batch_shape(), 1));
    if (!problem && !batch) problem = "LKJCholeskyCov: the batch shapes of concentration and scales do not fit";
    if (batch) batch_shape = *batch;
  }
  Constraint support() const override { return constraints::lower_cholesky; }
  detail::Terms terms(const Tensor& L) const override {
    Tensor log_scale = 0.5 * log(sum(square(L), -1)), log_diagonal = log(diagonal(L)) - log_scale;
    Tensor scale = exp(log_scale);
    // Row i = 0 .. n - 1 has i entries left of the diagonal: |dL / d(s, C)| = prod_i s_i^i / C_ii.
    Tensor volume = sum(log_diagonal - arange(n_).cast(f64) * log_scale, -1);
    return {{detail::lkj_cholesky_kernel(eta(), log_diagonal)},
            {detail::lkj_log_normaliser(eta(), n_), -1.0},
            {sum(scales_.log_prob(scale), -1)},
            {volume}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    auto [k_correlation, k_scale] = split<2>(key);
    Tensor s = scales_.impl()->sample(k_scale, detail::leading(shape, 1));
    return expand_dims(s, -1) * detail::lkj_cholesky_draw(k_correlation, eta(), shape);
  }
  bool has_rsample() const override { return scales_.has_rsample(); }
  Tensor support_point() const override {
    return diag(detail::broadcast_if_needed(scales_.support_point(), detail::join(batch_shape, {n_})));
  }

 private:
  const Tensor& eta() const { return p(0); }
  std::int64_t n_;
  Distribution scales_;
};

}  // namespace

LKJCholeskyCov::LKJCholeskyCov(std::int64_t dimension, const Tensor& concentration, const Distribution& scales,
                               Where where) {
  const std::string name = "LKJCholeskyCov: ";
  if (dimension < 2) throw Error(name + "dimension must be 2 or more, but it is " + std::to_string(dimension), where);
  scales.validate();
  if (!scales.event_shape().empty() || scales.support().discrete())
    throw Error(name + "scales must be a distribution of single positive numbers", where);
  Shape batch = scales.batch_shape();
  if (batch.empty()) batch.push_back(dimension);
  if (batch.back() == 1) batch.back() = dimension;
  if (batch.back() != dimension)
    throw Error(name + "scales of batch shape " + to_string(scales.batch_shape()) + " do not fit dimension " +
                    std::to_string(dimension),
                where);
  static_cast<Distribution&>(*this) = Distribution(
      share<LKJCholeskyCovDensity>(dimension, concentration, scales.expand(batch, where), where));
}

}  // namespace nuthatch
