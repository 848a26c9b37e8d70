#pragma once
/// NeuTra: the sampler moves where a fitted guide says the posterior is nearly standard normal. Hoffman, Sountsov, Dillon,
/// Langmore, Tran & Vasudevan (2019).
///
///     auto result = SVI(funnel, AutoIAFNormal(funnel), Adam(0.01)).run(Key(0));
///     auto fit = MCMC(NUTS(reparam(funnel, NeuTraReparam(AutoIAFNormal(funnel), result.params)))).run(Key(1));
///     fit["x"];                          // the model's own sites come back as draws
#include "nuthatch/svi.h"

namespace nuthatch {

/// All latent sites of the model become functions of one site `auto_shared_latent` [dim], u, by the guide's map f from
/// standard normals to unconstrained space; log |det df/du| is the factor `auto_shared_log_det`, and the log density of
/// site x, in unconstrained space, the factor `_x_log_prob`. The posterior is that of the model, exactly, whatever the
/// guide; the better the guide, the closer u is to independent standard normals.
class NeuTraReparam {
 public:
  /// Any automatic guide that is a distribution of one vector, and the params that SVI found for it.
  NeuTraReparam(const Guide& guide, const Values& params, Where where = Where::current());

  Model reparam(const Model& model) const;
  /// Values of the model's latent sites at draws of the shared site, [..., dim]: each [..., site]. The arguments are the
  /// model's.
  template <class... A>
  Values transform_sample(const Tensor& latent, const A&... arguments) const {
    return transform_bound(latent, {Argument(arguments)...});
  }

 private:
  Values transform_bound(const Tensor& latent, const std::vector<Argument>&) const;
  Guide guide_;
  Values params_;
  Where where_;
};

inline Model reparam(const Model& model, const NeuTraReparam& neutra) { return neutra.reparam(model); }

}  // namespace nuthatch
