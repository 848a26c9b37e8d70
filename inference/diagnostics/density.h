#pragma once
/// Kernel density estimate of draws on a grid, as ArviZ makes it.
#include <span>
#include <utility>
#include <vector>

namespace nuthatch::detail {

struct Density {
  std::vector<double> grid;   // centres of equal bins between the least and the largest draw
  std::vector<double> values; // integrates to one
  double bandwidth = 0;
};
/// Gaussian kernel over binned draws, reflected at both ends. The bandwidth is the mean of Silverman's rule and of the
/// improved Sheather-Jones estimate of Botev, Grotowski and Kroese (2010), "Kernel density estimation via diffusion".
/// Needs at least two different finite values.
Density kernel_density(std::span<const double> x, std::size_t bins = 512);

/// Smallest set of intervals that holds `probability`, in ascending order: one per mode. `points` are equally spaced
/// with spacing `dx` (or integers with dx = 1) and have the given probabilities.
std::vector<std::pair<double, double>> highest_density_set(std::span<const double> points,
                                                           std::span<const double> probabilities, double dx,
                                                           double probability, std::size_t most);
/// The same of draws, by their kernel density, or by counts where `discrete`.
std::vector<std::pair<double, double>> multimodal_hdi(std::span<const double> x, double probability, bool discrete,
                                                      std::size_t most);

} // namespace nuthatch::detail
