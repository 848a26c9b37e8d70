// Step sizes as functions of the step.
#include <cmath>
#include <string>

#include "nuthatch/math.h"
#include "nuthatch/optim.h"

namespace nuthatch {
namespace {

void require(const char* name, bool good, const char* what, Where where) {
  if (!good) throw Error(std::string(name) + ": " + what, where);
}
void require_steps(const char* name, std::int64_t steps, Where where) {
  require(name, steps >= 1, "steps must be at least 1", where);
}
Tensor elapsed(const Tensor& step, std::int64_t steps, bool staircase) {
  const Tensor t = step.cast(f64) / double(steps);
  return staircase ? floor(t) : t;
}

}  // namespace

Function<Tensor(const Tensor&)> Schedule::constant_schedule(double size) {
  if (!std::isfinite(size) || size < 0) throw Error("an optimiser's step size must be positive, but it is " + std::to_string(size));
  return [size](const Tensor&) { return Tensor(size); };
}

Schedule exponential_decay(const ExponentialDecay& o, Where where) {
  require_steps("exponential_decay", o.steps, where);
  require("exponential_decay", o.rate > 0, "rate must be positive", where);
  return [o](const Tensor& step) { return o.init * exp(std::log(o.rate) * elapsed(step, o.steps, o.staircase)); };
}

Schedule inverse_time_decay(const InverseTimeDecay& o, Where where) {
  require_steps("inverse_time_decay", o.steps, where);
  require("inverse_time_decay", o.rate >= 0, "rate must not be negative", where);
  return [o](const Tensor& step) { return o.init / (1.0 + o.rate * elapsed(step, o.steps, o.staircase)); };
}

Schedule polynomial_decay(const PolynomialDecay& o, Where where) {
  require_steps("polynomial_decay", o.steps, where);
  require("polynomial_decay", o.power > 0, "power must be positive", where);
  return [o](const Tensor& step) {
    const Tensor rest = 1.0 - minimum(elapsed(step, o.steps, false), 1.0);
    return (o.init - o.final) * pow(rest, o.power) + o.final;
  };
}

Schedule cosine_decay(const CosineDecay& o, Where where) {
  require_steps("cosine_decay", o.steps, where);
  return [o](const Tensor& step) {
    const Tensor t = minimum(elapsed(step, o.steps, false), 1.0);
    return o.final + (o.init - o.final) * 0.5 * (1.0 + cos(M_PI * t));
  };
}

Schedule piecewise_constant(const std::vector<std::pair<std::int64_t, double>>& values, Where where) {
  require("piecewise_constant", !values.empty() && values.front().first == 0, "the first step must be 0", where);
  for (std::size_t i = 1; i < values.size(); ++i)
    require("piecewise_constant", values[i].first > values[i - 1].first, "steps must increase", where);
  return [values](const Tensor& step) {
    Tensor size = values.front().second;
    for (std::size_t i = 1; i < values.size(); ++i) size = select(step >= values[i].first, values[i].second, size);
    return size;
  };
}

}  // namespace nuthatch
