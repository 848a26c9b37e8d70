#include "nuthatch/log_density.h"

#include <algorithm>

#include "nuthatch/array.h"
#include "nuthatch/bijectors.h"
#include "nuthatch/detail/emit.h"
#include "nuthatch/detail/missing_values.h"
#include "nuthatch/detail/site_info.h"
#include "nuthatch/index.h"
#include "nuthatch/math.h"

namespace nuthatch {
namespace {

Bijector bijector_of(const Message& m) {
  const Constraint support = m.distribution.support();
  if (support.discrete())
    throw Error(m.title() + ": " + m.distribution.name() +
                    " is discrete; gradient-based inference needs continuous latent variables\n  sum it out "
                    "(MixtureSameFamily), observe it, condition on a value, or use a kernel for discrete sites (Compound)" + m.context(),
                m.where);
  return biject_to(support);
}

[[noreturn]] void missing(const LatentSite& site) {
  throw Error("sample(\"" + site.name + "\"): this site was there when the model was first run, but is not now; models "
                  "must execute the same sites every time",
              site.where);
}

/// The values of a discrete site, as far as its support says without the latent variables.
void describe_support(LatentSite& site, const Message& m) {
  const Constraint support = m.distribution.support();
  if (m.distribution.event_shape().size() > 0)
    throw Error(m.title() + ": values of " + m.distribution.name() +
                    " are vectors; discrete sites are updated one number at a time" + m.context(),
                m.where);
  if (support.kind() == Constraint::Kind::boolean) {
    site.num_values = 2;
  } else if (support.kind() == Constraint::Kind::integer_interval && support.concrete()) {
    const auto low = support.lower().to_vector<std::int64_t>(), high = support.upper().to_vector<std::int64_t>();
    site.lowest = *std::min_element(low.begin(), low.end());
    site.num_values = *std::max_element(high.begin(), high.end()) - site.lowest + 1;
  }
}

/// Finds the sites of a model. Continuous latent ones get the image of the origin, discrete ones any possible value.
class Discovery final : public Handler {
 public:
  explicit Discovery(Latents latents) : latents_(latents) {}
  std::vector<LatentSite> latent;
  std::vector<SiteInfo> deterministic, observed;
  std::vector<std::string> tested;
  Trace trace;  // notices duplicate names and plates of two sizes

  void process(Message& m) override {
    if (m.primitive != Primitive::sample || m.value.defined()) return;
    LatentSite site;
    site.discrete = m.distribution.support().discrete() && latents_ == Latents::any;
    if (site.discrete) {
      site.unconstrained_shape = m.distribution.shape();
      m.value = m.distribution.support().feasible(m.distribution.shape());
      describe_support(site, m);
    } else {
      Bijector bijector = bijector_of(m);
      site.unconstrained_shape = bijector.inverse_shape(m.distribution.shape());
      m.value = bijector.forward(zeros(site.unconstrained_shape));
    }
    site.size = site.unconstrained_shape.num_elements();
    static_cast<SiteInfo&>(site) = detail::site_info(m);
    latent.push_back(site);
  }
  void finish(Message& m) override {
    trace.add(m);
    if (m.primitive == Primitive::deterministic) deterministic.push_back(detail::site_info(m));
    if (m.primitive != Primitive::sample) return;
    if (!m.observed) return;
    observed.push_back(detail::site_info(m));
    if (m.value.is_concrete() && m.distribution.support().concrete()) tested.push_back(m.name);
  }

 private:
  Latents latents_;
};

/// Puts the pieces of z into their sites and adds up the log density.
class Evaluation final : public Handler {
 public:
  enum class What { density, prior, values, likelihood };
  Evaluation(const std::vector<LatentSite>& sites, const std::vector<std::string>& tested, const Tensor& z, What what)
      : sites_(sites), tested_(tested), z_(z), what_(what) {}

  void process(Message& m) override {
    if (m.primitive != Primitive::sample || m.value.defined()) return;
    const LatentSite& site = find(m);
    Tensor x = site.unconstrained_shape.empty() ? z_[site.offset]
                                                : reshape(z_[slice(site.offset, site.offset + site.size)],
                                                          site.unconstrained_shape);
    const Constraint support = m.distribution.support();
    latent_.push_back(m.name);
    if (site.discrete) {
      m.value = x.cast(site.dtype);
    } else if (support.kind() == Constraint::Kind::real) {
      m.value = x;
    } else if (what_ == What::density || what_ == What::prior) {
      auto [value, log_det] = biject_to(support).forward_and_log_det(x);
      m.value = value;
      jacobians_[m.name] = total(log_det);
    } else {
      m.value = biject_to(support).forward(x);
    }
  }

  void finish(Message& m) override {
    const bool is_latent = std::find(latent_.begin(), latent_.end(), m.name) != latent_.end();
    if (what_ == What::values) {
      if (is_latent || m.primitive == Primitive::deterministic) result[m.name] = m.value;
      return;
    }
    if (m.primitive != Primitive::sample && m.primitive != Primitive::factor) return;
    if (what_ == What::likelihood) {
      if (m.observed) result[m.name] = m.unscaled_log_prob();
      return;
    }
    if (what_ == What::prior && !is_latent) return;
    // Continuous latent values are inside the support by construction; data were tested when the model was first traced,
    // unless the support depends on latent variables.
    const bool tested = std::find(tested_.begin(), tested_.end(), m.name) != tested_.end();
    result[m.name] = m.total_log_prob((is_latent && !m.distribution.support().discrete()) || tested);
  }

  /// In order of the names: the sum does not depend on the order in which a compiler evaluates arguments.
  Tensor sum_of_terms() const {
    Tensor sum;
    for (const auto& [name, term] : result) {
      auto jacobian = jacobians_.find(name);
      Tensor t = jacobian == jacobians_.end() ? term : term + jacobian->second;
      sum = sum.defined() ? sum + t : t;
    }
    return sum.defined() ? sum : Tensor(0.0);
  }

  /// A latent site that was not visited would silently lose its prior.
  void returned() override {
    for (const LatentSite& site : sites_)
      if (std::find(latent_.begin(), latent_.end(), site.name) == latent_.end()) missing(site);
  }

  std::map<std::string, Tensor> result;

 private:
  static Tensor total(const Tensor& x) { return x.shape().empty() ? x : sum(x); }
  const LatentSite& find(const Message& m) const {
    auto it = std::find_if(sites_.begin(), sites_.end(), [&](const LatentSite& s) { return s.name == m.name; });
    if (it == sites_.end())
      throw Error(m.title() + ": this site was not there when the model was first run; models must execute the same "
                              "sites every time" + m.context(),
                  m.where);
    return *it;
  }

  const std::vector<LatentSite>& sites_;
  const std::vector<std::string>& tested_;
  Tensor z_;
  What what_;
  std::vector<std::string> latent_;
  std::map<std::string, Tensor> jacobians_;
};

/// Records x = f^-1(value) of the latent sites.
class Inversion final : public Handler {
 public:
  Inversion(const std::map<std::string, Tensor>& values, Latents latents) : values_(values), latents_(latents) {}
  void process(Message& m) override {
    if (m.primitive != Primitive::sample || m.value.defined()) return;
    auto it = values_.find(m.name);
    if (it == values_.end()) throw Error("unconstrain: no value for latent site \"" + m.name + "\"", m.where);
    const Shape shape = m.distribution.shape();
    m.value = it->second.shape().empty() && !shape.empty() ? broadcast_to(it->second, shape) : it->second;
    if (auto bad = m.distribution.support().violation(m.value, m.name))
      throw Error(m.title() + ": a value of " + m.distribution.name() + " must be " +
                      m.distribution.support().description() + ", but " + *bad + m.context(),
                  m.where);
    const bool discrete = latents_ == Latents::any && m.distribution.support().discrete();
    unconstrained[m.name] = flatten(discrete ? m.value.cast(f64) : bijector_of(m).inverse(m.value));
  }
  std::map<std::string, Tensor> unconstrained;

 private:
  const std::map<std::string, Tensor>& values_;
  Latents latents_;
};

void run_under(Handler& handler, const BoundModel& model, const std::vector<Tensor>& data,
               const detail::MissingPositions& missing) {
  detail::KnownMissing known(missing);
  Active active(handler);
  model.run(data);
  handler.returned();
}

}  // namespace

LogDensity::LogDensity(BoundModel model, Latents latents) : model_(std::move(model)) {
  Discovery found(latents);
  // Traced, not evaluated: data may be large.
  detail::trace_program({}, [&](const detail::Values&) {
    detail::RecordMissing record(missing_);
    run_under(found, model_, model_.data(), {});
    return detail::Values{};
  }, Where::current());
  sites_ = std::move(found.latent);
  std::sort(sites_.begin(), sites_.end(), [](const auto& a, const auto& b) {
    return a.discrete != b.discrete ? b.discrete : a.name < b.name;
  });
  for (LatentSite& site : sites_) {
    site.offset = dim_;
    dim_ += site.size;
    if (!site.discrete) continuous_dim_ = dim_;
  }
  deterministics_ = std::move(found.deterministic);
  observations_ = std::move(found.observed);
  tested_ = std::move(found.tested);
}

std::vector<std::string> LogDensity::names() const {
  std::vector<std::string> result;
  for (const LatentSite& site : sites_) {
    const Shape& shape = site.unconstrained_shape;
    for (std::int64_t flat = 0; flat < site.size; ++flat) {
      std::string index;
      std::int64_t rest = flat;
      for (std::size_t axis = shape.size(); axis-- > 0; rest /= shape[axis]) {
        std::string text = std::to_string(rest % shape[axis]);
        for (const PlateFrame& plate : site.plates)
          if (shape.size() == site.shape.size() && plate.name == site.dims[axis] && !plate.labels.empty())
            text = plate.labels[std::size_t(rest % shape[axis])];
        index = text + (index.empty() ? "" : ", " + index);
      }
      result.push_back(shape.empty() ? site.name : site.name + "[" + index + "]");
    }
  }
  return result;
}

Tensor LogDensity::operator()(const Tensor& z) const { return (*this)(z, data()); }
Tensor LogDensity::operator()(const Tensor& z, const std::vector<Tensor>& data) const {
  detail::NoValidation anywhere;
  Evaluation evaluation(sites_, tested_, z, Evaluation::What::density);
  run_under(evaluation, model_, data, missing_);
  return evaluation.sum_of_terms();
}

Tensor LogDensity::log_prior(const Tensor& z) const { return log_prior(z, data()); }
Tensor LogDensity::log_prior(const Tensor& z, const std::vector<Tensor>& data) const {
  detail::NoValidation anywhere;
  Evaluation evaluation(sites_, tested_, z, Evaluation::What::prior);
  run_under(evaluation, model_, data, missing_);
  return evaluation.sum_of_terms();
}

Values LogDensity::constrain(const Tensor& z) const { return constrain(z, data()); }
Values LogDensity::constrain(const Tensor& z, const std::vector<Tensor>& data) const {
  detail::NoValidation anywhere;
  Evaluation evaluation(sites_, tested_, z, Evaluation::What::values);
  run_under(evaluation, model_, data, missing_);
  return std::move(evaluation.result);
}

Values LogDensity::log_likelihood(const Tensor& z) const { return log_likelihood(z, data()); }
Values LogDensity::log_likelihood(const Tensor& z, const std::vector<Tensor>& data) const {
  detail::NoValidation anywhere;
  Evaluation evaluation(sites_, tested_, z, Evaluation::What::likelihood);
  run_under(evaluation, model_, data, missing_);
  return std::move(evaluation.result);
}

Values LogDensity::split(const Tensor& z) const {
  Values result;
  for (const LatentSite& site : sites_)
    result[site.name] = reshape(z[slice(site.offset, site.offset + site.size)], site.unconstrained_shape);
  return result;
}

Tensor LogDensity::unconstrain(const Values& values) const { return unconstrain(values, data()); }
Tensor LogDensity::unconstrain(const Values& values, const std::vector<Tensor>& data) const {
  const bool discrete = std::any_of(sites_.begin(), sites_.end(), [](const LatentSite& s) { return s.discrete; });
  Inversion inversion(values, discrete ? Latents::any : Latents::continuous);
  run_under(inversion, model_, data, missing_);
  std::vector<Tensor> pieces;
  for (const LatentSite& site : sites_) {
    const auto piece = inversion.unconstrained.find(site.name);
    if (piece == inversion.unconstrained.end()) missing(site);
    pieces.push_back(piece->second);
  }
  return pieces.empty() ? zeros(Shape{0}) : concat(pieces);
}

Tensor LogDensity::init(const Key& key, double radius) const { return uniform(key, Shape{dim_}, -radius, radius); }

Values log_likelihood(const BoundModel& model, const Values& values) {
  SubstituteHandler handler(values);
  TraceHandler recorder;
  {
    Active record(recorder);
    Active active(handler);
    model.run();
  }
  Values result;
  for (const Site& site : recorder.trace)
    if (site.primitive == Primitive::sample && site.observed)
      result[site.name] = site.unscaled_log_prob();
  return result;
}

}  // namespace nuthatch
