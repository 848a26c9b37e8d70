#pragma once
/// Choice of variables by name.
#include <string>
#include <vector>

#include "nuthatch/dataset.h"

namespace nuthatch::detail {

/// Names in the order asked for; with ~, all but those. `filter` is "" (whole names), "like" (parts of names) or
/// "regex". An Error names `function` and what is not there.
std::vector<std::string> selected_variables(const char* function, const std::vector<std::string>& asked,
                                            const std::string& filter, const Dataset& group, Where where);

} // namespace nuthatch::detail
