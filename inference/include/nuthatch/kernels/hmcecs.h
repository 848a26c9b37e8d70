#pragma once
/// Hamiltonian Monte Carlo with energy conserving subsampling: Dang, Quiroz, Kohn, Tran & Villani, JMLR 20 (2019).
#include "nuthatch/handlers.h"
#include "nuthatch/kernels/kernel.h"

namespace nuthatch {

struct HMCECSOptions {
  OnlyNamed only_named{};
  /// Values of all continuous latent sites near the mode, where the log density of every member of the plate is expanded:
  /// of an earlier fit, or of find_map or an autoguide.
  Values at{};
  /// Of the expansion: 2, or 1 where matrices [members, dim, dim] are too large. With 1 the members in use have to be
  /// many.
  int degree = 2;
  /// One of so many equal parts of the members in use is proposed anew in each draw. More parts, more of them accepted.
  int num_blocks = 1;
};

/// HMCECS(NUTS(model), {.at = values}) for a model with one plate of which a part is used, `Plate("n", n,
/// {.subsample_size = m})`, and no discrete site. With members u, drawn with replacement, d_i the log density of member i
/// minus its expansion q_i, and s^2 the variance of the d_i over u, chains move on
///
///     log prior + sum_i q_i + n / m sum_u d_i - n^2 s^2 / (2 m)
///
/// by turns in the latent sites, by the inner kernel, and in the members (site "n_indices"), by Metropolis steps. The
/// latent sites have the posterior of all data up to an error of order 1 / (n m^2) when the expansion is of degree 2 and
/// close to the mode. A gradient costs m members in place of n. The metric of the inner kernel is diagonal.
Kernel HMCECS(const Kernel& inner, const HMCECSOptions& options, Where where = Where::current());

}  // namespace nuthatch
