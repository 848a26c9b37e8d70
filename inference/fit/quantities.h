#pragma once
/// The scalars of a group of draws, one after the other, with their labels: `mu`, `theta[Choate]`, `b[0, 1]`.
#include <functional>
#include <string>

#include "../diagnostics/chains.h"
#include "nuthatch/dataset.h"

namespace nuthatch::detail {

/// The labels of all scalars of a variable, in row-major order; chain and draw are not part of them.
std::vector<std::string> quantity_labels(const DataArray& variable);
/// How many workers `for_each_quantity` uses at most.
std::size_t quantity_workers();
/// Calls `visit(worker, i, chains)` for scalar i of a variable, on several threads. The chains are valid during the
/// call.
void for_each_quantity(const DataArray& variable,
                       const std::function<void(std::size_t worker, std::size_t i, Chains)>& visit);

} // namespace nuthatch::detail
