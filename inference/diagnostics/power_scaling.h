#pragma once
/// Sensitivity of a posterior to its prior and likelihood: Kallioinen, Paananen, Buerkner and Vehtari (2024),
/// "Detecting and diagnosing prior and likelihood sensitivity with power-scaling".
#include <span>
#include <vector>

namespace nuthatch::detail {

/// Normalised weights, in the order of the draws, that turn draws of a posterior into draws of the one whose prior (or
/// likelihood) is raised to the power alpha: exp((alpha - 1) log_density), Pareto smoothed.
std::vector<double> power_scaling_weights(std::span<const double> log_density, double alpha);

/// Cumulative Jensen-Shannon distance, base 2, between draws and the same draws under weights, the larger one of that
/// of x and of -x.
double cumulative_jensen_shannon(std::span<const double> x, std::span<const double> weights);

/// Mean slope of the distance in log2 alpha, from weights at alpha = `lower` and `upper`.
double power_scaling_sensitivity(std::span<const double> x, std::span<const double> lower_weights,
                                 std::span<const double> upper_weights, double lower, double upper);

} // namespace nuthatch::detail
