#include "nuthatch/dataset.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace nuthatch {

Dataset::Dataset() = default;
Dataset::Dataset(const Dataset&) = default;
Dataset::Dataset(Dataset&&) noexcept = default;
Dataset& Dataset::operator=(const Dataset&) = default;
Dataset& Dataset::operator=(Dataset&&) noexcept = default;
Dataset::~Dataset() = default;
namespace {

/// `dims`, then `name_dim_k` for the dimensions left over, k counted from `offset`.
std::vector<std::string> complete_dims(const std::string& name, std::vector<std::string> dims, std::int64_t rank,
                                       std::int64_t offset) {
  for (auto k = static_cast<std::int64_t>(dims.size()); k < rank; ++k)
    dims.push_back(fmt::format("{}_dim_{}", name, k - offset));
  return dims;
}

} // namespace

const DataArray* Dataset::find(std::string_view name) const {
  const auto found =
      std::find_if(variables_.begin(), variables_.end(), [&](const DataArray& v) { return v.name() == name; });
  return found == variables_.end() ? nullptr : &*found;
}

const DataArray& Dataset::at(std::string_view name, Where where) const {
  if (const DataArray* found = find(name)) return *found;
  throw Error(fmt::format("no variable `{}`; the group has {}", name,
                          variables_.empty() ? "none" : fmt::format("{}", fmt::join(names(), ", "))),
              where);
}

std::vector<std::string> Dataset::names() const {
  std::vector<std::string> out;
  for (const auto& variable : variables_) out.push_back(variable.name());
  return out;
}

void Dataset::set(const std::string& name, DataArray variable, Where where) {
  variable.rename(name);
  if (std::find(variable.dims().begin(), variable.dims().end(), name) != variable.dims().end())
    throw Error(fmt::format("variable `{}` has the name of one of its dimensions", name), where);
  for (const auto& [dim, labels] : variable.coords()) {
    const auto known = coords_.find(dim);
    if (known == coords_.end() || known->second == labels) continue;
    if (known->second.size() != labels.size())
      throw Error(fmt::format("variable `{}` has extent {} in dimension `{}`, the group has {}", name, labels.size(),
                              dim, known->second.size()),
                  where);
    const auto unlabelled = Coordinate::range(labels.size());
    if (labels != unlabelled && known->second != unlabelled)
      throw Error(fmt::format("variable `{}` labels dimension `{}` differently from the group", name, dim), where);
  }
  // Nothing can fail from here on.
  for (const auto& dim : variable.dims()) {
    const Coordinate labels = variable.coords().at(dim);
    const auto known = coords_.find(dim);
    if (known == coords_.end() || labels != Coordinate::range(labels.size()))
      set_coord(dim, labels, where);
    else
      variable.set_coord(dim, known->second, where);
  }
  const auto place =
      std::find_if(variables_.begin(), variables_.end(), [&](const DataArray& v) { return v.name() == name; });
  if (place == variables_.end())
    variables_.push_back(std::move(variable));
  else
    *place = std::move(variable);
}

void Dataset::set_draws(const std::string& name, const Tensor& draws, std::vector<std::string> event_dims,
                        Where where) {
  if (draws.ndim() < 2)
    throw Error(fmt::format("draws of `{}` have shape {}, which has no chain and draw", name, to_string(draws.shape())),
                where);
  std::vector<std::string> dims{"chain", "draw"};
  dims.insert(dims.end(), event_dims.begin(), event_dims.end());
  set(name, DataArray(complete_dims(name, std::move(dims), draws.ndim(), 2), draws, where), where);
}

void Dataset::set_data(const std::string& name, const Tensor& values, std::vector<std::string> dims, Where where) {
  set(name, DataArray(complete_dims(name, std::move(dims), values.ndim(), 0), values, where), where);
}

void Dataset::set_coord(const std::string& dim, Coordinate labels, Where where) {
  for (auto& variable : variables_)
    if (variable.has_dim(dim)) variable.set_coord(dim, labels, where);
  coords_[dim] = std::move(labels);
}

void Dataset::erase(std::string_view name) {
  std::erase_if(variables_, [&](const DataArray& v) { return v.name() == name; });
}

} // namespace nuthatch
