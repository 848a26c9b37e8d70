#pragma once
/// Consensus Monte Carlo: draws from the posteriors of shards of the data become draws from the posterior of all of them.
/// Exact for normal posteriors. Scott et al., "Bayes and big data" (2016).
///
/// With S shards, each is fitted with the prior raised to the power 1 / S: scale(model, 1.0 / S, {.only = SiteKind::latent}).
#include <string>
#include <vector>

#include "nuthatch/inference_data.h"
#include "nuthatch/tensor.h"

namespace nuthatch {

struct ConsensusOptions {
  OnlyNamed only_named{};
  /// Weights from variances only; otherwise from covariance matrices.
  bool diagonal = false;
  /// Of InferenceData: the variables that are joined; empty: all. Quantities that follow from others must not be among
  /// them: the covariance matrix would be singular.
  std::vector<std::string> var_names{};
};

/// Each of `subposteriors` is [draws, dim], in one order of the parameters; the result is of the same shape: draw i is the
/// average of the draws i, weighted with the inverse covariance matrices of their shards.
Tensor consensus(const std::vector<Tensor>& subposteriors, const ConsensusOptions& options = {},
                 Where where = Where::current());

/// The same of fits, one for each shard, such as the parts `fits.each("shard", label)` of one program for all shards; the
/// result has the group posterior alone, with the dimensions and labels of the first.
InferenceData consensus(const std::vector<InferenceData>& subposteriors, const ConsensusOptions& options = {},
                        Where where = Where::current());

/// Mean [dim] and covariance matrix [dim, dim] (or variances [dim] when diagonal) of the product of normal distributions
/// fitted to the shards: what `consensus` draws from, without draws.
struct NormalConsensus {
  Tensor mean, covariance;
};
NormalConsensus parametric_consensus(const std::vector<Tensor>& subposteriors, const ConsensusOptions& options = {},
                                     Where where = Where::current());

}  // namespace nuthatch
