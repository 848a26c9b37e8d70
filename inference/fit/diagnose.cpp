#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "../diagnostics/convergence.h"
#include "nuthatch/inference_data.h"
#include "quantities.h"

namespace nuthatch {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
// Thresholds of Vehtari et al. (2021), of Betancourt (2016) for BFMI, and PyMC's for the tree depth.
constexpr double kLargestRHat = 1.01;
constexpr double kFewestDrawsPerChain = 100;
constexpr double kSmallestBfmi = 0.3;
constexpr double kShareAtMaxDepth = 0.05;

/// Quantities that fail a check, worst first in the message.
class Offenders {
public:
  void add(const std::string& label, double value, double badness) {
    list_.push_back({badness, list_.size(), label, value});
  }
  bool empty() const { return list_.empty(); }
  std::size_t size() const { return list_.size(); }
  /// `tau 1.03, theta[Choate] 1.02, ... (2 more)`.
  std::string worst(int decimals) const {
    auto sorted = list_;
    std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
      return a.badness > b.badness || (a.badness == b.badness && a.position < b.position);
    });
    std::vector<std::string> shown;
    for (std::size_t i = 0; i < std::min<std::size_t>(sorted.size(), 3); ++i)
      shown.push_back(std::isnan(sorted[i].value)
                          ? sorted[i].label
                          : fmt::format("{} {:.{}f}", sorted[i].label, sorted[i].value, decimals));
    const std::string rest = sorted.size() > 3 ? fmt::format(" and {} more", sorted.size() - 3) : "";
    return fmt::format("{}{}", fmt::join(shown, ", "), rest);
  }

private:
  struct Entry {
    double badness;
    std::size_t position;
    std::string label;
    double value;
  };
  std::vector<Entry> list_;
};

/// max and min that start from NaN and ignore it.
void raise(double& value, double candidate) { value = std::isnan(value) ? candidate : std::max(value, candidate); }
void lower(double& value, double candidate) { value = std::isnan(value) ? candidate : std::min(value, candidate); }

std::int64_t count_true(const DataArray& flags) {
  const auto values = flags.to_doubles();
  return std::count_if(values.begin(), values.end(), [](double v) { return v != 0; });
}

void check_divergences(const Dataset& stats, Diagnosis& d) {
  if (!stats.contains("diverging")) return;
  const DataArray& flags = stats["diverging"];
  d.divergences = count_true(flags);
  if (d.divergences == 0) return;
  d.messages.push_back(
      fmt::format("{} of {} draws diverged: the posterior is curved more sharply in places than the step size "
                  "resolves, and the draws "
                  "do not reach there. Reparameterise (reparam with LocScaleReparam, reparam_automatically) or raise "
                  "target_accept_prob.",
                  d.divergences, flags.size()));
}

void check_tree_depth(const Dataset& stats, Diagnosis& d) {
  std::int64_t draws = 0;
  if (stats.contains("reached_max_treedepth")) {
    d.max_tree_depth_reached = count_true(stats["reached_max_treedepth"]);
    draws = stats["reached_max_treedepth"].size();
  } else if (stats.contains("tree_depth") && stats.attrs.contains("max_tree_depth")) {
    if (const auto* limit = std::get_if<std::int64_t>(&stats.attrs.at("max_tree_depth"))) {
      const auto depths = stats["tree_depth"].to_doubles();
      draws = static_cast<std::int64_t>(depths.size());
      d.max_tree_depth_reached =
          std::count_if(depths.begin(), depths.end(), [&](double v) { return v >= static_cast<double>(*limit); });
    }
  }
  if (static_cast<double>(d.max_tree_depth_reached) <= kShareAtMaxDepth * static_cast<double>(draws)) return;
  d.messages.push_back(fmt::format("{} of {} trajectories were cut at the largest tree depth: the draws are correct "
                                   "but move slowly. Reparameterise, "
                                   "give the parameters similar scales, or raise max_tree_depth.",
                                   d.max_tree_depth_reached, draws));
}

void check_energy(const Dataset& stats, Diagnosis& d) {
  if (!stats.contains("energy")) return;
  const DataArray& stored = stats["energy"];
  if (!stored.has_dim("chain") || !stored.has_dim("draw") || stored.size("draw") < 2) return;
  const auto labels = detail::quantity_labels(stored); // more than one where many fits are one
  std::vector<std::vector<double>> per_chain(labels.size());
  detail::for_each_quantity(stored, [&](std::size_t, std::size_t i, detail::Chains x) { per_chain[i] = detail::bfmi(x); });
  std::vector<std::string> low;
  for (std::size_t i = 0; i < labels.size(); ++i)
    for (std::size_t c = 0; c < per_chain[i].size(); ++c) {
      const double value = per_chain[i][c];
      lower(d.min_bfmi, value);
      if (value >= kSmallestBfmi) continue;
      const std::string of = labels.size() == 1 ? "" : " of " + labels[i];
      if (low.size() < 20) low.push_back(fmt::format("chain {}{} {:.2f}", c, of, value));
    }
  if (low.empty()) return;
  d.messages.push_back(
      fmt::format("BFMI below {} ({}): energies are explored slowly, usually because of heavy tails or a funnel. "
                  "Reparameterise (non-centred scales, tighter priors on scale parameters).",
                  kSmallestBfmi, fmt::join(low, ", ")));
}

/// Which chains have a quantity that changes from draw to draw.
void add_moves(std::vector<char>& moves, const detail::Chains& x) {
  moves.resize(std::max(moves.size(), x.chains), false);
  for (std::size_t c = 0; c < x.chains; ++c) {
    const auto chain = x.chain(c);
    if (!moves[c]) moves[c] = std::any_of(chain.begin(), chain.end(), [&](double v) { return v != chain[0]; });
  }
}

/// A chain in which nothing changes while something does in others.
void check_stuck_chains(const std::vector<std::vector<char>>& moves_by_worker, Diagnosis& d) {
  std::vector<char> moves;
  for (const auto& part : moves_by_worker) {
    moves.resize(std::max(moves.size(), part.size()), false);
    for (std::size_t c = 0; c < part.size(); ++c) moves[c] |= part[c];
  }
  std::vector<std::string> stuck;
  for (std::size_t c = 0; c < moves.size(); ++c)
    if (!moves[c]) stuck.push_back(fmt::format("chain {}", c));
  if (stuck.empty() || stuck.size() == moves.size()) return;
  d.messages.push_back(fmt::format("stuck: {}. All draws there are one point. Start elsewhere (.init), lengthen the "
                                   "warm-up, or reparameterise; do not use these draws.",
                                   fmt::join(stuck, ", ")));
}

/// R-hat and effective sample sizes of every quantity that is not constant.
void check_convergence(const Dataset& posterior, bool from_mcmc, Diagnosis& d) {
  Offenders r_hats, bulks, tails, nans;
  std::size_t quantities = 0, chains = 0;
  struct Check {
    bool nan = false, constant = false;
    detail::Convergence c{};
  };
  std::vector<detail::ConvergenceCheck> convergence(detail::quantity_workers());
  std::vector<std::vector<char>> moves(detail::quantity_workers());
  for (const DataArray& variable : posterior.variables()) {
    if (!variable.has_dim("chain") || !variable.has_dim("draw")) continue;
    const auto labels = detail::quantity_labels(variable);
    std::vector<Check> checks(labels.size());
    detail::for_each_quantity(variable, [&](std::size_t worker, std::size_t i, detail::Chains x) {
      add_moves(moves[worker], x);
      checks[i].nan = detail::has_nan(x.values);
      checks[i].constant = !checks[i].nan && detail::is_constant(x.values); // a diagonal of ones, a triangle of zeros
      if (!checks[i].nan && !checks[i].constant) checks[i].c = convergence[worker](x);
    });
    quantities += labels.size();
    chains = static_cast<std::size_t>(variable.size("chain"));
    const double fewest = kFewestDrawsPerChain * static_cast<double>(chains);
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const auto& [nan, constant, c] = checks[i];
      if (nan) nans.add(labels[i], kNaN, 0);
      if (nan || constant) continue;
      raise(d.max_r_hat, c.r_hat);
      lower(d.min_ess_bulk, c.ess_bulk);
      lower(d.min_ess_tail, c.ess_tail);
      if (c.r_hat > kLargestRHat) r_hats.add(labels[i], c.r_hat, c.r_hat);
      if (c.ess_bulk < fewest) bulks.add(labels[i], c.ess_bulk, -c.ess_bulk);
      if (c.ess_tail < fewest) tails.add(labels[i], c.ess_tail, -c.ess_tail);
    }
  }
  if (!nans.empty())
    d.messages.push_back(
        fmt::format("NaN among the draws of {}. Find the operation that makes it, or restrict the support "
                    "of what goes into it.",
                    nans.worst(0)));
  check_stuck_chains(moves, d);
  if (!r_hats.empty())
    d.messages.push_back(
        fmt::format("R-hat above {} for {} of {} quantities (worst: {}): the chains do not agree. Draw more, "
                    "lengthen the warm-up, or reparameterise.",
                    kLargestRHat, r_hats.size(), quantities, r_hats.worst(3)));
  for (const auto& [what, use, list] : {std::tuple{"bulk", "means", &bulks}, {"tail", "intervals", &tails}})
    if (!list->empty())
      d.messages.push_back(
          fmt::format("{} effective sample size below {} per chain for {} of {} quantities (worst: {}): {} are "
                      "unreliable. Draw more or reparameterise.",
                      what, kFewestDrawsPerChain, list->size(), quantities, list->worst(0), use));
  if (from_mcmc && chains == 1)
    d.messages.push_back(
        "one chain cannot show whether chains agree: R-hat needs two, four are better. Raise num_chains.");
}

} // namespace

Diagnosis diagnose(const InferenceData& data) {
  Diagnosis d;
  d.max_r_hat = d.min_ess_bulk = d.min_ess_tail = d.min_bfmi = kNaN;
  check_divergences(data.sample_stats, d);
  check_tree_depth(data.sample_stats, d);
  check_convergence(data.posterior, !data.sample_stats.empty(), d);
  check_energy(data.sample_stats, d);
  d.ok = d.messages.empty();
  return d;
}

std::string to_string(const Diagnosis& d) {
  return d.messages.empty() ? "No problems detected." : fmt::format("{}", fmt::join(d.messages, "\n"));
}

} // namespace nuthatch
