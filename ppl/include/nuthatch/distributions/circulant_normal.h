#pragma once
/// CirculantNormal({.loc, .covariance_row}) or ({.loc, .covariance_rfft}): x [..., n] real, normal with covariance
/// K_ij = covariance_row[(i - j) mod n], as of a stationary process on a circle. covariance_rfft [n / 2 + 1] > 0 are the
/// eigenvalues of K, the real Fourier transform of the (even) row. loc [..., n] is 0 when left out; then n is even where
/// only covariance_rfft is given.
///   log p(x) = -1/2 sum_k z_k^2 / l_k - 1/2 sum_k log(l_k) - n/2 log(2 pi),   z the Hartley transform of x - loc
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters; one of the two forms of the covariance.
struct CirculantNormalOptions {
  OnlyNamed only_named{};
  Tensor loc{};
  Tensor covariance_row{};
  Tensor covariance_rfft{};
};

struct CirculantNormal : Distribution {
  explicit CirculantNormal(const CirculantNormalOptions& options, Where where = Where::current());
};

}  // namespace nuthatch
