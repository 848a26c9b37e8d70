#pragma once
/// Guides: families of distributions of a model's latent sites, with params to be optimised. A guide is a model with the
/// parameters of the model it belongs to and `param` statements, or one of the automatic ones below:
///
///     AutoNormal(model)                                 // independent normals in unconstrained space
///     AutoLowRankMultivariateNormal(model, {.rank = 5})
///
/// Automatic guides run the model to find its latent sites, and map unconstrained space onto each site's support, also
/// where that depends on other sites. Everything that an automatic guide adds is named "<prefix>_...".
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "nuthatch/bijectors.h"
#include "nuthatch/detail/shared.h"
#include "nuthatch/kernels/init.h"
#include "nuthatch/log_density.h"

namespace nuthatch {

namespace detail {
class GuideRule;
struct GuideLayout;
}  // namespace detail

/// A guide with the arguments of its model.
class BoundGuide {
 public:
  BoundGuide(BoundModel model, BoundModel guide, Shared<const detail::GuideRule> rule,
             Shared<const detail::GuideLayout> layout)
      : model_(std::move(model)), guide_(std::move(guide)), rule_(std::move(rule)), layout_(std::move(layout)) {}

  /// The guide's statements.
  const BoundModel& statements() const { return guide_; }
  const BoundModel& model() const { return model_; }
  /// True where values of latent sites are inside their supports by construction.
  bool automatic() const { return rule_ != nullptr; }
  /// The same guide for a variant of its model.
  BoundGuide with_model(const BoundModel& model) const { return BoundGuide(model, guide_, rule_, layout_); }
  /// The guide to draw from at `params`: for a Laplace approximation the normal around the mode, else this one.
  BoundGuide fitted(const Values& params) const;

  /// Draws of the latent sites, and the deterministics computed from them, at `params`: sample_shape + the site's shape.
  /// Draw i depends on (key, i) only.
  Values sample_posterior(const Key& key, const Values& params, const Shape& sample_shape = {},
                          Where where = Where::current()) const;

  // ---- of automatic guides; others have no closed form, and it is an Error that says so ----

  /// The median of every coordinate of unconstrained space, as values of the latent sites.
  Values median(const Values& params, Where where = Where::current()) const;
  /// Quantiles of every coordinate of unconstrained space, as values of the latent sites: [q.size(), ...site].
  Values quantiles(const Values& params, const std::vector<double>& q, Where where = Where::current()) const;
  /// The map from a standard normal vector [dim] to the unconstrained vector [dim] of LogDensity.
  Bijector get_transform(const Values& params, Where where = Where::current()) const;
  /// The distribution of the unconstrained vector, of event shape [dim].
  Distribution get_posterior(const Values& params, Where where = Where::current()) const;
  /// The log density whose unconstrained vector that is; plates are subsampled with a fixed key.
  const LogDensity& log_density(Where where = Where::current()) const;

 private:
  const detail::GuideRule& rule(const char* what, Where where) const;

  BoundModel model_, guide_;
  Shared<const detail::GuideRule> rule_;      // null: a model of the user's
  Shared<const detail::GuideLayout> layout_;  // of an automatic guide
};

class Guide {
 public:
  /// Any model is a guide.
  template <class F>
    requires(!std::derived_from<F, Guide>)
  Guide(const F& f) : model_(f) {}
  Guide(const Model& model, Shared<const detail::GuideRule> rule) : model_(model), rule_(std::move(rule)) {}

  /// The guide with the arguments of its model: for what is asked of it at given params.
  template <class... A>
  BoundGuide operator()(const A&... arguments) const {
    return bind({Argument(arguments)...}, Where::current());
  }
  BoundGuide bind(const std::vector<Argument>& arguments, Where where = Where::current()) const;
  /// The same with a search for starting values, which become the initial values of its params.
  BoundGuide start(const std::vector<Argument>& arguments, const Key& key, Where where = Where::current()) const;
  /// The tensors among the arguments.
  std::vector<Tensor> data(const std::vector<Argument>& arguments, Where where = Where::current()) const;

  /// Null for a guide of the user's.
  const Shared<const detail::GuideRule>& rule() const { return rule_; }
  /// The guide's model, or the user's guide itself.
  const Model& model() const { return model_; }

 private:
  BoundGuide bound(const std::vector<Argument>&, const Key*, Where) const;
  Model model_;
  Shared<const detail::GuideRule> rule_;
};

// ---- options ----

/// What automatic guides have in common.
struct AutoGuideOptions {
  OnlyNamed only_named{};
  /// Where the latent sites start: the strategies of MCMC.
  Init init = init_to_uniform();
  /// Standard deviation, in unconstrained space, at the start.
  double init_scale = 0.1;
  std::string prefix = "auto";
};
struct AutoDeltaOptions {
  OnlyNamed only_named{};
  Init init = init_to_median();
  std::string prefix = "auto";
};
struct AutoLowRankOptions {
  OnlyNamed only_named{};
  /// Columns of the factor; 0: the square root of the dimension, rounded up.
  std::int64_t rank = 0;
  Init init = init_to_uniform();
  double init_scale = 0.1;
  std::string prefix = "auto";
};
struct AutoIAFOptions {
  OnlyNamed only_named{};
  std::int64_t num_flows = 3;
  /// Widths of the hidden layers; empty: two as wide as the vector.
  std::vector<std::int64_t> hidden{};
  bool skip_connections = false;
  Init init = init_to_uniform();
  double init_scale = 0.1;
  std::string prefix = "auto";
};
struct AutoBNAFOptions {
  OnlyNamed only_named{};
  std::int64_t num_flows = 1;
  /// Units of every hidden layer per coordinate.
  std::vector<std::int64_t> hidden{8, 8};
  Init init = init_to_uniform();
  double init_scale = 0.1;
  std::string prefix = "auto";
};
struct AutoLaplaceOptions {
  OnlyNamed only_named{};
  Init init = init_to_uniform();
  std::string prefix = "auto";
};

// ---- site by site; plates may be subsampled, and latent sites stand inside them ----

/// A point: params `<site>_<prefix>_loc` in the site's support. Its optimum is the maximum of the posterior density in
/// constrained space.
struct AutoDelta : Guide {
  AutoDelta(const Model& model, const AutoDeltaOptions& options = {}, Where where = Where::current());
};
/// Independent normals in unconstrained space, params `<site>_<prefix>_loc` and `<site>_<prefix>_scale`. A site in a
/// subsampled plate has one of each per member of the whole plate.
struct AutoNormal : Guide {
  AutoNormal(const Model& model, const AutoGuideOptions& options = {}, Where where = Where::current());
};

// ---- one distribution of the whole unconstrained vector ----

/// Independent normals; params `<prefix>_loc`, `<prefix>_scale` [dim].
struct AutoDiagonalNormal : Guide {
  AutoDiagonalNormal(const Model& model, const AutoGuideOptions& options = {}, Where where = Where::current());
};
/// A normal with any covariance L L^T; params `<prefix>_loc` [dim], `<prefix>_scale_tril` [dim, dim].
struct AutoMultivariateNormal : Guide {
  AutoMultivariateNormal(const Model& model, const AutoGuideOptions& options = {}, Where where = Where::current());
};
/// A normal of covariance diag(s) (W W^T + 1) diag(s): params `<prefix>_loc`, `<prefix>_scale` (s) [dim] and
/// `<prefix>_cov_factor` (W) [dim, rank].
struct AutoLowRankMultivariateNormal : Guide {
  AutoLowRankMultivariateNormal(const Model& model, const AutoLowRankOptions& options = {}, Where where = Where::current());
};
/// A normal around the mode of the density in unconstrained space, with the inverse of the negative Hessian there as
/// covariance: optimisation moves the mode `<prefix>_loc` [dim] alone. An Error when the Hessian is not definite.
struct AutoLaplaceApproximation : Guide {
  AutoLaplaceApproximation(const Model& model, const AutoLaplaceOptions& options = {}, Where where = Where::current());
};

/// Standard normals through `num_flows` inverse autoregressive flows (flows.h), with the order of coordinates reversed
/// between them, then loc + scale x. Kingma et al. (2016). Params `<prefix>_flow_<k>...`, `<prefix>_loc` and
/// `<prefix>_scale` [dim].
struct AutoIAFNormal : Guide {
  AutoIAFNormal(const Model& model, const AutoIAFOptions& options = {}, Where where = Where::current());
};
/// The same with block neural autoregressive flows. De Cao, Aziz & Titov (2019).
struct AutoBNAFNormal : Guide {
  AutoBNAFNormal(const Model& model, const AutoBNAFOptions& options = {}, Where where = Where::current());
};

// ---- several ----

/// Guides for parts of the latent sites, which are independent of each other:
///
///     AutoGuideList(model, {{{"b"}, AutoMultivariateNormal(model)}, {{"s"}, AutoDelta(model)}})
///
/// Every latent site belongs to one part, and all start by the strategy of the first. Params of part i are those of its guide
/// under the scope "<i>/": "0/auto_loc".
struct AutoGuideList : Guide {
  using Part = std::pair<std::vector<std::string>, Guide>;
  AutoGuideList(const Model& model, const std::vector<Part>& parts, Where where = Where::current());
};

}  // namespace nuthatch
