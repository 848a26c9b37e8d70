#pragma once
/// EulerMaruyama(times, sde, init): a path x [T, ...event] of the stochastic differential equation
/// dx = f(x, t) dt + g(x, t) dW at the increasing times t_1 < ... < t_T, as the scheme of Euler and Maruyama makes it:
///   x_1 ~ init,   x_{i+1} ~ Normal(x_i + f(x_i, t_i) dt_i, g(x_i, t_i) sqrt(dt_i)),   dt_i = t_{i+1} - t_i
/// `sde(x, t)` returns the pair (f, g) of the shape of x, event and batch dimensions of init; t is a scalar. It may use
/// parameters of the model.
///   log p(x) = log p_init(x_1) + sum_i log Normal(x_{i+1}; x_i + f dt_i, g sqrt(dt_i))
#include <utility>

#include "nuthatch/detail/shared.h"
#include "nuthatch/distribution.h"

namespace nuthatch {

namespace detail {
class Sde {
 public:
  virtual ~Sde() = default;
  virtual std::pair<Tensor, Tensor> operator()(const Tensor& x, const Tensor& t) const = 0;
};
template <class F>
class SdeOf final : public Sde {
 public:
  explicit SdeOf(F f) : f_(std::move(f)) {}
  std::pair<Tensor, Tensor> operator()(const Tensor& x, const Tensor& t) const override {
    auto [drift, diffusion] = f_(x, t);
    return {Tensor(drift), Tensor(diffusion)};
  }

 private:
  F f_;
};
}  // namespace detail

struct EulerMaruyama : Distribution {
  template <Positional T, class F>
  explicit EulerMaruyama(const T& times, F sde, const Distribution& init, Where where = Where::current())
      : Distribution(make(times, share<detail::SdeOf<F>>(std::move(sde)), init, where)) {}

 private:
  static Distribution make(const Tensor& times, Shared<const detail::Sde> sde, const Distribution& init,
                           Where where);
};

}  // namespace nuthatch
