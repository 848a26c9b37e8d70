// Guides that are one distribution of the whole unconstrained vector.
#include "inference/svi/vector_guide.h"

#include <algorithm>
#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/distributions/low_rank_multivariate_normal.h"
#include "nuthatch/distributions/multivariate_normal.h"
#include "nuthatch/distributions/normal.h"
#include "nuthatch/index.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "nuthatch/transform.h"

namespace nuthatch {
namespace detail {
namespace {

/// Values at the pieces of a vector.
class VectorSource final : public SiteSource {
 public:
  explicit VectorSource(Tensor vector) : vector_(std::move(vector)) {}
  Tensor value(const Message& m, const GuideSite& site, const GuideStatements& statements) const override {
    return statements.image(m, reshape(vector_[slice(site.offset, site.offset + site.size)], site.unconstrained_shape));
  }

 private:
  Tensor vector_;
};

}  // namespace

std::unique_ptr<SiteSource> VectorRule::begin(const GuideLayout& layout, const GuideStatements& statements) const {
  require_one_vector(*this, layout);
  return std::make_unique<VectorSource>(draw(layout, statements));
}

Tensor VectorRule::draw(const GuideLayout& layout, const GuideStatements& statements) const {
  // The density of a transformed draw needs no inverse where the draw is made here.
  const Tensor z = statements.draw(prefix_ + "_base", Normal(0.0, 1.0).expand({layout.dim}).to_event(1));
  const auto [x, log_det] = transform(statements.params(), layout).forward_and_log_det(z);
  statements.factor(prefix_ + "_log_det", -log_det);
  return x;
}

}  // namespace detail

namespace {

using namespace detail;

Tensor initial_scale(const GuideLayout& layout, double scale) { return full(Shape{layout.dim}, scale); }
/// Standard deviations under the covariance L L^T.
Tensor deviations(const Tensor& scale_tril) { return sqrt(sum(square(scale_tril), -1)); }

class DiagonalRule final : public VectorRule {
 public:
  DiagonalRule(const AutoGuideOptions& o, Where where) : VectorRule(o.prefix, where), o_(o) {}
  const char* name() const override { return "AutoDiagonalNormal"; }
  const Init& init() const override { return o_.init; }
  Bijector transform(const GuideParams& params, const GuideLayout& layout) const override {
    const auto [loc, scale] = location_and_scale(params, layout);
    return transforms::affine(loc, scale).independent(1);
  }
  Distribution posterior(const GuideParams& params, const GuideLayout& layout) const override {
    const auto [loc, scale] = location_and_scale(params, layout);
    return Normal(loc, scale).to_event(1);
  }
  std::pair<Tensor, Tensor> location_and_scale(const GuideParams& params, const GuideLayout& layout) const override {
    return {params(o_.prefix + "_loc", layout.start, constraints::real_vector()),
            params(o_.prefix + "_scale", initial_scale(layout, o_.init_scale), constraints::softplus_positive)};
  }

 private:
  AutoGuideOptions o_;
};

class FullRule final : public VectorRule {
 public:
  FullRule(const AutoGuideOptions& o, Where where) : VectorRule(o.prefix, where), o_(o) {}
  const char* name() const override { return "AutoMultivariateNormal"; }
  const Init& init() const override { return o_.init; }
  Bijector transform(const GuideParams& params, const GuideLayout& layout) const override {
    return transforms::lower_cholesky_affine(loc(params, layout), scale_tril(params, layout));
  }
  Distribution posterior(const GuideParams& params, const GuideLayout& layout) const override {
    return MultivariateNormal({.loc = loc(params, layout), .scale_tril = scale_tril(params, layout)}, where);
  }
  std::pair<Tensor, Tensor> location_and_scale(const GuideParams& params, const GuideLayout& layout) const override {
    return {loc(params, layout), deviations(scale_tril(params, layout))};
  }

 private:
  Tensor loc(const GuideParams& params, const GuideLayout& layout) const {
    return params(o_.prefix + "_loc", layout.start, constraints::real_vector());
  }
  Tensor scale_tril(const GuideParams& params, const GuideLayout& layout) const {
    return params(o_.prefix + "_scale_tril", o_.init_scale * eye(layout.dim),
                  constraints::scaled_unit_lower_cholesky);
  }
  AutoGuideOptions o_;
};

class LowRankRule final : public VectorRule {
 public:
  LowRankRule(const AutoLowRankOptions& o, Where where) : VectorRule(o.prefix, where), o_(o) {}
  const char* name() const override { return "AutoLowRankMultivariateNormal"; }
  const Init& init() const override { return o_.init; }
  Bijector transform(const GuideParams& params, const GuideLayout& layout) const override {
    const Parts p = parts(params, layout);
    return transforms::lower_cholesky_affine(p.loc, cholesky(matmul(p.factor, nuthatch::transpose(p.factor)) + diag(square(p.scale))));
  }
  Distribution posterior(const GuideParams& params, const GuideLayout& layout) const override {
    const Parts p = parts(params, layout);
    return LowRankMultivariateNormal(p.loc, p.factor, square(p.scale), where);
  }
  std::pair<Tensor, Tensor> location_and_scale(const GuideParams& params, const GuideLayout& layout) const override {
    const Parts p = parts(params, layout);
    return {p.loc, sqrt(sum(square(p.factor), -1) + square(p.scale))};
  }

 protected:
  Tensor draw(const GuideLayout& layout, const GuideStatements& statements) const override {
    return statements.draw(o_.prefix + "_vector", posterior(statements.params(), layout));
  }

 private:
  struct Parts {
    Tensor loc, scale, factor;
  };
  Parts parts(const GuideParams& params, const GuideLayout& layout) const {
    const std::int64_t dim = layout.dim;
    const std::int64_t rank = o_.rank > 0 ? o_.rank : std::int64_t(std::ceil(std::sqrt(double(dim))));
    if (rank > dim)
      throw Error("AutoLowRankMultivariateNormal: rank " + std::to_string(rank) + " for " + std::to_string(dim) +
                      " latent coordinates",
                  where);
    const Tensor loc = params(o_.prefix + "_loc", layout.start, constraints::real_vector());
    const Tensor scale = params(o_.prefix + "_scale", initial_scale(layout, o_.init_scale), constraints::softplus_positive);
    const Tensor factor = params(o_.prefix + "_cov_factor", zeros({dim, rank}), constraints::real_matrix());
    return {loc, scale, expand_dims(scale, -1) * factor};
  }
  AutoLowRankOptions o_;
};

/// A normal that is known: what a Laplace approximation samples.
class KnownNormal final : public VectorRule {
 public:
  KnownNormal(const std::string& prefix, Init init, Tensor loc, Tensor scale_tril, Where where)
      : VectorRule(prefix, where), init_(std::move(init)), loc_(std::move(loc)), scale_tril_(std::move(scale_tril)) {}
  const char* name() const override { return "AutoLaplaceApproximation"; }
  const Init& init() const override { return init_; }
  Bijector transform(const GuideParams&, const GuideLayout&) const override {
    return transforms::lower_cholesky_affine(loc_, scale_tril_);
  }
  Distribution posterior(const GuideParams&, const GuideLayout&) const override {
    return MultivariateNormal({.loc = loc_, .scale_tril = scale_tril_}, where);
  }
  std::pair<Tensor, Tensor> location_and_scale(const GuideParams&, const GuideLayout&) const override {
    return {loc_, deviations(scale_tril_)};
  }

 private:
  Init init_;
  Tensor loc_, scale_tril_;
};

class LaplaceRule final : public VectorRule {
 public:
  LaplaceRule(const AutoLaplaceOptions& o, Where where) : VectorRule(o.prefix, where), o_(o) {}
  const char* name() const override { return "AutoLaplaceApproximation"; }
  const Init& init() const override { return o_.init; }
  Shared<const GuideRule> fitted(const Values& table, const GuideLayout& layout) const override {
    return normal_at(loc(params_of(table, name(), where), layout), layout);
  }
  Bijector transform(const GuideParams& params, const GuideLayout& layout) const override {
    return normal_at(loc(params, layout), layout)->transform(params, layout);
  }
  Distribution posterior(const GuideParams& params, const GuideLayout& layout) const override {
    return normal_at(loc(params, layout), layout)->posterior(params, layout);
  }
  std::pair<Tensor, Tensor> location_and_scale(const GuideParams& params, const GuideLayout& layout) const override {
    return normal_at(loc(params, layout), layout)->location_and_scale(params, layout);
  }

 protected:
  Tensor draw(const GuideLayout& layout, const GuideStatements& statements) const override {
    return loc(statements.params(), layout);
  }

 private:
  Tensor loc(const GuideParams& params, const GuideLayout& layout) const {
    return params(o_.prefix + "_loc", layout.start, constraints::real_vector());
  }
  Shared<const GuideRule> normal_at(const Tensor& loc, const GuideLayout& layout) const {
    const Tensor curvature = jit(hessian([&](const Tensor& z) { return -layout.density(z); }))(loc);
    const Tensor scale_tril = cholesky(inv(curvature));
    for (const double x : scale_tril.to_vector())
      if (!std::isfinite(x))
        throw Error("AutoLaplaceApproximation: the Hessian of the negative log density is not positive definite at the "
                    "params given; optimise longer, or with smaller steps at the end",
                    where);
    return share<KnownNormal>(o_.prefix, o_.init, loc, scale_tril, where);
  }
  AutoLaplaceOptions o_;
};

void require_scale(const char* guide, double scale, Where where) {
  if (!(scale > 0)) throw Error(std::string(guide) + ": init_scale must be positive", where);
}

}  // namespace

AutoDiagonalNormal::AutoDiagonalNormal(const Model& model, const AutoGuideOptions& o, Where where)
    : Guide(model, share<DiagonalRule>(o, where)) {
  require_scale("AutoDiagonalNormal", o.init_scale, where);
}
AutoMultivariateNormal::AutoMultivariateNormal(const Model& model, const AutoGuideOptions& o, Where where)
    : Guide(model, share<FullRule>(o, where)) {
  require_scale("AutoMultivariateNormal", o.init_scale, where);
}
AutoLowRankMultivariateNormal::AutoLowRankMultivariateNormal(const Model& model, const AutoLowRankOptions& o, Where where)
    : Guide(model, share<LowRankRule>(o, where)) {
  require_scale("AutoLowRankMultivariateNormal", o.init_scale, where);
  if (o.rank < 0) throw Error("AutoLowRankMultivariateNormal: rank must not be negative", where);
}
AutoLaplaceApproximation::AutoLaplaceApproximation(const Model& model, const AutoLaplaceOptions& o, Where where)
    : Guide(model, share<LaplaceRule>(o, where)) {}

}  // namespace nuthatch
