#pragma once
/// Elliptical slice sampling for models whose latent variables are jointly normal a priori, such as Gaussian processes
/// with known hyperparameters: no gradient, nothing to tune, any likelihood. Murray, Adams & MacKay, AISTATS (2010).
#include "nuthatch/kernels/kernel.h"

namespace nuthatch {

struct EllipticalSliceOptions {
  OnlyNamed only_named{};
  Init init = init_to_uniform();
};

/// The mean and covariance of the prior are found from the model when it is run; an Error says so if the prior of its
/// latent sites is not normal.
Kernel EllipticalSlice(const Model& model, const EllipticalSliceOptions& options = {}, Where where = Where::current());

}  // namespace nuthatch
