#include "inference/mcmc/ess_so_far.h"

#include <algorithm>
#include <cmath>

#include "inference/diagnostics/chains.h"

namespace nuthatch::mcmc {
namespace {

constexpr std::int64_t most_coordinates = 64, most_rows = 1000;
constexpr double renewed_every = 1.0;  // seconds

}  // namespace

void EssSoFar::collect(const Engine& engine) {
  const DrawStore& draws = engine.draws();
  const std::int64_t dim = draws.positions.shape[2] / walkers_;
  coordinates_ = std::min(dim, most_coordinates);
  kept_.resize(std::size_t(draws.chains * walkers_));
  next_.resize(std::size_t(draws.chains), warmup_draws_);
  const auto chains = engine.reports();
  for (std::int64_t c = 0; c < draws.chains; ++c) {
    const std::int64_t base = draws.dropped_of(c);
    std::int64_t& next = next_[std::size_t(c)];
    for (next = std::max(next, base); next < chains[std::size_t(c)].saved; next += stride_) {
      const double* row = draws.positions.as<double>() + (c * draws.capacity + next - base) * walkers_ * dim;
      for (std::int64_t w = 0; w < walkers_; ++w, row += dim)
        for (std::int64_t k = 0; k < coordinates_; ++k)
          kept_[std::size_t(c * walkers_ + w)].push_back(row[k * dim / coordinates_]);
    }
  }
  const auto rows = [&](const std::vector<double>& chain) { return std::int64_t(chain.size()) / coordinates_; };
  while (std::any_of(kept_.begin(), kept_.end(), [&](const auto& chain) { return rows(chain) > most_rows; })) {
    stride_ *= 2;
    for (auto& chain : kept_) {
      const std::int64_t half = (rows(chain) + 1) / 2;
      for (std::int64_t i = 0; i < half; ++i)
        std::copy_n(chain.begin() + 2 * i * coordinates_, coordinates_, chain.begin() + i * coordinates_);
      chain.resize(std::size_t(half * coordinates_));
    }
  }
}

double EssSoFar::value() {
  const auto now = std::chrono::steady_clock::now();
  if (computed_ && std::chrono::duration<double>(now - *computed_).count() < renewed_every) return value_;
  std::int64_t rows = most_rows;
  for (const auto& chain : kept_) rows = std::min(rows, std::int64_t(chain.size()) / std::max<std::int64_t>(1, coordinates_));
  if (kept_.empty() || rows < 4) return value_;
  computed_ = now;
  value_ = std::numeric_limits<double>::infinity();
  std::vector<double> x(kept_.size() * std::size_t(rows));
  for (std::int64_t k = 0; k < coordinates_; ++k) {
    for (std::size_t c = 0; c < kept_.size(); ++c)
      for (std::int64_t i = 0; i < rows; ++i)
        x[c * std::size_t(rows) + std::size_t(i)] = kept_[c][std::size_t(i * coordinates_ + k)];
    const double ess = detail::ess_bulk({x, kept_.size(), std::size_t(rows)});
    if (!std::isnan(ess)) value_ = std::min(value_, ess);
  }
  return value_;
}

}  // namespace nuthatch::mcmc
