#pragma once
/// The model as a function: the logarithm of the joint density of all latent variables and the data, of one flat
/// vector in unconstrained space, log-Jacobians included. It may be called inside traces, and traces to a lean program:
/// this is the innermost loop of inference.
#include <string>
#include <vector>

#include "nuthatch/handlers.h"
#include "nuthatch/model.h"

namespace nuthatch {

/// What is known of a site before anything is computed.
struct SiteInfo {
  std::string name;
  Shape shape;                      // of the value
  Dtype dtype = f64;
  std::vector<std::string> dims;    // plate of each axis, "" where there is none
  std::vector<PlateFrame> plates;   // with labels
  Where where;
};

/// A latent site and its place in the unconstrained vector.
struct LatentSite : SiteInfo {
  Shape unconstrained_shape;
  std::int64_t offset = 0, size = 0;
  bool discrete = false;
  /// Of a discrete site: the smallest value and how many there are, 0 when their number is not known.
  std::int64_t lowest = 0, num_values = 0;
};

/// Which latent sites a log density may have. Discrete ones stand, as whole numbers, at the end of the vector.
enum class Latents { continuous, any };

class LogDensity {
 public:
  /// Runs the model once, without evaluating anything, to find its sites. Throws for two sites of one name, data
  /// outside their support, and, unless `latents` is `any`, for what cannot be sampled by gradients: a discrete site.
  explicit LogDensity(BoundModel model, Latents latents = Latents::continuous);

  /// Length of the unconstrained vector.
  std::int64_t dim() const { return dim_; }
  /// Length of its continuous part, which comes first.
  std::int64_t continuous_dim() const { return continuous_dim_; }
  /// Latent sites, the continuous ones before the discrete ones, ordered by name: the layout of the vector.
  const std::vector<LatentSite>& sites() const { return sites_; }
  /// Everything computed from latent variables: `deterministic` and reparameterised sites, in order of execution.
  const std::vector<SiteInfo>& deterministics() const { return deterministics_; }
  /// Sites with data, in order of execution.
  const std::vector<SiteInfo>& observations() const { return observations_; }
  /// "mu", "theta[3]", "theta[Choate]", one per unconstrained coordinate.
  std::vector<std::string> names() const;
  /// The tensors the model was bound to: what `data` arguments below replace.
  std::vector<Tensor> data() const { return model_.data(); }
  const BoundModel& model() const { return model_; }

  /// Log density at z [dim()], a scalar.
  Tensor operator()(const Tensor& z) const;
  Tensor operator()(const Tensor& z, const std::vector<Tensor>& data) const;
  /// The part of the latent sites alone, log-Jacobians included: the prior in unconstrained space. `factor` statements
  /// belong to the rest, the likelihood.
  Tensor log_prior(const Tensor& z) const;
  Tensor log_prior(const Tensor& z, const std::vector<Tensor>& data) const;
  /// Values of latent and deterministic sites at z.
  Values constrain(const Tensor& z) const;
  Values constrain(const Tensor& z, const std::vector<Tensor>& data) const;
  /// Values of the latent sites only, as slices of z in unconstrained space.
  Values split(const Tensor& z) const;
  /// z for given values of all latent sites.
  Tensor unconstrain(const Values& values) const;
  Tensor unconstrain(const Values& values, const std::vector<Tensor>& data) const;
  /// Log density of each observation, in the shape of its site, by name.
  Values log_likelihood(const Tensor& z) const;
  Values log_likelihood(const Tensor& z, const std::vector<Tensor>& data) const;
  /// A starting point: uniform on (-radius, radius).
  Tensor init(const Key& key, double radius = 2.0) const;

 private:
  BoundModel model_;
  std::int64_t dim_ = 0, continuous_dim_ = 0;
  std::vector<LatentSite> sites_;
  std::vector<SiteInfo> deterministics_, observations_;
  std::vector<std::vector<std::int64_t>> missing_;  // positions of NaN in the data of each observation statement
  std::vector<std::string> tested_;  // observations found to be inside their support, which data alone determine
};

/// The log density of a model at these arguments.
template <class... A>
LogDensity log_density(const Model& model, const A&... arguments) {
  return LogDensity(model.bind({Argument(arguments)...}));
}

/// Minus the log density at z in unconstrained space: what Hamiltonian dynamics moves in.
inline Tensor potential_energy(const LogDensity& density, const Tensor& z) { return -density(z); }

/// Log density of each observation at constrained values of the latent sites.
Values log_likelihood(const BoundModel& model, const Values& values);

}  // namespace nuthatch
