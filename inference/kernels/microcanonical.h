// Isokinetic dynamics (Ver Steeg & Galstyan 2021; Robnik, De Luca, Silverstein & Seljak, JMLR 24, 2023): a particle of unit
// speed whose direction u turns towards the gradient,
//   dx = u dt,  du = (I - u u^T) grad log p(x) / (dim - 1) dt,
// in coordinates where the estimated covariance is the identity. Its flow conserves the target with u uniform on the
// sphere. Shared by the unadjusted and the adjusted sampler.
#pragma once

#include "inference/kernels/point_kernel.h"

namespace nuthatch::kernels {

/// A uniformly distributed direction.
Tensor random_direction(const Key&, std::int64_t dim);

/// The exact solution of the second equation over time t with the gradient kept fixed, and the change of kinetic energy
/// that goes with it.
struct Turned {
  Tensor direction, energy_change;
};
Turned turn(const Tensor& direction, const Tensor& gradient, const Tensor& t);

}  // namespace nuthatch::kernels
