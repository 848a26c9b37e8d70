#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "nuthatch/cross_validation.h"

namespace nuthatch {
namespace {

/// A random order of 0 ... n-1: that of n uniforms.
std::vector<std::int64_t> random_order(std::int64_t n, const Key& key) {
  const auto u = uniform(key, Shape{n}).to_vector<double>();
  std::vector<std::int64_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  std::sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    const double x = u[static_cast<std::size_t>(a)], y = u[static_cast<std::size_t>(b)];
    return x < y || (x == y && a < b);
  });
  return order;
}

void check(const char* function, std::int64_t n, std::int64_t k, const char* what, Where where) {
  if (k < 2 || k > n)
    throw Error(
        fmt::format("{}: {} folds for {} {}; there must be at least 2, and no more than those", function, k, n, what),
        where);
}

std::vector<std::int64_t> integers(const char* function, const Tensor& x, Where where) {
  if (x.ndim() != 1 || is_float(x.dtype()))
    throw Error(fmt::format("{}: needs a vector of integers, got {} of shape {}", function,
                            is_float(x.dtype()) ? "real numbers" : "integers", to_string(x.shape())),
                where);
  return x.to_vector<std::int64_t>(where);
}

Tensor positions(const std::vector<std::int64_t>& fold_of, std::int64_t fold, bool inside) {
  std::vector<std::int64_t> out;
  for (std::size_t i = 0; i < fold_of.size(); ++i)
    if ((fold_of[i] == fold) == inside) out.push_back(static_cast<std::int64_t>(i));
  return Tensor(out);
}

} // namespace

Folds::Folds(std::vector<std::int64_t> fold_of, std::int64_t k, Where where) : fold_of_(std::move(fold_of)), k_(k) {
  check("Folds", size(), k, "observations", where);
  std::vector<bool> seen(static_cast<std::size_t>(k), false);
  for (std::int64_t fold : fold_of_) {
    if (fold < 0 || fold >= k) throw Error(fmt::format("Folds: fold {} is not in 0 ... {}", fold, k - 1), where);
    seen[static_cast<std::size_t>(fold)] = true;
  }
  const auto empty = std::find(seen.begin(), seen.end(), false);
  if (empty != seen.end()) throw Error(fmt::format("Folds: fold {} has no observation", empty - seen.begin()), where);
}

Tensor Folds::held_out(std::int64_t fold) const { return positions(fold_of_, fold, true); }
Tensor Folds::kept(std::int64_t fold) const { return positions(fold_of_, fold, false); }

Folds random_folds(std::int64_t n, std::int64_t k, const Key& key, Where where) {
  check("random_folds", n, k, "observations", where);
  std::vector<std::int64_t> fold_of(static_cast<std::size_t>(n));
  const auto order = random_order(n, key);
  for (std::size_t i = 0; i < order.size(); ++i)
    fold_of[static_cast<std::size_t>(order[i])] = static_cast<std::int64_t>(i) % k;
  return Folds(std::move(fold_of), k, where);
}

Folds stratified_folds(const Tensor& labels, std::int64_t k, const Key& key, Where where) {
  const auto classes = integers("stratified_folds", labels, where);
  const auto n = static_cast<std::int64_t>(classes.size());
  check("stratified_folds", n, k, "observations", where);
  // In random order, class after class, dealt out in turn: neither classes nor folds differ by more than one.
  std::vector<std::pair<std::int64_t, std::int64_t>> shuffled; // class, place in the random order
  for (std::int64_t i : random_order(n, key)) shuffled.emplace_back(classes[shuffled.size()], i);
  std::vector<std::int64_t> order(classes.size());
  std::iota(order.begin(), order.end(), std::int64_t{0});
  std::sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    return shuffled[static_cast<std::size_t>(a)] < shuffled[static_cast<std::size_t>(b)];
  });
  std::vector<std::int64_t> fold_of(classes.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    fold_of[static_cast<std::size_t>(order[i])] = static_cast<std::int64_t>(i) % k;
  return Folds(std::move(fold_of), k, where);
}

Folds grouped_folds(const Tensor& groups, std::int64_t k, const Key& key, Where where) {
  const auto group_of = integers("grouped_folds", groups, where);
  std::map<std::int64_t, std::int64_t> fold_of_group;
  for (std::int64_t g : group_of) fold_of_group[g] = 0;
  const auto count = static_cast<std::int64_t>(fold_of_group.size());
  check("grouped_folds", count, k, "groups", where);
  const auto order = random_order(count, key);
  std::vector<std::int64_t> dealt(order.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    dealt[static_cast<std::size_t>(order[i])] = static_cast<std::int64_t>(i) % k;
  std::size_t next = 0;
  for (auto& [group, fold] : fold_of_group) fold = dealt[next++];
  std::vector<std::int64_t> fold_of;
  for (std::int64_t g : group_of) fold_of.push_back(fold_of_group[g]);
  return Folds(std::move(fold_of), k, where);
}

} // namespace nuthatch
