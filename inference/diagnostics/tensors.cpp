/// The diagnostics over all scalars of a tensor of draws.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>

#include "chains.h"
#include "columns.h"
#include "density.h"
#include "nuthatch/array.h"
#include "nuthatch/detail/emit.h"
#include "nuthatch/diagnostics.h"
#include "pareto.h"

namespace nuthatch {
namespace {

using detail::Chains;

/// The scalars behind (chain, draw, ...), each as contiguous chains, visited on several threads.
class Scalars {
public:
  Scalars(const char* statistic, const Tensor& draws, Where where)
      : chains_(extent(statistic, draws, 0, where)), draws_(extent(statistic, draws, 1, where)),
        rest_(draws.shape().begin() + 2, draws.shape().end()),
        columns_(concrete(statistic, draws, where), chains_ * draws_) {}

  const Shape& rest() const { return rest_; }
  template <class Visit> void for_each(Visit visit) const {
    columns_.for_each([&](std::size_t, std::size_t i, std::span<double> values) {
      visit(i, Chains{values, chains_, draws_});
    });
  }

private:
  static std::size_t extent(const char* statistic, const Tensor& draws, int axis, Where where) {
    if (draws.ndim() < 2)
      throw Error(
          fmt::format("{}: draws of shape {}; needed is (chain, draw, ...)", statistic, to_string(draws.shape())),
          where);
    return static_cast<std::size_t>(draws.size(axis));
  }
  static detail::Array concrete(const char* statistic, const Tensor& draws, Where where) {
    if (!draws.is_concrete())
      throw Error(fmt::format("{}: needs concrete draws, not a value of a program being traced", statistic), where);
    return detail::value(draws)->array;
  }

  std::size_t chains_, draws_;
  Shape rest_;
  detail::Columns columns_;
};

/// One number per scalar.
template <class Statistic> Tensor numbers(const char* name, const Tensor& draws, Where where, Statistic statistic) {
  const Scalars scalars(name, draws, where);
  detail::Array out(Dtype::f64, scalars.rest());
  scalars.for_each([&](std::size_t i, Chains x) { out.as<double>()[i] = statistic(x); });
  return detail::wrap(detail::concrete(out));
}

void check_interval(const char* name, double prob, Where where) {
  if (!(prob > 0 && prob <= 1)) throw Error(fmt::format("{}: prob = {} is not in (0, 1]", name, prob), where);
}

/// A lower and an upper end per scalar, in a new last dimension.
template <class Interval>
Tensor intervals(const char* name, const Tensor& draws, double prob, Where where, Interval interval) {
  check_interval(name, prob, where);
  // Chains do not matter here, so draws that are joined already will do.
  const Scalars scalars(name, draws.ndim() == 1 && draws.is_concrete() ? reshape(draws, {1, -1}, where) : draws, where);
  Shape shape = scalars.rest();
  shape.push_back(2);
  detail::Array out(Dtype::f64, shape);
  scalars.for_each([&](std::size_t i, Chains x) {
    const auto [low, high] = interval(x.values, prob);
    out.as<double>()[2 * i] = low;
    out.as<double>()[2 * i + 1] = high;
  });
  return detail::wrap(detail::concrete(out));
}

void check_probability(const char* name, double p, Where where) {
  if (!(p >= 0 && p <= 1)) throw Error(fmt::format("{}: probability {} is not in [0, 1]", name, p), where);
}

detail::RHatForm r_hat_form(const char* function, std::string_view method, Where where) {
  constexpr std::string_view names[] = {"rank", "split", "folded", "z_scale", "identity"};
  for (std::size_t i = 0; i < std::size(names); ++i)
    if (names[i] == method) return static_cast<detail::RHatForm>(i);
  throw Error(fmt::format("{}: no method `{}`; there are rank, split, folded, z_scale, identity", function, method),
              where);
}

} // namespace

Tensor r_hat(const Tensor& draws, std::string_view method, Where where) {
  constexpr double (*statistics[])(Chains) = {detail::r_hat, detail::r_hat_split, detail::r_hat_folded,
                                              detail::r_hat_z_scale, detail::r_hat_identity};
  return numbers("r_hat", draws, where, statistics[static_cast<int>(r_hat_form("r_hat", method, where))]);
}

Tensor r_hat_nested(const Tensor& draws, const std::vector<std::int64_t>& superchains, std::string_view method,
                    Where where) {
  const auto form = r_hat_form("r_hat_nested", method, where);
  std::map<std::int64_t, std::size_t> sizes;
  for (auto group : superchains) ++sizes[group];
  if (draws.ndim() >= 2 && static_cast<std::int64_t>(superchains.size()) != draws.size(0))
    throw Error(fmt::format("r_hat_nested: {} superchains for {} chains", superchains.size(), draws.size(0)), where);
  for (const auto& [group, size] : sizes)
    if (size != sizes.begin()->second || sizes.size() < 2)
      throw Error(fmt::format("r_hat_nested: {} superchains with {} and {} chains; there must be several of equal size",
                              sizes.size(), sizes.begin()->second, size),
                  where);
  return numbers("r_hat_nested", draws, where, [&](Chains x) { return detail::r_hat_nested(x, superchains, form); });
}

Tensor ess(const Tensor& draws, std::string_view method, Where where) {
  struct Method {
    std::string_view name;
    double (*statistic)(Chains);
  };
  static constexpr Method methods[] = {
      {"bulk", detail::ess_bulk},        {"tail", [](Chains x) { return detail::ess_tail(x); }},
      {"mean", detail::ess_mean},        {"sd", detail::ess_sd},
      {"median", detail::ess_median},    {"mad", detail::ess_mad},
      {"z_scale", detail::ess_bulk},     {"folded", detail::ess_folded},
      {"identity", detail::ess_identity}};
  for (const Method& m : methods)
    if (m.name == method) return numbers("ess", draws, where, m.statistic);
  throw Error(fmt::format("ess: no method `{}`; there are bulk, tail, mean, sd, median, mad, z_scale, folded, "
                          "identity, and the functions ess_quantile and ess_local",
                          method),
              where);
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

Tensor hdi_multimodal(const Tensor& draws, double prob, std::int64_t max_modes, Where where) {
  check_interval("hdi_multimodal", prob, where);
  if (max_modes < 1) throw Error(fmt::format("hdi_multimodal: max_modes = {} must be positive", max_modes), where);
  const Scalars scalars("hdi_multimodal", draws, where);
  const bool discrete = !is_float(draws.dtype());
  Shape shape = scalars.rest();
  shape.push_back(max_modes);
  shape.push_back(2);
  detail::Array out(Dtype::f64, shape);
  std::fill_n(out.as<double>(), out.num_elements(), std::numeric_limits<double>::quiet_NaN());
  const auto most = static_cast<std::size_t>(max_modes);
  scalars.for_each([&](std::size_t i, Chains x) {
    double* at = out.as<double>() + 2 * most * i;
    for (const auto& [low, high] : detail::multimodal_hdi(x.values, prob, discrete, most)) *at++ = low, *at++ = high;
  });
  return detail::wrap(detail::concrete(out));
}

Tensor pareto_k(const Tensor& draws, std::string_view tail, Where where) {
  constexpr std::string_view names[] = {"left", "right", "both"};
  const auto found = std::find(std::begin(names), std::end(names), tail);
  if (found == std::end(names))
    throw Error(fmt::format("pareto_k: no tail `{}`; there are left, right, both", tail), where);
  const auto which = static_cast<detail::Tail>(found - std::begin(names));
  return numbers("pareto_k", draws, where, [&](Chains x) { return detail::pareto_k(x, which); });
}
Tensor pareto_min_sample_size(const Tensor& draws, Where where) {
  return numbers("pareto_min_sample_size", draws, where, [](Chains x) { return detail::pareto_min_sample_size(x); });
}

Tensor bfmi(const Tensor& energy, Where where) {
  if (energy.ndim() != 2)
    throw Error(fmt::format("bfmi: energy of shape {}; needed is (chain, draw)", to_string(energy.shape())), where);
  const auto values = energy.to_vector<double>(where);
  return detail::bfmi({values, static_cast<std::size_t>(energy.size(0)), static_cast<std::size_t>(energy.size(1))});
}

} // namespace nuthatch
