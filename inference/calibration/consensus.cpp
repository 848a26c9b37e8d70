#include "nuthatch/consensus.h"

#include "nuthatch/array.h"
#include "nuthatch/index.h"
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

namespace {

std::vector<std::string> joined_names(const InferenceData& first, const ConsensusOptions& o, Where where) {
  if (first.posterior.empty()) throw Error("consensus: the first shard has no posterior", where);
  if (o.var_names.empty()) return first.posterior.names();
  for (const std::string& name : o.var_names)
    if (!first.posterior.contains(name))
      throw Error("consensus: .var_names names \"" + name + "\", which is not a variable of the posterior", where);
  return o.var_names;
}

/// All draws of some variables side by side: [draws, dim].
Tensor rows_of(const InferenceData& shard, const InferenceData& first, const std::vector<std::string>& names, Where where) {
  std::vector<Tensor> columns;
  for (const std::string& name : names) {
    if (!shard.posterior.contains(name)) throw Error("consensus: a shard has no variable \"" + name + "\"", where);
    const DataArray &x = shard.posterior[name], &like = first.posterior[name];
    if (x.shape() != like.shape() || !x.has_dim("chain") || !x.has_dim("draw"))
      throw Error("consensus: \"" + name + "\" has shape " + to_string(x.shape()) + " in one shard and " +
                      to_string(like.shape()) + " in the first; both need the dimensions chain and draw",
                  where);
    if (x.dtype() != f64 && x.dtype() != f32)
      throw Error("consensus: \"" + name + "\" is discrete, and an average of its draws means nothing", where);
    const std::int64_t draws = x.size("chain") * x.size("draw");
    columns.push_back(reshape(x.with_leading({"chain", "draw"}).tensor().cast(f64), {draws, -1}));
  }
  return concat(columns, 1);
}

}  // namespace

InferenceData consensus(const std::vector<InferenceData>& shards, const ConsensusOptions& o, Where where) {
  if (shards.empty()) throw Error("consensus: there are no subposteriors", where);
  const InferenceData& first = shards.front();
  const std::vector<std::string> names = joined_names(first, o, where);
  std::vector<Tensor> rows;
  for (const InferenceData& shard : shards) rows.push_back(rows_of(shard, first, names, where));
  const Tensor joined = consensus(rows, o, where);
  if (!all_of(isfinite(joined)).item<bool>())
    throw Error("consensus: the covariance matrix of a shard is singular: leave out what follows from other variables with "
                ".var_names, or use .diagonal",
                where);
  InferenceData result;
  std::int64_t begin = 0;
  for (const std::string& name : names) {
    const DataArray like = first.posterior[name].with_leading({"chain", "draw"});
    const std::int64_t size = like.size() / (like.size("chain") * like.size("draw"));
    DataArray x(like.dims(), reshape(joined(all, slice(begin, begin + size)), like.shape()), where);
    for (const auto& [dim, labels] : like.coords()) x.set_coord(dim, labels, where);
    result.posterior.set(name, x);
    begin += size;
  }
  return result;
}

NormalConsensus parametric_consensus(const std::vector<Tensor>& shards, const ConsensusOptions& o, Where where) {
  check("parametric_consensus", shards, where);
  const Weighted sum = weighted_sum(shards, o.diagonal, [](const Tensor& draws) { return mean(draws, 0); });
  const Tensor covariance = o.diagonal ? 1.0 / sum.precision : inverse(sum.precision);
  return {o.diagonal ? sum.total * covariance : matmul(sum.total, covariance), covariance};
}

}  // namespace nuthatch
