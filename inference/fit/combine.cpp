/// Groups put together, taken apart, and handed out as plain tensors.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <numeric>

#include "nuthatch/inference_data.h"
#include "nuthatch/random.h"

namespace nuthatch {
namespace {

bool has_samples(const DataArray& variable) { return variable.has_dim("chain") && variable.has_dim("draw"); }

/// (chain, draw, ...) to (sample, ...).
DataArray stacked(const DataArray& variable) {
  const DataArray draws = variable.with_leading({"chain", "draw"});
  detail::Array values = draws.values();
  Shape shape{values.shape[0] * values.shape[1]};
  shape.insert(shape.end(), values.shape.begin() + 2, values.shape.end());
  values.shape = shape;
  std::vector<std::string> dims{"sample"};
  dims.insert(dims.end(), draws.dims().begin() + 2, draws.dims().end());
  DataArray out(std::move(dims), std::move(values));
  for (std::size_t k = 2; k < draws.dims().size(); ++k)
    out.set_coord(draws.dims()[k], draws.coords().at(draws.dims()[k]));
  out.rename(variable.name());
  out.attrs = variable.attrs;
  return out;
}

/// One variable of several fits along an axis.
DataArray joined(const std::vector<const DataArray*>& parts, const std::string& dim, Where where) {
  std::vector<DataArray> ordered; // the dimension leads, so that values simply follow each other
  Shape shape;
  std::int64_t extent = 0;
  for (const DataArray* part : parts) {
    ordered.push_back(part->with_leading({dim}, where));
    Shape rest = ordered.back().shape();
    extent += rest[0];
    rest[0] = ordered.front().shape()[0];
    if (rest != ordered.front().shape() || ordered.back().dims() != ordered.front().dims() ||
        ordered.back().dtype() != ordered.front().dtype())
      throw Error(fmt::format("concatenate: `{}` has shape {} ({}) in one part and {} ({}) in another", part->name(),
                              to_string(parts[0]->shape()), fmt::join(parts[0]->dims(), ", "), to_string(part->shape()),
                              fmt::join(part->dims(), ", ")),
                  where);
  }
  shape = ordered.front().shape();
  shape[0] = extent;
  detail::Array values(ordered.front().dtype(), shape);
  std::byte* target = values.data.get();
  for (const DataArray& part : ordered) {
    std::memcpy(target, part.values().data.get(), part.values().bytes());
    target += part.values().bytes();
  }
  DataArray out(ordered.front().dims(), std::move(values), where);
  for (const auto& [name, labels] : ordered.front().coords())
    if (name != dim) out.set_coord(name, labels);
  out.attrs = parts[0]->attrs;
  return out.with_leading(parts[0]->dims(), where);
}

} // namespace

InferenceData& InferenceData::add_groups(const std::map<std::string, Dataset>& added, Where where) {
  for (const auto& [name, dataset] : added)
    if (has(name)) throw Error(fmt::format("add_groups: there is a group `{}` already", name), where);
  for (const auto& [name, dataset] : added) group(name) = dataset;
  return *this;
}

InferenceData& InferenceData::remove_groups(const std::vector<std::string>& names, Where where) {
  for (const auto& name : names) (void)static_cast<const InferenceData*>(this)->group(name, where);
  for (const auto& name : names) group(name) = Dataset();
  return *this;
}

InferenceData InferenceData::stack_chains() const {
  InferenceData out;
  out.attrs = attrs;
  for (const auto& name : groups()) {
    const Dataset& from = static_cast<const InferenceData*>(this)->group(name);
    Dataset& to = out.group(name);
    to.attrs = from.attrs;
    for (const auto& variable : from.variables())
      to.set(variable.name(), has_samples(variable) ? stacked(variable) : variable);
  }
  return out;
}

std::map<std::string, Tensor> InferenceData::to_map(std::string_view name, Where where) const {
  std::map<std::string, Tensor> out;
  for (const auto& variable : group(name, where).variables())
    out[variable.name()] = has_samples(variable) ? stacked(variable).tensor() : variable.tensor();
  return out;
}

std::map<std::string, Tensor> InferenceData::extract(std::int64_t count, const Key& key, std::string_view name,
                                                     Where where) const {
  std::map<std::string, Tensor> out;
  std::vector<std::int64_t> chosen;
  for (const auto& variable : group(name, where).variables()) {
    if (!has_samples(variable)) continue;
    const DataArray samples = stacked(variable);
    const std::int64_t n = samples.shape()[0];
    if (count < 0 || count > n)
      throw Error(fmt::format("extract: {} of {} draws in group `{}`", count, n, name), where);
    if (chosen.empty()) { // the first of a random order
      const auto u = uniform(key, Shape{n}).to_vector<double>();
      chosen.resize(static_cast<std::size_t>(n));
      std::iota(chosen.begin(), chosen.end(), std::int64_t{0});
      std::sort(chosen.begin(), chosen.end(), [&](std::int64_t a, std::int64_t b) {
        const double x = u[static_cast<std::size_t>(a)], y = u[static_cast<std::size_t>(b)];
        return x < y || (x == y && a < b);
      });
      chosen.resize(static_cast<std::size_t>(count));
    }
    out[variable.name()] = samples.take("sample", chosen, where).tensor();
  }
  return out;
}

InferenceData concatenate(const std::vector<InferenceData>& parts, const std::string& dim, Where where) {
  if (parts.empty()) throw Error("concatenate: there are no parts", where);
  if (dim != "chain" && dim != "draw")
    throw Error(fmt::format("concatenate: dimension `{}` is neither chain nor draw", dim), where);
  InferenceData out;
  out.attrs = parts.front().attrs;
  for (const auto& name : parts.front().groups()) {
    const Dataset& first = parts.front().group(name, where);
    Dataset& to = out.group(name);
    to.attrs = first.attrs;
    for (const auto& variable : first.variables()) {
      std::vector<const DataArray*> same;
      if (variable.has_dim(dim))
        for (const auto& part : parts) same.push_back(&part.group(name, where).at(variable.name(), where));
      to.set(variable.name(), same.empty() ? variable : joined(same, dim, where), where);
    }
  }
  return out;
}

std::string to_string(const InferenceData& data) {
  std::string out = "InferenceData";
  for (const auto& name : data.groups()) {
    const Dataset& group = data.group(name);
    std::vector<std::string> extents;
    for (const auto& [dim, labels] : group.coords()) extents.push_back(fmt::format("{} {}", dim, labels.size()));
    out += fmt::format("\n{} ({})", name, fmt::join(extents, ", "));
    for (const auto& variable : group.variables())
      out += fmt::format("\n  {} ({}) {}", variable.name(), fmt::join(variable.dims(), ", "),
                         nuthatch::name(variable.dtype()));
  }
  return out;
}

} // namespace nuthatch
