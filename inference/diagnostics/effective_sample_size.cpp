#include <algorithm>
#include <cmath>
#include <limits>

#include "autocovariance.h"
#include "convergence.h"
#include "rank_normalise.h"

namespace nuthatch::detail {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool valid(Chains x) { return x.chains >= 1 && x.draws >= 4 && !has_nan(x.values); }

} // namespace

namespace {

/// C n / tau with tau = -1 + 2 sum_t rho_t (Vehtari et al. 2021, section 3.2). The autocorrelation combines the
/// chains: rho_t = 1 - (W - mean_c acov_t) / var_plus, and the sum is cut by Geyer's (1992) initial positive
/// sequence, then made monotone.
template <class Autocovariance>
double from_autocovariance(Autocovariance& autocovariance, std::size_t chains, std::size_t draws) {
  const double total = static_cast<double>(chains * draws), n = static_cast<double>(draws);
  const double within = autocovariance(0) * n / (n - 1);
  double var_plus = within * (n - 1) / n;
  if (chains > 1) var_plus += variance(autocovariance.means());
  const auto rho = [&](std::size_t lag) { return 1 - (within - autocovariance(lag)) / var_plus; };

  // Pairs (even, odd) of lags as long as their sum is positive.
  std::vector<double> sequence{1.0, rho(1)};
  double even = 1, odd = sequence[1];
  std::size_t t = 1;
  while (t + 3 < draws && even + odd > 0) {
    even = rho(t + 1);
    odd = rho(t + 2);
    const bool keep = even + odd >= 0;
    sequence.push_back(keep ? even : 0);
    sequence.push_back(keep ? odd : 0);
    t += 2;
  }
  // The last pair is left out of the sum, except a positive even member: it removes the bias of antithetic chains.
  // `last` is t - 2 and may be -1 for the shortest chains.
  const auto last = static_cast<std::ptrdiff_t>(t) - 2;
  if (even > 0) sequence[static_cast<std::size_t>(last + 1)] = even;
  for (std::ptrdiff_t i = 1; i <= last - 2; i += 2) {
    const auto s = static_cast<std::size_t>(i);
    if (sequence[s + 1] + sequence[s + 2] > sequence[s - 1] + sequence[s])
      sequence[s + 1] = sequence[s + 2] = (sequence[s - 1] + sequence[s]) / 2;
  }
  double sum = 0;
  for (std::ptrdiff_t i = 0; i <= last; ++i) sum += sequence[static_cast<std::size_t>(i)];
  double tau = -1 + 2 * sum + sequence[static_cast<std::size_t>(last + 1)];
  // The floor keeps antithetic chains from claiming more than S log10(S).
  tau = std::max(tau, 1 / std::log10(total));
  return std::isnan(var_plus) ? kNaN : total / tau;
}

} // namespace

double effective_sample_size(Chains x) {
  std::vector<double> buffer;
  return effective_sample_size(x, buffer);
}

double effective_sample_size(Chains x, std::vector<double>& buffer) {
  if (x.draws < 2 || has_nan(x.values)) return kNaN;
  if (is_constant(x.values)) return static_cast<double>(x.size());
  return effective_sample_size_of_sound(x, buffer);
}

double effective_sample_size_of_sound(Chains x, std::vector<double>& buffer) {
  MeanAutocovariance autocovariance(x, buffer);
  return from_autocovariance(autocovariance, x.chains, x.draws);
}

double effective_sample_size_between(Chains x, double low, double high) {
  const BitAutocovariance autocovariance(x, low, high);
  if (autocovariance.is_constant()) return static_cast<double>(x.size());
  return from_autocovariance(autocovariance, x.chains, x.draws);
}

double ess_bulk(Chains x) { return convergence_check().ess_bulk(x); }

double ess_tail(Chains x, double lower, double upper) { return convergence_check().ess_tail(x, lower, upper); }

double ess_mean(Chains x) { return convergence_check().ess_mean(x); }

double ess_sd(Chains x) {
  if (!valid(x)) return kNaN;
  const double centre = mean(x.values);
  ChainMatrix squares{std::vector<double>(x.size()), x.chains, x.draws};
  std::transform(x.values.begin(), x.values.end(), squares.values.begin(),
                 [&](double v) { return (v - centre) * (v - centre); });
  return effective_sample_size(split(squares));
}

double ess_quantile(Chains x, double probability) {
  if (!valid(x)) return kNaN;
  return effective_sample_size_between(split(x), -kInfinity, quantile(x.values, probability));
}

double ess_median(Chains x) { return ess_quantile(x, 0.5); }

double ess_mad(Chains x) {
  if (!valid(x)) return kNaN;
  const ChainMatrix deviation = fold(x);
  const ChainMatrix inside = indicator(deviation, -kInfinity, median(deviation.values));
  return effective_sample_size(rank_normalise(split(inside)));
}

double ess_local(Chains x, double lower, double upper) {
  if (!valid(x)) return kNaN;
  return effective_sample_size_between(split(x), quantile(x.values, lower), quantile(x.values, upper));
}

double ess_folded(Chains x) { return valid(x) ? effective_sample_size(rank_normalise(fold(split(x)))) : kNaN; }

double ess_identity(Chains x) { return valid(x) ? effective_sample_size(x) : kNaN; }

} // namespace nuthatch::detail
