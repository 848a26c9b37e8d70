#pragma once
#include "nuthatch/tensor.h"

namespace nuthatch::mcmc {

/// The geometric mean of A and B^-1, symmetric positive definite matrices: the one S > 0 with S B S = A (Bhatia,
/// "Positive Definite Matrices", 2007, section 4.1). For covariances of draws and gradients it is the metric of least
/// Fisher divergence (Seyboldt, Carlson & Carpenter 2024).
Tensor geometric_mean(const Tensor& A, const Tensor& B);

}  // namespace nuthatch::mcmc
