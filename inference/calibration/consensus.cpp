#include "nuthatch/consensus.h"

#include "nuthatch/array.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"

namespace nuthatch {
namespace {

void check(const char* name, const std::vector<Tensor>& shards, Where where) {
  if (shards.empty()) throw Error(std::string(name) + ": there are no subposteriors", where);
  const Shape& shape = shards.front().shape();
  for (const Tensor& x : shards)
    if (x.shape() != shape || shape.size() != 2 || shape[0] < 2)
      throw Error(std::string(name) + ": subposteriors must all be [draws, dim] with at least two draws; one has shape " +
                      to_string(x.shape()),
                  where);
}

Tensor inverse(const Tensor& positive_definite) {
  return cho_solve(cholesky(positive_definite), eye(positive_definite.size(0)));
}

/// Inverse covariance matrix of the rows, or inverse variances.
Tensor precision(const Tensor& draws, bool diagonal) {
  Tensor deviation = draws - mean(draws, 0);
  if (diagonal) return double(draws.size(0) - 1) / sum(square(deviation), 0);
  return inverse(matmul(transpose(deviation), deviation) / double(draws.size(0) - 1));
}

/// sum_s W_s of the precisions, and sum_s W_s x_s for one or many rows x.
struct Weighted {
  Tensor precision, total;
};
template <class Rows>
Weighted weighted_sum(const std::vector<Tensor>& shards, bool diagonal, Rows rows) {
  Weighted sum;
  for (const Tensor& draws : shards) {
    const Tensor w = precision(draws, diagonal), x = rows(draws), wx = diagonal ? x * w : matmul(x, w);
    sum.precision = sum.precision.defined() ? sum.precision + w : w;
    sum.total = sum.total.defined() ? sum.total + wx : wx;
  }
  return sum;
}

}  // namespace

Tensor consensus(const std::vector<Tensor>& shards, const ConsensusOptions& o, Where where) {
  check("consensus", shards, where);
  const Weighted sum = weighted_sum(shards, o.diagonal, [](const Tensor& draws) { return draws; });
  return o.diagonal ? sum.total / sum.precision : matmul(sum.total, inverse(sum.precision));
}

NormalConsensus parametric_consensus(const std::vector<Tensor>& shards, const ConsensusOptions& o, Where where) {
  check("parametric_consensus", shards, where);
  const Weighted sum = weighted_sum(shards, o.diagonal, [](const Tensor& draws) { return mean(draws, 0); });
  const Tensor covariance = o.diagonal ? 1.0 / sum.precision : inverse(sum.precision);
  return {o.diagonal ? sum.total * covariance : matmul(sum.total, covariance), covariance};
}

}  // namespace nuthatch
