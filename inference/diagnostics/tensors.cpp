/// The diagnostics over all scalars of a tensor of draws.
#include <fmt/format.h>

#include "chains.h"
#include "nuthatch/detail/emit.h"
#include "nuthatch/diagnostics.h"

namespace nuthatch {
namespace {

using detail::Chains;

/// The scalars behind (chain, draw, ...), each as contiguous chains.
class Scalars {
public:
  Scalars(const char* statistic, const Tensor& draws, Where where) {
    if (draws.ndim() < 2)
      throw Error(
          fmt::format("{}: draws of shape {}; needed is (chain, draw, ...)", statistic, to_string(draws.shape())),
          where);
    chains_ = static_cast<std::size_t>(draws.size(0));
    draws_ = static_cast<std::size_t>(draws.size(1));
    rest_.assign(draws.shape().begin() + 2, draws.shape().end());
    values_ = draws.to_vector<double>(where);
    scalar_.resize(chains_ * draws_);
  }
  std::size_t size() const { return static_cast<std::size_t>(rest_.num_elements()); }
  const Shape& rest() const { return rest_; }
  /// Valid until the next call.
  Chains operator()(std::size_t i) {
    for (std::size_t d = 0; d < scalar_.size(); ++d) scalar_[d] = values_[d * size() + i];
    return {scalar_, chains_, draws_};
  }

private:
  std::size_t chains_ = 0, draws_ = 0;
  Shape rest_;
  std::vector<double> values_, scalar_;
};

/// One number per scalar.
template <class Statistic> Tensor numbers(const char* name, const Tensor& draws, Where where, Statistic statistic) {
  Scalars scalars(name, draws, where);
  detail::Array out(Dtype::f64, scalars.rest());
  for (std::size_t i = 0; i < scalars.size(); ++i) out.as<double>()[i] = statistic(scalars(i));
  return detail::wrap(detail::concrete(out));
}

/// A lower and an upper end per scalar, in a new last dimension.
template <class Interval>
Tensor intervals(const char* name, const Tensor& draws, double prob, Where where, Interval interval) {
  if (!(prob > 0 && prob <= 1)) throw Error(fmt::format("{}: prob = {} is not in (0, 1]", name, prob), where);
  Scalars scalars(name, draws, where);
  Shape shape = scalars.rest();
  shape.push_back(2);
  detail::Array out(Dtype::f64, shape);
  for (std::size_t i = 0; i < scalars.size(); ++i) {
    const auto [low, high] = interval(scalars(i).values, prob);
    out.as<double>()[2 * i] = low;
    out.as<double>()[2 * i + 1] = high;
  }
  return detail::wrap(detail::concrete(out));
}

void check_probability(const char* name, double p, Where where) {
  if (!(p >= 0 && p <= 1)) throw Error(fmt::format("{}: probability {} is not in [0, 1]", name, p), where);
}

} // namespace

Tensor r_hat(const Tensor& draws, std::string_view method, Where where) {
  struct Method {
    std::string_view name;
    double (*statistic)(Chains);
  };
  static constexpr Method methods[] = {{"rank", detail::r_hat},
                                       {"split", detail::r_hat_split},
                                       {"folded", detail::r_hat_folded},
                                       {"z_scale", detail::r_hat_z_scale},
                                       {"identity", detail::r_hat_identity}};
  for (const Method& m : methods)
    if (m.name == method) return numbers("r_hat", draws, where, m.statistic);
  throw Error(fmt::format("r_hat: no method `{}`; there are rank, split, folded, z_scale, identity", method), where);
}

Tensor ess_bulk(const Tensor& draws, Where where) { return numbers("ess_bulk", draws, where, detail::ess_bulk); }
Tensor ess_tail(const Tensor& draws, Where where) { return ess_tail(draws, 0.05, 0.95, where); }
Tensor ess_tail(const Tensor& draws, double lower, double upper, Where where) {
  check_probability("ess_tail", lower, where);
  check_probability("ess_tail", upper, where);
  return numbers("ess_tail", draws, where, [&](Chains x) { return detail::ess_tail(x, lower, upper); });
}
Tensor ess_mean(const Tensor& draws, Where where) { return numbers("ess_mean", draws, where, detail::ess_mean); }
Tensor ess_sd(const Tensor& draws, Where where) { return numbers("ess_sd", draws, where, detail::ess_sd); }
Tensor ess_median(const Tensor& draws, Where where) { return numbers("ess_median", draws, where, detail::ess_median); }
Tensor ess_mad(const Tensor& draws, Where where) { return numbers("ess_mad", draws, where, detail::ess_mad); }
Tensor ess_quantile(const Tensor& draws, double probability, Where where) {
  check_probability("ess_quantile", probability, where);
  return numbers("ess_quantile", draws, where, [&](Chains x) { return detail::ess_quantile(x, probability); });
}
Tensor ess_local(const Tensor& draws, double lower, double upper, Where where) {
  check_probability("ess_local", lower, where);
  check_probability("ess_local", upper, where);
  return numbers("ess_local", draws, where, [&](Chains x) { return detail::ess_local(x, lower, upper); });
}

Tensor mcse_mean(const Tensor& draws, Where where) { return numbers("mcse_mean", draws, where, detail::mcse_mean); }
Tensor mcse_sd(const Tensor& draws, Where where) { return numbers("mcse_sd", draws, where, detail::mcse_sd); }
Tensor mcse_median(const Tensor& draws, Where where) {
  return numbers("mcse_median", draws, where, detail::mcse_median);
}
Tensor mcse_quantile(const Tensor& draws, double probability, Where where) {
  check_probability("mcse_quantile", probability, where);
  return numbers("mcse_quantile", draws, where, [&](Chains x) { return detail::mcse_quantile(x, probability); });
}

Tensor hdi(const Tensor& draws, double prob, Where where) { return intervals("hdi", draws, prob, where, detail::hdi); }
Tensor eti(const Tensor& draws, double prob, Where where) { return intervals("eti", draws, prob, where, detail::eti); }

Tensor bfmi(const Tensor& energy, Where where) {
  if (energy.ndim() != 2)
    throw Error(fmt::format("bfmi: energy of shape {}; needed is (chain, draw)", to_string(energy.shape())), where);
  const auto values = energy.to_vector<double>(where);
  return detail::bfmi({values, static_cast<std::size_t>(energy.size(0)), static_cast<std::size_t>(energy.size(1))});
}

} // namespace nuthatch
