#include "quantities.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace nuthatch::detail {

void for_each_quantity(const DataArray& variable, const std::function<void(const std::string&, Chains)>& visit) {
  const DataArray draws = variable.with_leading({"chain", "draw"});
  const std::vector<double> values = draws.to_doubles();
  const auto chains = static_cast<std::size_t>(draws.shape()[0]), length = static_cast<std::size_t>(draws.shape()[1]);
  const std::size_t rank = draws.dims().size() - 2;
  std::size_t count = 1;
  for (std::size_t k = 0; k < rank; ++k) count *= static_cast<std::size_t>(draws.shape()[k + 2]);

  std::vector<double> scalar(chains * length);
  std::vector<std::int64_t> index(rank, 0);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t d = 0; d < scalar.size(); ++d) scalar[d] = values[d * count + i];
    std::vector<std::string> labels;
    for (std::size_t k = 0; k < rank; ++k) labels.push_back(draws.coords().at(draws.dims()[k + 2]).text(index[k]));
    visit(labels.empty() ? draws.name() : fmt::format("{}[{}]", draws.name(), fmt::join(labels, ", ")),
          Chains{scalar, chains, length});
    for (std::size_t k = rank; k-- > 0;) {
      if (++index[k] < draws.shape()[k + 2]) break;
      index[k] = 0;
    }
  }
}

} // namespace nuthatch::detail
