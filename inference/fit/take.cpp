/// Parts of arrays and of groups along dimensions.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstring>

#include "nuthatch/inference_data.h"

namespace nuthatch {
namespace {

/// `part` of every variable that has the dimension.
template <class Part>
InferenceData part_of(const InferenceData& data, const char* function, const std::string& dim, Where where, Part part) {
  InferenceData out;
  out.attrs = data.attrs;
  bool found = false;
  for (const auto& name : data.groups()) {
    const Dataset& from = data.group(name);
    Dataset& to = out.group(name);
    to.attrs = from.attrs;
    for (const auto& variable : from.variables()) {
      found = found || variable.has_dim(dim);
      to.set(variable.name(), variable.has_dim(dim) ? part(variable) : variable, where);
    }
  }
  if (!found) throw Error(fmt::format("{}: no variable has a dimension `{}`", function, dim), where);
  return out;
}

} // namespace

DataArray DataArray::take(std::string_view dim, const std::vector<std::int64_t>& positions, Where where) const {
  const auto k = static_cast<std::size_t>(require_axis(dim, where));
  std::vector<std::int64_t> at;
  for (std::int64_t p : positions) {
    at.push_back(p < 0 ? p + shape()[k] : p);
    if (at.back() < 0 || at.back() >= shape()[k])
      throw Error(fmt::format("`{}`: position {} in dimension `{}` of extent {}", name_, p, dim, shape()[k]), where);
  }
  std::size_t outer = 1, inner = size_of(dtype());
  for (std::size_t i = 0; i < k; ++i) outer *= static_cast<std::size_t>(shape()[i]);
  for (std::size_t i = k + 1; i < shape().size(); ++i) inner *= static_cast<std::size_t>(shape()[i]);
  const auto extent = static_cast<std::size_t>(shape()[k]);
  Shape taken = shape();
  taken[k] = static_cast<std::int64_t>(at.size());
  detail::Array values(dtype(), taken);
  std::byte* target = values.data.get();
  for (std::size_t o = 0; o < outer; ++o)
    for (std::int64_t p : at) {
      std::memcpy(target, values_.data.get() + (o * extent + static_cast<std::size_t>(p)) * inner, inner);
      target += inner;
    }
  DataArray out = *this;
  out.values_ = std::move(values);
  out.coords_[std::string(dim)] = coords_.at(std::string(dim)).take(at);
  return out;
}

DataArray DataArray::sel(std::string_view dim, const std::vector<Label>& labels, Where where) const {
  (void)require_axis(dim, where);
  std::vector<std::int64_t> positions;
  for (const Label& label : labels) {
    positions.push_back(coords_.at(std::string(dim)).find(label.text));
    if (positions.back() < 0) (void)at(dim, label, where); // says what labels there are
  }
  return take(dim, positions, where);
}

InferenceData InferenceData::sel(const std::map<std::string, std::vector<Label>>& labels, Where where) const {
  InferenceData out = *this;
  for (const auto& [dim, chosen] : labels)
    out = part_of(out, "sel", dim, where, [&](const DataArray& v) { return v.sel(dim, chosen, where); });
  return out;
}

InferenceData InferenceData::isel(const std::map<std::string, std::vector<std::int64_t>>& positions,
                                  Where where) const {
  InferenceData out = *this;
  for (const auto& [dim, chosen] : positions)
    out = part_of(out, "isel", dim, where, [&](const DataArray& v) { return v.take(dim, chosen, where); });
  return out;
}

InferenceData InferenceData::thin(std::int64_t step, Where where) const {
  if (step < 1) throw Error(fmt::format("thin: step {} must be positive", step), where);
  return part_of(*this, "thin", "draw", where, [&](const DataArray& v) {
    std::vector<std::int64_t> kept;
    for (std::int64_t d = 0; d < v.size("draw"); d += step) kept.push_back(d);
    return v.take("draw", kept, where);
  });
}

InferenceData InferenceData::each(std::string_view dim, const Label& label, Where where) const {
  return part_of(*this, "each", std::string(dim), where, [&](const DataArray& v) { return v.at(dim, label, where); });
}

} // namespace nuthatch
