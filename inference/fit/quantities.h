#pragma once
/// The scalars of a group of draws, one after the other, with their labels: `mu`, `theta[Choate]`, `b[0, 1]`.
#include <functional>
#include <string>

#include "../diagnostics/chains.h"
#include "nuthatch/dataset.h"

namespace nuthatch::detail {

/// Calls `visit` for every scalar of a variable. The chains are valid during the call.
void for_each_quantity(const DataArray& variable, const std::function<void(const std::string& label, Chains)>& visit);

} // namespace nuthatch::detail
