#pragma once
// The models that are measured, as functions. Reparameterised where they are used.
#include <nuthatch/nuthatch.h>

namespace nuthatch::benchmark {

void eight_schools(const Tensor& sigma, const Observed& y);
/// X [rows, features] without a column of ones, y 0 or 1.
void logistic(const Tensor& X, const Observed& y);
void radon(const Tensor& county, int counties, const Tensor& x, const Observed& y);
/// h_1 = mu + sigma e_1 / sqrt(1 - phi^2), h_t = mu + phi (h_{t-1} - mu) + sigma e_t, y_t ~ Normal(0, exp(h_t / 2));
/// `like` has the length of y.
void stochastic_volatility(const Tensor& like, const Observed& y);
/// Three components, in order of their means.
void gaussian_mixture(const Tensor& like, const Observed& y);
/// Three states, summed out by the forward recursion, in log space.
void hidden_markov(const Tensor& y);
void gaussian_process(const Tensor& x, const Observed& y);

}  // namespace nuthatch::benchmark
