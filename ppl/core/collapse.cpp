#include "nuthatch/collapse.h"

#include <algorithm>
#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/detail/emit.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"

namespace nuthatch {
namespace {

using detail::DistributionImpl;
using Parameters = std::vector<Tensor>;

const DistributionImpl& innermost(const Distribution& d) {
  const DistributionImpl* impl = d.impl().get();
  while (impl->base()) impl = impl->base();
  return *impl;
}

/// x of a wider shape summed to a narrower one that broadcasts to it.
Tensor summed_to(Tensor x, const Shape& shape) {
  while (x.shape().size() > shape.size()) x = sum(x, 0);
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (shape[i] == 1 && x.shape()[i] != 1) x = sum(x, {.axis = int(i), .keepdims = true});
  return x;
}

/// Parameters of the posterior from those of the prior, after data y of the shape of the site; `other` are the
/// likelihood's parameters, `batch` is the prior's batch shape.
struct Conjugate {
  const char *prior, *likelihood, *parameter;
  Parameters (*update)(const Parameters& prior, const Parameters& other, const Tensor& y, const Shape& batch);
};

Tensor counts(const Tensor& y, const Shape& batch) { return summed_to(ones(y.shape()), batch); }

const Conjugate kPairs[] = {
    {"Beta", "Bernoulli", "probs",
     [](const Parameters& p, const Parameters&, const Tensor& y, const Shape& batch) {
       return Parameters{p[0] + summed_to(y, batch), p[1] + summed_to(1.0 - y, batch)};
     }},
    {"Beta", "Binomial", "probs",
     [](const Parameters& p, const Parameters& l, const Tensor& y, const Shape& batch) {
       return Parameters{p[0] + summed_to(y, batch), p[1] + summed_to(l[0].cast(f64) - y, batch)};
     }},
    {"Gamma", "Poisson", "rate",
     [](const Parameters& p, const Parameters&, const Tensor& y, const Shape& batch) {
       return Parameters{p[0] + summed_to(y, batch), p[1] + counts(y, batch)};
     }},
    {"Gamma", "Exponential", "rate",
     [](const Parameters& p, const Parameters&, const Tensor& y, const Shape& batch) {
       return Parameters{p[0] + counts(y, batch), p[1] + summed_to(y, batch)};
     }},
    {"Normal", "Normal", "loc",
     [](const Parameters& p, const Parameters& l, const Tensor& y, const Shape& batch) {
       const Tensor weight = broadcast_to(1.0 / square(l[1]), y.shape()), prior = 1.0 / square(p[1]);
       const Tensor precision = prior + summed_to(weight, batch);
       return Parameters{(prior * p[0] + summed_to(weight * y, batch)) / precision, 1.0 / sqrt(precision)};
     }},
    {"Dirichlet", "Categorical", "probs",
     [](const Parameters& p, const Parameters&, const Tensor& y, const Shape& batch) {
       const std::int64_t k = p[0].shape().back();
       return Parameters{p[0] + summed_to(one_hot(y.cast(i64), k), detail::join(batch, Shape{k}))};
     }},
};

class Collapse final : public Handler {
 public:
  Collapse(const std::vector<std::string>& names, Where where)
      : names_("collapse", "sample site", names, where), wanted_(names) {}

  void process(Message& m) override {
    if (m.primitive != Primitive::sample) return;
    names_.add(m.name);
    if (!m.value.defined() && !m.observation && is_wanted(m.name)) return hide(m);
    if (!m.observed) return;
    for (Latent& latent : latents_) {
      const int at = position(m, latent);
      if (at < 0) continue;
      if (m.mask.defined() || m.scale.defined())
        throw Error("collapse: " + m.title() + " has a mask or a scale" + m.context(), m.where);
      latent.data.push_back({m, at});
      m.stop = true;
    }
  }

  void returned() override {
    names_.check();
    for (const Latent& latent : latents_) {
      Message total(Primitive::factor, latent.site.name + "_collapsed", latent.site.where);
      total.value = log_marginal(latent);
      detail::dispatch_outside(*this, total);
    }
  }

 private:
  struct Data {
    Message site;
    int parameter;  // which one of the likelihood's is the latent variable
  };
  struct Latent {
    Message site;
    Tensor placeholder;
    std::vector<Data> data;
  };

  bool is_wanted(const std::string& name) const {
    return std::find(wanted_.begin(), wanted_.end(), name) != wanted_.end();
  }

  void hide(Message& m) {
    const std::string family = innermost(m.distribution).name;
    if (std::none_of(std::begin(kPairs), std::end(kPairs), [&](const Conjugate& c) { return family == c.prior; }))
      throw Error("collapse: " + m.title() + " has a " + family +
                      "; there are conjugate pairs for Beta, Gamma, Normal and Dirichlet" + m.context(),
                  m.where);
    if (m.mask.defined() || m.scale.defined())
      throw Error("collapse: " + m.title() + " has a mask or a scale" + m.context(), m.where);
    m.value = full(m.distribution.shape(), NAN).cast(f64);
    m.stop = true;
    latents_.push_back({m, m.value, {}});
  }

  /// Which parameter of an observation is the variable; -1: none.
  static int position(const Message& m, const Latent& latent) {
    const auto& parameters = innermost(m.distribution).parameters;
    for (std::size_t i = 0; i < parameters.size(); ++i)
      if (detail::value(parameters[i].value) == detail::value(latent.placeholder)) return int(i);
    return -1;
  }

  static const Conjugate& pair_of(const Latent& latent, const Data& data) {
    const DistributionImpl &prior = innermost(latent.site.distribution), &likelihood = innermost(data.site.distribution);
    for (const Conjugate& c : kPairs)
      if (prior.name == c.prior && likelihood.name == c.likelihood &&
          likelihood.parameters[std::size_t(data.parameter)].name == c.parameter)
        return c;
    throw Error("collapse: " + prior.name + " is not conjugate to " + likelihood.parameters[std::size_t(data.parameter)].name +
                    " of " + likelihood.name + data.site.context(),
                data.site.where);
  }

  static Parameters values(const DistributionImpl& impl) {
    Parameters result;
    for (const auto& p : impl.parameters) result.push_back(p.value);
    return result;
  }

  /// log p(y) = log p(x) + log p(y | x) - log p(x | y) at any x: at the posterior mean. Chib (1995).
  static Tensor log_marginal(const Latent& latent) {
    const Distribution& prior = latent.site.distribution;
    const Shape batch = prior.batch_shape();
    Parameters posterior = values(innermost(prior));
    for (const Data& d : latent.data)
      posterior = pair_of(latent, d).update(posterior, values(innermost(d.site.distribution)),
                                            d.site.value.cast(f64), batch);
    const Distribution after = Distribution(innermost(prior).with_parameters(posterior)).expand(batch);
    const Tensor x = latent.data.empty() ? prior.mean() : after.mean();
    Tensor total = sum(prior.log_prob_in_support(x)) - sum(after.log_prob_in_support(x));
    for (const Data& d : latent.data) {
      const DistributionImpl& family = innermost(d.site.distribution);
      Parameters likelihood = values(family);
      likelihood[std::size_t(d.parameter)] = x;
      const Distribution at = Distribution(family.with_parameters(likelihood)).expand(d.site.distribution.batch_shape());
      total = total + sum(at.log_prob(d.site.value));
    }
    return total;
  }

  detail::NoValidation anywhere_;  // the placeholder is inside no support
  detail::SiteNames names_;
  std::vector<std::string> wanted_;
  std::vector<Latent> latents_;
};

}  // namespace

namespace detail {
HandlerFactory collapse_factory(const std::vector<std::string>& names, Where where) {
  return [names, where]() -> Shared<Handler> { return share<Collapse>(names, where); };
}
}  // namespace detail

}  // namespace nuthatch
