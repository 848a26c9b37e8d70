#pragma once
/// Latent variables integrated out in closed form, where prior and likelihood are conjugate.
///
///     auto marginal = collapse(model, {"p"});     // Beta p, Binomial observations: a beta binomial model without p
///
/// Pairs: Beta with Bernoulli and Binomial (probs), Gamma with Poisson and Exponential (rate), Normal with Normal (loc),
/// Dirichlet with Categorical (probs). The parameter of the observations must be the variable itself, not computed from
/// it; there may be several observation sites, and plates around both or around the observations only. The variable and
/// its observations leave the model, and the log marginal likelihood joins it as the factor `<name>_collapsed`.
///
/// Whatever else uses the variable sees NaN, and makes the density NaN: it is no longer there. Masks and scales around
/// collapsed sites are an Error.
#include "nuthatch/handlers.h"

namespace nuthatch {

namespace detail {
HandlerFactory collapse_factory(const std::vector<std::string>& names, Where where);
}

template <class F>
auto collapse(const F& model, const std::vector<std::string>& names, Where where = Where::current()) {
  return detail::with_handler(model, detail::collapse_factory(names, where));
}

}  // namespace nuthatch
