#pragma once
/// Autocovariance averaged over chains, computed as far as it is asked for.
///
/// Geyer's sequence stops after a few tens of lags when chains mix well, where direct sums are several times
/// cheaper than a Fourier transform; a chain that mixes badly needs them all, where the transform wins.
#include <cstdint>
#include <vector>

#include "chains.h"

namespace nuthatch::detail {

class MeanAutocovariance {
public:
  /// `buffer` holds the centred draws as long as this lives.
  MeanAutocovariance(Chains x, std::vector<double>& buffer);
  /// Mean over chains of (1/n) sum_d (x[d] - mean)(x[d + lag] - mean): the biased form.
  double operator()(std::size_t lag);

  const std::vector<double>& means() const { return means_; }

private:
  void transform();
  void direct(std::size_t lag);

  Chains centred_;
  std::vector<double> means_;    // of the chains
  std::vector<double> direct_;   // the first lags, two at a time
  std::vector<double> all_lags_; // filled by the first lag beyond the direct ones
};

/// The same for draws that are 0 or 1, here those with low <= x <= high: a bit per draw, so that a lag costs a few
/// machine words.
class BitAutocovariance {
public:
  BitAutocovariance(Chains x, double low, double high);
  double operator()(std::size_t lag) const;
  const std::vector<double>& means() const { return means_; }
  /// All draws alike.
  bool is_constant() const { return ones_ == 0 || ones_ == chains_ * draws_; }

private:
  /// Ones among the first draws of a chain.
  std::size_t ones_before(std::size_t chain, std::size_t draw) const;

  std::size_t chains_, draws_, words_, ones_ = 0;
  std::vector<std::uint64_t> bits_;       // words_ per chain and one of zeros behind
  std::vector<std::uint32_t> cumulative_; // ones before each word
  std::vector<double> means_;
};

} // namespace nuthatch::detail
