#include "inference/mcmc/pooled.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "nuthatch/array.h"
#include "nuthatch/index.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "nuthatch/transform.h"
#include "nuthatch/tree.h"

namespace nuthatch::mcmc {
namespace {

constexpr std::int64_t meet_every = 10;
constexpr std::int64_t first_meetings[] = {2, 3, 4, 6, 8};  // the first metric is one, and must not stay so for long

/// Leaves of one chain of leaves [chains, ...].
Adaptation chain_of(const Adaptation& chains, std::int64_t c) {
  auto leaves = tree::flatten(chains);
  for (Tensor& x : leaves) x = x[c];
  return tree::unflatten(chains, leaves);
}

/// The moments of several sets of points, leaves [chains, ...], as if of one.
Moments joined(const Moments& sets) {
  const bool matrix = sets.squares.ndim() == 3;
  Tensor count = sum(sets.count), weight = expand_dims(sets.count, 1);
  Tensor mean = sum(weight * sets.mean, 0) / maximum(count, 1.0);
  Tensor deviation = sets.mean - mean, weighted = weight * deviation;
  Tensor between = matrix ? matmul(transpose(weighted), deviation) : sum(weighted * deviation, 0);
  return {count, mean, sum(sets.squares, 0) + between};
}

/// All points in use, one set after the other.
Points joined(const Points& sets) {
  const std::int64_t capacity = sets.positions.size(1);
  const auto count = sets.count.to_vector<std::int64_t>(), begin = sets.begin.to_vector<std::int64_t>();
  std::vector<Tensor> positions, gradients;
  std::int64_t total = 0;
  for (std::int64_t c = 0; c < std::int64_t(count.size()); ++c) {
    std::vector<std::int64_t> rows;
    for (std::int64_t i = std::max(begin[std::size_t(c)], count[std::size_t(c)] - capacity); i < count[std::size_t(c)]; ++i)
      rows.push_back(i % capacity);
    if (rows.empty()) continue;
    total += std::int64_t(rows.size());
    positions.push_back(take(sets.positions[c], Tensor(rows)));
    gradients.push_back(take(sets.gradients[c], Tensor(rows)));
  }
  const Tensor zero = full(Shape{}, Tensor(std::int64_t(0)));
  if (total == 0) return {zero, zero, zero, sets.positions[0], sets.gradients[0]};
  return {full(Shape{}, Tensor(total)), zero, zero, concat(positions), concat(gradients)};
}

/// Everything chains know, as one: the metric is the same in all of them already.
Adaptation joined(const Adaptation& chains) {
  Adaptation a = chain_of(chains, 0);
  a.tuning.step_size = exp(mean(log(chains.tuning.step_size)));
  a.step = {mean(chains.step.log_target), mean(chains.step.mean_error), mean(chains.step.log_average),
            mean(chains.step.updates)};
  for (std::size_t i = 0; i < a.moments.size(); ++i) a.moments[i] = joined(chains.moments[i]);
  for (std::size_t i = 0; i < a.points.size(); ++i) a.points[i] = joined(chains.points[i]);
  return a;
}

/// Some of the chains.
Adaptation chosen(const Adaptation& chains, const std::vector<std::int64_t>& which) {
  auto leaves = tree::flatten(chains);
  for (Tensor& x : leaves) x = take(x, Tensor(which));
  return tree::unflatten(chains, leaves);
}

/// x for each of n chains.
template <class T>
T copies(const T& x, std::int64_t n) {
  auto leaves = tree::flatten(x);
  for (Tensor& leaf : leaves) leaf = stack(std::vector<Tensor>(std::size_t(n), leaf));
  return tree::unflatten(x, leaves);
}

/// A meeting of chains none of which is far away.
Adaptation meet_all(const AdaptationRules& rules, const AdaptationPlan& plan, const Adaptation& chains, std::int64_t draws) {
  const std::int64_t n = chains.tuning.step_size.size(), last = draws - 1;
  Adaptation all = joined(chains), next = chains;
  const bool learning = rules.mass_matrix && last < plan.windows_end.item<std::int64_t>();
  if (learning && rules.source == MetricSource::fisher) {
    const double enough = rules.metric == MetricKind::diagonal ? 1.0 : 2.0;
    if (points_seen(all).item<double>() > enough) all = with_metric(rules, all, fisher_estimate(rules, all));
  } else if (learning && last >= plan.windows_begin.item<std::int64_t>() && last == all.window_end.item<std::int64_t>()) {
    all = end_window(rules, plan, all, all.moments[0]);
    next.moments = copies(all.moments, n);
    next.window_end = copies(all.window_end, n);
    next.window_size = copies(all.window_size, n);
  }
  next.tuning = copies(all.tuning, n);
  next.step = copies(all.step, n);
  return next;
}

/// Mean squares of the coordinates of the gradients that chains have seen in this window; undefined where that is not kept.
Tensor gradient_squares(const AdaptationRules& rules, const Adaptation& chains) {
  if (rules.source != MetricSource::fisher || chains.moments.empty()) return {};
  const Moments& g = chains.moments[1];
  const Tensor squares = g.squares.ndim() == 3 ? vmap([](const Tensor& x) { return diagonal(x); })(g.squares) : g.squares;
  return squares / expand_dims(maximum(g.count, 1.0), 1);
}

}  // namespace

std::vector<std::int64_t> meeting_points(const AdaptationRules& rules, const WindowSchedule& s) {
  std::set<std::int64_t> points{s.num_warmup};
  for (const std::int64_t draws : first_meetings) points.insert(draws);
  for (std::int64_t draws = meet_every; draws < s.num_warmup; draws += meet_every) points.insert(draws);
  if (rules.source == MetricSource::windows)
    for (const std::int64_t end : window_ends(s)) points.insert(end + 1);
  points.erase(points.upper_bound(s.num_warmup), points.end());
  return {points.begin(), points.end()};
}

std::vector<bool> far_away(const Tensor& squares) {
  constexpr double limit = 1e6;
  const std::size_t chains = std::size_t(squares.size(0)), n = std::size_t(squares.size(1));
  const std::vector<double> x = squares.to_vector<double>();
  std::vector<bool> far(chains, false);
  for (std::size_t i = 0; i < n; ++i) {
    std::vector<double> column;
    for (std::size_t c = 0; c < chains; ++c) column.push_back(std::isfinite(x[c * n + i]) ? x[c * n + i] : INFINITY);
    std::vector<double> sorted = column;
    std::sort(sorted.begin(), sorted.end());
    const double median = sorted[(chains - 1) / 2];
    if (!(median > 0) || std::isinf(median)) continue;  // no gradients, or nothing to go by
    for (std::size_t c = 0; c < chains; ++c) far[c] = far[c] || column[c] > limit * median;
  }
  return far;
}

Adaptation meet(const AdaptationRules& rules, const AdaptationPlan& plan, const Adaptation& chains, const Tensor& gradients,
                std::int64_t draws) {
  const std::int64_t n = chains.tuning.step_size.size();
  std::vector<bool> far = far_away(square(gradients));
  if (const Tensor seen = gradient_squares(rules, chains); seen.defined()) {
    const std::vector<bool> was_far = far_away(seen);
    for (std::size_t c = 0; c < far.size(); ++c) far[c] = far[c] || was_far[c];
  }
  if (std::find(far.begin(), far.end(), false) == far.end()) far.assign(far.size(), false);  // each in another coordinate
  std::vector<std::vector<std::int64_t>> groups(1);
  for (std::int64_t c = 0; c < n; ++c) far[std::size_t(c)] ? groups.push_back({c}) : groups[0].push_back(c);
  std::vector<std::vector<Tensor>> of_chain(far.size());
  Adaptation shared;
  for (const auto& group : groups) {
    const Adaptation part = meet_all(rules, plan, chosen(chains, group), draws);
    if (&group == &groups[0]) shared = chain_of(part, 0);
    for (std::size_t i = 0; i < group.size(); ++i) {
      Adaptation own = chain_of(part, std::int64_t(i));
      if (draws == plan.num_warmup.item<std::int64_t>()) own.tuning = shared.tuning, own.step = shared.step;
      of_chain[std::size_t(group[i])] = tree::flatten(own);
    }
  }
  std::vector<Tensor> leaves;
  for (std::size_t leaf = 0; leaf < of_chain[0].size(); ++leaf) {
    std::vector<Tensor> column;
    for (const auto& chain : of_chain) column.push_back(chain[leaf]);
    leaves.push_back(stack(column));
  }
  return tree::unflatten(chains, leaves);
}

}  // namespace nuthatch::mcmc
