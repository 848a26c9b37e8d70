#include "inference/svi/guide_rule.h"
#include "nuthatch/array.h"
#include "nuthatch/distributions/improper_uniform.h"
#include "nuthatch/index.h"
#include "nuthatch/neutra.h"
#include "nuthatch/transform.h"
#include "ppl/core/scan_sites.h"

namespace nuthatch {
namespace {

using detail::GuideLayout;

const char* const kLatent = "auto_shared_latent";

/// Latent sites as functions of one.
class NeuTra final : public Handler {
 public:
  NeuTra(Bijector map, Shared<const GuideLayout> layout, Where where)
      : map_(std::move(map)), layout_(std::move(layout)), where_(where) {}

  void process(Message& m) override {
    if (m.primitive != Primitive::sample || m.value.defined()) return;
    if (detail::has_all_steps(m))
      throw Error("NeuTraReparam: " + m.title() + " is in the body of a scan, where it cannot become a function of a site "
                  "outside" + m.context(),
                  where_);
    if (!vector_.defined()) vector_ = shared();
    const detail::GuideSite& site = layout_->site(m.name);
    const Tensor x = reshape(vector_[slice(site.offset, site.offset + site.size)], site.unconstrained_shape);
    const auto [value, log_det] = biject_to(m.distribution.support()).forward_and_log_det(x);
    m.value = value;
    Message density(Primitive::factor, "_" + m.name + "_log_prob", m.where);
    density.plates = m.plates;
    density.value = m.log_prob(true) + log_det;
    detail::dispatch_outside(*this, density);
    m.primitive = Primitive::deterministic;
  }

 private:
  Tensor shared() {
    Message latent(Primitive::sample, kLatent, where_);
    latent.distribution = ImproperUniform(constraints::real_vector(), {layout_->dim}, where_);
    latent.outside_plates = true;
    detail::dispatch_outside(*this, latent);
    const auto [x, log_det] = map_.forward_and_log_det(latent.value);
    Message jacobian(Primitive::factor, "auto_shared_log_det", where_);
    jacobian.value = log_det;
    jacobian.outside_plates = true;
    detail::dispatch_outside(*this, jacobian);
    return x;
  }
  Bijector map_;
  Shared<const GuideLayout> layout_;
  Where where_;
  Tensor vector_;
};

/// The guide's map at the params, for a model with arguments.
Bijector map_of(const Guide& guide, const Values& params, const GuideLayout& layout, Where where) {
  detail::require_one_vector(*guide.rule(), layout);
  return guide.rule()->transform(detail::params_of(params, guide.rule()->name(), where), layout);
}

}  // namespace

NeuTraReparam::NeuTraReparam(const Guide& guide, const Values& params, Where where)
    : guide_(guide), params_(params), where_(where) {
  if (!guide.rule()) throw Error("NeuTraReparam: needs an automatic guide, such as AutoIAFNormal", where);
}

Model NeuTraReparam::reparam(const Model& model) const {
  return model.changed([guide = guide_, params = params_, where = where_](const BoundModel& bound) {
    const auto layout = share<GuideLayout>(bound, where);
    const Bijector map = map_of(guide, params, *layout, where);
    return bound.handled([map, layout, where]() -> Shared<Handler> { return share<NeuTra>(map, layout, where); });
  });
}

Values NeuTraReparam::transform_bound(const Tensor& latent, const std::vector<Argument>& arguments) const {
  const GuideLayout layout(guide_.model().bind(arguments, where_), where_);
  if (latent.ndim() < 1 || latent.shape().back() != layout.dim)
    throw Error("transform_sample: draws of shape " + to_string(latent.shape()) + " for " + std::to_string(layout.dim) +
                    " latent coordinates",
                where_);
  const Bijector map = map_of(guide_, params_, layout, where_);
  Values result = jit(vmap([&](const Tensor& u) { return detail::latent_values(layout, map.forward(u)); }))(
      reshape(latent, {-1, layout.dim}));
  for (auto& [name, value] : result) {
    Shape shape = latent.shape();
    shape.pop_back();
    shape.insert(shape.end(), value.shape().begin() + 1, value.shape().end());
    value = reshape(value, shape);
  }
  return result;
}

}  // namespace nuthatch
