#pragma once
/// The statements of a model. Outside of every handler they return their plain value.
#include <string>

#include "nuthatch/distribution.h"
#include "nuthatch/observed.h"

namespace nuthatch {

/// A latent site: an unknown with a prior.
Tensor sample(const std::string& name, const Distribution& distribution, Where where = Where::current());
/// An observation site, also when `observed` is empty: then it is what prediction predicts.
Tensor sample(const std::string& name, const Distribution& distribution, const Observed& observed,
              Where where = Where::current());
/// Records a quantity under a name and returns it.
Tensor deterministic(const std::string& name, const Tensor& value, Where where = Where::current());
/// Adds a term to the log density.
void factor(const std::string& name, const Tensor& log_factor, Where where = Where::current());
/// A quantity to be optimised, without a prior; `initial` when nobody provides another value.
Tensor param(const std::string& name, const Tensor& initial, const Constraint& constraint = {},
             Where where = Where::current());

}  // namespace nuthatch
