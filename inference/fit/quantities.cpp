#include "quantities.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <limits>

#include "../diagnostics/columns.h"
#include "../diagnostics/parallel.h"

namespace nuthatch::detail {

std::vector<std::string> quantity_labels(const DataArray& variable) {
  const DataArray draws = variable.with_leading({"chain", "draw"});
  const std::size_t rank = draws.dims().size() - 2;
  std::size_t count = 1;
  for (std::size_t k = 0; k < rank; ++k) count *= static_cast<std::size_t>(draws.shape()[k + 2]);
  std::vector<std::string> out;
  std::vector<std::int64_t> index(rank, 0);
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<std::string> labels;
    for (std::size_t k = 0; k < rank; ++k) labels.push_back(draws.coords().at(draws.dims()[k + 2]).text(index[k]));
    out.push_back(labels.empty() ? draws.name() : fmt::format("{}[{}]", draws.name(), fmt::join(labels, ", ")));
    for (std::size_t k = rank; k-- > 0;) {
      if (++index[k] < draws.shape()[k + 2]) break;
      index[k] = 0;
    }
  }
  return out;
}

std::size_t quantity_workers() { return workers_for(std::numeric_limits<std::size_t>::max()); }

void for_each_quantity(const DataArray& variable, const std::function<void(std::size_t, std::size_t, Chains)>& visit) {
  const Columns columns(variable, {"chain", "draw"});
  const auto chains = static_cast<std::size_t>(variable.size("chain")),
             draws = static_cast<std::size_t>(variable.size("draw"));
  columns.for_each([&](std::size_t worker, std::size_t i, std::span<double> values) {
    visit(worker, i, Chains{values, chains, draws});
  });
}

} // namespace nuthatch::detail
