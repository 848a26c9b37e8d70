#include "ir/api/regions.h"

namespace nuthatch::detail {

std::vector<TensorType> types_of(const Leaves& xs) {
  std::vector<TensorType> types;
  for (const auto& x : xs) types.push_back(value(x)->type);
  return types;
}

Values values_of(const Leaves& xs) {
  Values values;
  for (const auto& x : xs) values.push_back(value(x));
  return values;
}

Leaves wrapped(const Values& values) {
  Leaves xs;
  for (const auto& v : values) xs.push_back(wrap(v));
  return xs;
}

Leaves arguments_for(const Leaves& originals, const Values& arguments, std::size_t offset) {
  Leaves xs;
  for (std::size_t k = 0; k < originals.size(); ++k) xs.push_back(weak_if(originals[k].is_weak(), wrap(arguments[offset + k])));
  return xs;
}

}  // namespace nuthatch::detail
