#include "autocovariance.h"

#include <bit>
#include <complex>
#include <unsupported/Eigen/FFT>

namespace nuthatch::detail {
namespace {

/// Lags by direct sums before one transform of all lags is cheaper.
constexpr std::size_t kDirectLags = 48;

} // namespace

MeanAutocovariance::MeanAutocovariance(Chains x)
    : centred_{std::vector<double>(x.values.begin(), x.values.end()), x.chains, x.draws} {
  for (std::size_t c = 0; c < x.chains; ++c) {
    const double centre = mean(x.chain(c));
    for (std::size_t d = 0; d < x.draws; ++d) centred_.values[c * x.draws + d] -= centre;
  }
}

double MeanAutocovariance::operator()(std::size_t lag) {
  if (lag >= kDirectLags && all_lags_.empty()) transform();
  if (!all_lags_.empty()) return all_lags_[lag];
  const std::size_t n = centred_.draws;
  double sum = 0;
  for (std::size_t c = 0; c < centred_.chains; ++c) {
    const double* chain = centred_.values.data() + c * n;
    double partial[4] = {0, 0, 0, 0};
    std::size_t d = 0;
    for (; d + lag + 4 <= n; d += 4)
      for (std::size_t k = 0; k < 4; ++k) partial[k] += chain[d + k] * chain[d + k + lag];
    for (; d + lag < n; ++d) partial[0] += chain[d] * chain[d + lag];
    sum += (partial[0] + partial[1]) + (partial[2] + partial[3]);
  }
  return sum / static_cast<double>(n) / static_cast<double>(centred_.chains);
}

/// Wiener-Khinchin: the inverse transform of the summed power spectra, padded so that nothing wraps around.
void MeanAutocovariance::transform() {
  const std::size_t n = centred_.draws, padded = std::bit_ceil(2 * n);
  Eigen::FFT<double> fft;
  std::vector<double> signal(padded);
  std::vector<std::complex<double>> spectrum, power(padded);
  for (std::size_t c = 0; c < centred_.chains; ++c) {
    std::copy_n(centred_.values.begin() + static_cast<std::ptrdiff_t>(c * n), n, signal.begin());
    fft.fwd(spectrum, signal);
    for (std::size_t k = 0; k < padded; ++k) power[k] += std::norm(spectrum[k]);
  }
  fft.inv(signal, power);
  const double scale = 1 / (static_cast<double>(n) * static_cast<double>(centred_.chains));
  all_lags_.assign(signal.begin(), signal.begin() + static_cast<std::ptrdiff_t>(n));
  for (double& v : all_lags_) v *= scale;
}

} // namespace nuthatch::detail
