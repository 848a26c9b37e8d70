#pragma once
/// Simulator({.draw, .summary, .distance, .epsilon}): the distribution of what a program simulates, for approximate Bayesian
/// computation: `draw(key)` is one simulated data set, an array of any shape. Its density is not known; SMC estimates
///   log p(y) = log K(summary(y), summary(draw(key)))
/// by one simulation for each evaluation, where K says how close two data sets are:
///   gaussian           log K = -1/2 sum ((a - b) / epsilon)^2
///   laplace            log K = -sum |a - b| / epsilon
///   kullback_leibler   log K = -D(a || b) / epsilon, D by nearest neighbours (Perez-Cruz, 2008), of [n] or [n, dims] data
/// The posterior is that of the model in which the data are the simulation seen through K (normalised or not): as epsilon
/// goes to 0, p(parameters | summary). Marin, Pudlo, Robert and Ryder, Approximate Bayesian computational methods,
/// Statistics and Computing 22 (2012); as in PyMC.
///
///     sample("y", Simulator({.draw = [=](Key k) { return mu + normal(k, {100}); }, .summary = "sort"}), y);
///
/// Inside plates every member has a simulation of its own. Capture by value: a trace of the model keeps the function.
/// Under other samplers, which need a density that is the same each time, it is an Error to evaluate it.
#include <type_traits>

#include "nuthatch/distribution.h"
#include "nuthatch/function.h"

namespace nuthatch {

/// By what data sets are compared: "identity", "sort" (along the last axis), "mean" or "median" (of all elements), or any
/// function.
class SummaryStatistic {
 public:
  SummaryStatistic(const char* name, Where where = Where::current());
  template <class F>
    requires(std::is_invocable_r_v<Tensor, F&, const Tensor&> && !std::is_same_v<std::decay_t<F>, SummaryStatistic>)
  SummaryStatistic(F&& f) : function_(std::forward<F>(f)) {}
  Tensor operator()(const Tensor& data) const { return function_(data); }

 private:
  Function<Tensor(const Tensor&)> function_;
};

/// The logarithm of a kernel: "gaussian", "laplace", "kullback_leibler", or any function of the summaries of data and
/// simulation, and epsilon, whose elements are summed.
class SimulatorDistance {
 public:
  SimulatorDistance(const char* name, Where where = Where::current());
  template <class F>
    requires(std::is_invocable_r_v<Tensor, F&, const Tensor&, const Tensor&, const Tensor&> &&
             !std::is_same_v<std::decay_t<F>, SimulatorDistance>)
  SimulatorDistance(F&& f) : function_(std::forward<F>(f)) {}
  Tensor operator()(const Tensor& data, const Tensor& simulated, const Tensor& epsilon) const {
    return function_(data, simulated, epsilon);
  }

 private:
  Function<Tensor(const Tensor&, const Tensor&, const Tensor&)> function_;
};

struct SimulatorOptions {
  OnlyNamed only_named{};
  /// A data set from a random key, always of the same shape.
  Function<Tensor(const Key&)> draw{};
  SummaryStatistic summary = "identity";
  SimulatorDistance distance = "gaussian";
  /// Positive: one number, or one for each element of the summary.
  Tensor epsilon = 1.0;
};

struct Simulator : Distribution {
  explicit Simulator(const SimulatorOptions& options, Where where = Where::current());
};

}  // namespace nuthatch
