#include "nuthatch/kernels/metric.h"

#include <cmath>
#include <set>

namespace nuthatch {

Metric::~Metric() = default;

Metric automatic() { return {.kind = Metric::Kind::automatic}; }

Metric diagonal() { return {}; }

Metric dense() { return {.kind = Metric::Kind::dense}; }

Metric block_dense(std::vector<std::vector<std::string>> groups, Where where) {
  std::set<std::string> seen;
  for (const auto& group : groups)
    for (const std::string& name : group)
      if (!seen.insert(name).second) throw Error("block_dense: \"" + name + "\" is in two groups", where);
  if (seen.empty()) throw Error("block_dense: no group names a site; diagonal() has none", where);
  return {.kind = Metric::Kind::dense, .blocks = std::move(groups)};
}

Metric low_rank(const LowRankOptions& o, Where where) {
  if (o.rank < 1) throw Error("low_rank: .rank must be positive, not " + std::to_string(o.rank), where);
  if (!(o.cutoff >= 1) || !std::isfinite(o.cutoff))
    throw Error("low_rank: .cutoff must be at least 1, not " + std::to_string(o.cutoff), where);
  return {.kind = Metric::Kind::low_rank, .rank = o.rank, .cutoff = o.cutoff};
}

}  // namespace nuthatch
