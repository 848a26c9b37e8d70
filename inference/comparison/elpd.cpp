#include <fmt/format.h>

#include <cmath>
#include <ostream>

#include "nuthatch/loo.h"

namespace nuthatch {
namespace {

/// Rows of a table of Pareto k: good, bad, very bad.
std::string pareto_table(const Elpd& e) {
  std::vector<double> values = e.pareto_k.to_doubles();
  if (e.method == "loo_subsample") std::erase_if(values, [](double k) { return std::isnan(k); });
  std::size_t counts[3] = {0, 0, 0};
  for (double k : values) ++counts[k <= e.good_k ? 0 : k <= 1 ? 1 : 2];
  const std::string bounds[3] = {fmt::format("(-Inf, {:.2f}]", e.good_k), fmt::format("({:.2f}, 1]", e.good_k),
                                 "(1, Inf)"};
  const int widths[3] = {12, 12, 11}; // ArviZ's
  const char* verdicts[3] = {"(good)", "(bad)", "(very bad)"};
  std::string out = "------\n\nPareto k diagnostic values:\n                         Count   Pct.";
  for (int i = 0; i < 3; ++i)
    out += fmt::format("\n{:>{}}   {:<10}{:>5}{:>7.1f}%", bounds[i], widths[i], verdicts[i], counts[i],
                       100.0 * static_cast<double>(counts[i]) / static_cast<double>(values.size()));
  return out;
}

} // namespace

Elpd::Elpd() = default;
Elpd::Elpd(const Elpd&) = default;
Elpd::Elpd(Elpd&&) noexcept = default;
Elpd& Elpd::operator=(const Elpd&) = default;
Elpd& Elpd::operator=(Elpd&&) noexcept = default;
Elpd::~Elpd() = default;

double Elpd::scale_value() const { return scale == "deviance" ? -2 : scale == "negative_log" ? -1 : 1; }

std::string to_string(const Elpd& e) {
  const std::string family = e.method.starts_with("loo") ? "loo" : e.method;
  const std::string first = fmt::format("{}_{}", e.scale == "log" ? "elpd" : e.scale, family), second = "p_" + family;
  const std::size_t width = std::max(first.size(), second.size());
  std::string out = fmt::format("Computed from {} posterior samples and {} observations log-likelihood matrix.\n\n",
                                e.num_samples, e.num_data);
  out += fmt::format("{:<{}} {:>8} {:>8}\n", "", width, "Estimate", "SE");
  out += fmt::format("{:<{}} {:>8.2f} {:>8.2f}\n", first, width, e.elpd, e.se);
  out += fmt::format("{:<{}} {:>8.2f} {:>8}", second, width, e.p, "-");
  if (e.subsampling_se > 0) out += fmt::format("\nSE of subsampling alone: {:.2f}", e.subsampling_se);
  if (!e.pareto_k.name().empty()) out += "\n" + pareto_table(e);
  for (const auto& message : e.messages) out += "\n\n" + message;
  return out;
}

std::ostream& operator<<(std::ostream& out, const Elpd& elpd) { return out << to_string(elpd); }

} // namespace nuthatch
