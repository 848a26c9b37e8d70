#pragma once
/// Autocovariance averaged over chains, computed as far as it is asked for.
///
/// Geyer's sequence stops after a few tens of lags when chains mix well, where direct sums are several times
/// cheaper than a Fourier transform; a chain that mixes badly needs them all, where the transform wins.
#include <vector>

#include "chains.h"

namespace nuthatch::detail {

class MeanAutocovariance {
public:
  explicit MeanAutocovariance(Chains x);
  /// Mean over chains of (1/n) sum_d (x[d] - mean)(x[d + lag] - mean): the biased form.
  double operator()(std::size_t lag);

private:
  void transform();

  ChainMatrix centred_;
  std::vector<double> all_lags_; // filled by the first lag beyond the direct ones
};

} // namespace nuthatch::detail
