#pragma once
// Arrays as text, the way NumPy lays them out.
#include <string>

#include "nuthatch/detail/array.h"
#include "nuthatch/detail/function_ref.h"

namespace nuthatch::detail {

/// All visible elements at once (above 1000 elements three at each end of a dimension are), as text of one width.
using ElementTexts = FunctionRef<std::vector<std::string>(const std::vector<std::int64_t>& positions)>;
std::string layout(const Shape& shape, ElementTexts texts);
/// The default texts of elements: shortest digits up to 8 decimals, aligned at the point; exponents where values span
/// more than three orders of magnitude.
std::vector<std::string> element_texts(const Array& a, const std::vector<std::int64_t>& positions);
/// A scalar in the fewest digits that read back the same.
std::string scalar_text(const Array& a);
/// Pads on the left to the longest.
void align_right(std::vector<std::string>& texts);

}  // namespace nuthatch::detail
