#pragma once
/// Closed forms of Kullback-Leibler divergences, one per pair of families.
#include <cstdint>
#include <optional>
#include <string>

#include "nuthatch/distribution.h"

namespace nuthatch::detail {

/// A family by name with its parameters, special cases written as the family they belong to: Exponential(r) is
/// Gamma(1, r), LogNormal(m, s), whose divergences are those of its logarithm, stays what it is.
struct Member {
  std::string family;
  std::vector<Parameter> parameters;
  /// The value of a parameter; an empty handle where there is none of that name.
  Tensor operator[](const char* name) const;
};
Member member(const DistributionImpl&);

/// KL(p || q) for a known pair of families; an empty handle for others.
Tensor kl_of_numbers(const Member& p, const Member& q);
Tensor kl_of_counts(const Member& p, const Member& q);
Tensor kl_of_vectors(const Member& p, const Member& q);
/// `order`: rows of the matrices.
Tensor kl_of_matrices(const Member& p, const Member& q, std::int64_t order);

}  // namespace nuthatch::detail
