#include "nuthatch/r2.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ostream>

#include "chains.h"

namespace nuthatch {
namespace {

/// Draws (chain, draw, ...observations): each draw's predictions are contiguous.
struct Rows {
  Rows(const char* function, const Tensor& x, Where where) {
    if (x.ndim() < 3)
      throw Error(fmt::format("{}: predictions of shape {}; needed is (chain, draw, ...observations)", function,
                              to_string(x.shape())),
                  where);
    count = static_cast<std::size_t>(x.size(0) * x.size(1));
    values = x.to_vector<double>(where);
    width = count ? values.size() / count : 0;
    if (width < 2)
      throw Error(
          fmt::format("{}: predictions of shape {} have fewer than two observations", function, to_string(x.shape())),
          where);
    if (detail::has_nan(values)) throw Error(fmt::format("{}: NaN among the predictions", function), where);
  }
  std::span<const double> operator[](std::size_t i) const { return std::span(values).subspan(i * width, width); }
  std::vector<double> values;
  std::size_t count = 0, width = 0;
};

R2 summarise(const std::vector<double>& samples) {
  const auto [low, high] = detail::eti(samples, 0.94);
  return {Tensor(samples), detail::mean(samples), std::sqrt(detail::variance(samples, 0)), low, high};
}

} // namespace

R2 bayesian_r2(const Tensor& mu, const Tensor& scale, Where where) {
  const Rows rows("bayesian_r2", mu, where);
  const auto sigma = scale.to_vector<double>(where);
  if (sigma.size() != rows.count)
    throw Error(fmt::format("bayesian_r2: scale of shape {} for draws of shape {}", to_string(scale.shape()),
                            to_string(mu.shape())),
                where);
  std::vector<double> out;
  for (std::size_t i = 0; i < rows.count; ++i) {
    if (!(sigma[i] >= 0)) throw Error(fmt::format("bayesian_r2: scale {} in draw {}", sigma[i], i), where);
    const double explained = detail::variance(rows[i]);
    out.push_back(explained / (explained + sigma[i] * sigma[i]));
  }
  return summarise(out);
}

R2 bayesian_r2(const Tensor& mu, Where where) {
  const Rows rows("bayesian_r2", mu, where);
  std::vector<double> out;
  for (std::size_t i = 0; i < rows.count; ++i) {
    double residual = 0;
    for (double p : rows[i]) {
      if (!(p >= 0 && p <= 1))
        throw Error(fmt::format("bayesian_r2: {} is not a probability; give the residual scale", p), where);
      residual += p * (1 - p) / static_cast<double>(rows.width);
    }
    const double explained = detail::variance(rows[i]);
    out.push_back(explained / (explained + residual));
  }
  return summarise(out);
}

R2 residual_r2(const Tensor& y, const Tensor& predictions, Where where) {
  const Rows rows("residual_r2", predictions, where);
  const auto observed = y.to_vector<double>(where);
  if (observed.size() != rows.width)
    throw Error(fmt::format("residual_r2: data of shape {} for predictions of shape {}", to_string(y.shape()),
                            to_string(predictions.shape())),
                where);
  std::vector<double> out, residual(rows.width);
  for (std::size_t i = 0; i < rows.count; ++i) {
    std::transform(observed.begin(), observed.end(), rows[i].begin(), residual.begin(), std::minus<>());
    const double explained = detail::variance(rows[i]);
    out.push_back(explained / (explained + detail::variance(residual)));
  }
  return summarise(out);
}

std::string to_string(const R2& r2) {
  return fmt::format("R2 {:.3f}, sd {:.3f}, 94% interval [{:.3f}, {:.3f}]", r2.mean, r2.sd, r2.low, r2.high);
}
std::ostream& operator<<(std::ostream& out, const R2& r2) { return out << to_string(r2); }

} // namespace nuthatch
