#include "autocovariance.h"

#include <algorithm>
#include <bit>
#include <complex>
#include <unsupported/Eigen/FFT>

namespace nuthatch::detail {
namespace {

/// Lags by direct sums before one transform of all lags is cheaper.
constexpr std::size_t kDirectLags = 48;

} // namespace

MeanAutocovariance::MeanAutocovariance(Chains x, std::vector<double>& buffer) {
  buffer.resize(x.size());
  for (std::size_t c = 0; c < x.chains; ++c) {
    means_.push_back(mean(x.chain(c)));
    for (std::size_t d = c * x.draws; d < (c + 1) * x.draws; ++d) buffer[d] = x.values[d] - means_[c];
  }
  centred_ = {buffer, x.chains, x.draws};
}

double MeanAutocovariance::operator()(std::size_t lag) {
  if (lag >= kDirectLags && all_lags_.empty()) transform();
  if (!all_lags_.empty()) return all_lags_[lag];
  while (direct_.size() <= lag) direct(direct_.size());
  return direct_[lag];
}

/// This lag and the next: what a chain is read for serves both.
void MeanAutocovariance::direct(std::size_t lag) {
  constexpr std::size_t kParts = 16;
  const std::size_t n = centred_.draws;
  double sums[2] = {};
  for (std::size_t c = 0; c < centred_.chains; ++c) {
    const double* chain = centred_.values.data() + c * n;
    double first[kParts] = {}, second[kParts] = {};
    std::size_t d = 0;
    for (; d + lag + 1 + kParts <= n; d += kParts)
      for (std::size_t k = 0; k < kParts; ++k) {
        first[k] += chain[d + k] * chain[d + k + lag];
        second[k] += chain[d + k] * chain[d + k + lag + 1];
      }
    for (; d + lag < n; ++d) {
      first[0] += chain[d] * chain[d + lag];
      if (d + lag + 1 < n) second[0] += chain[d] * chain[d + lag + 1];
    }
    for (std::size_t width = kParts / 2; width > 0; width /= 2)
      for (std::size_t k = 0; k < width; ++k) first[k] += first[k + width], second[k] += second[k + width];
    sums[0] += first[0], sums[1] += second[0];
  }
  for (const double sum : sums) direct_.push_back(sum / static_cast<double>(n) / static_cast<double>(centred_.chains));
}

/// Wiener-Khinchin: the inverse transform of the summed power spectra, padded so that nothing wraps around.
void MeanAutocovariance::transform() {
  const std::size_t n = centred_.draws, padded = std::bit_ceil(2 * n);
  // Plans and buffers serve all quantities.
  static thread_local Eigen::FFT<double> fft;
  static thread_local std::vector<double> signal;
  static thread_local std::vector<std::complex<double>> spectrum, power;
  signal.assign(padded, 0.0);
  power.assign(padded, 0.0);
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

BitAutocovariance::BitAutocovariance(Chains x, double low, double high)
    : chains_(x.chains), draws_(x.draws), words_(x.draws / 64 + 1), bits_(x.chains * (words_ + 1)),
      cumulative_(bits_.size()) {
  for (std::size_t c = 0; c < chains_; ++c) {
    const double* chain = x.values.data() + c * draws_;
    std::uint64_t* bits = bits_.data() + c * (words_ + 1);
    std::uint32_t ones = 0;
    for (std::size_t w = 0; w <= words_; ++w) {
      std::uint64_t word = 0;
      for (std::size_t d = 64 * w; d < std::min(64 * w + 64, draws_); ++d)
        word |= std::uint64_t{low <= chain[d] && chain[d] <= high} << (d % 64);
      bits[w] = word;
      cumulative_[c * (words_ + 1) + w] = ones;
      ones += static_cast<std::uint32_t>(std::popcount(word));
    }
    means_.push_back(static_cast<double>(ones) / static_cast<double>(draws_));
    ones_ += ones;
  }
}

std::size_t BitAutocovariance::ones_before(std::size_t chain, std::size_t draw) const {
  const std::size_t at = chain * (words_ + 1) + draw / 64;
  const std::uint64_t mask = (std::uint64_t{1} << (draw % 64)) - 1;
  return cumulative_[at] + static_cast<std::size_t>(std::popcount(bits_[at] & mask));
}

/// sum (x_d - m)(x_{d+lag} - m) = pairs of ones - m (ones in front + ones behind) + (n - lag) m^2, in integers but for
/// m.
double BitAutocovariance::operator()(std::size_t lag) const {
  const std::size_t whole = lag / 64, rest = lag % 64;
  double sum = 0;
  for (std::size_t c = 0; c < chains_; ++c) {
    const std::uint64_t* bits = bits_.data() + c * (words_ + 1);
    std::uint64_t pairs = 0;
    for (std::size_t w = 0; w + whole < words_; ++w) {
      std::uint64_t later = bits[w + whole] >> rest;
      if (rest) later |= bits[w + whole + 1] << (64 - rest);
      pairs += static_cast<std::uint64_t>(std::popcount(bits[w] & later));
    }
    const std::size_t front = ones_before(c, draws_ - lag), behind = ones_before(c, draws_) - ones_before(c, lag);
    const double m = means_[c];
    sum += static_cast<double>(pairs) - m * static_cast<double>(front + behind) +
           static_cast<double>(draws_ - lag) * m * m;
  }
  return sum / static_cast<double>(draws_) / static_cast<double>(chains_);
}

} // namespace nuthatch::detail
