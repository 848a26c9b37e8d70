#include "nuthatch/distributions/gamma.h"

#include "nuthatch/math.h"
#include "nuthatch/message.h"
#include "ppl/distributions/log_power.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch {
namespace {

class GammaDensity final : public detail::Family<GammaDensity, 2> {
 public:
  GammaDensity(const Tensor& concentration, const Tensor& rate, Where where)
      : Family("Gamma",
               {{"concentration", concentration, constraints::positive}, {"rate", rate, constraints::positive}}, {},
               where) {}
  Constraint support() const override { return constraints::positive; }
  detail::Terms terms(const Tensor& x) const override {
    return {detail::log_power(a(), log(x)), {x, -rate()}, {a() * log(rate()) - lgamma(a())}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return detail::standard_gamma(key, a(), shape) / rate();
  }
  Tensor mean() const override { return a() / rate(); }
  Tensor variance() const override { return a() / square(rate()); }
  Tensor entropy() const override { return a() - log(rate()) + lgamma(a()) + (1.0 - a()) * digamma(a()); }

 private:
  const Tensor& a() const { return p(0); }
  const Tensor& rate() const { return p(1); }
};

}  // namespace

Distribution Gamma::make(const Tensor& concentration, const Tensor& rate, Where where) {
  return Distribution(std::make_shared<GammaDensity>(concentration, rate, where));
}

Gamma::Gamma(const GammaMoments& options, Where where) : Distribution() {
  if (!options.mean.defined() || !options.sd.defined()) throw Error("Gamma: give .mean and .sd", where);
  for (auto [name, x] : {std::pair{"mean", options.mean}, std::pair{"sd", options.sd}})
    if (auto bad = Constraint(constraints::positive).violation(x, name); bad && !detail::NoValidation::active())
      throw Error(std::string("Gamma: ") + name + " must be positive, but " + *bad, where);
  Tensor variance = square(options.sd);
  static_cast<Distribution&>(*this) = make(square(options.mean) / variance, options.mean / variance, where);
}

}  // namespace nuthatch
