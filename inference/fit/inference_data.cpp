#include "nuthatch/inference_data.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace nuthatch {

InferenceData::InferenceData() = default;
InferenceData::InferenceData(const InferenceData&) = default;
InferenceData::InferenceData(InferenceData&&) noexcept = default;
InferenceData& InferenceData::operator=(const InferenceData&) = default;
InferenceData& InferenceData::operator=(InferenceData&&) noexcept = default;
InferenceData::~InferenceData() = default;
namespace {

using Member = Dataset InferenceData::*;
constexpr std::array<std::pair<const char*, Member>, 15> kSchema{{
    {"posterior", &InferenceData::posterior},
    {"unconstrained_posterior", &InferenceData::unconstrained_posterior},
    {"posterior_predictive", &InferenceData::posterior_predictive},
    {"predictions", &InferenceData::predictions},
    {"log_likelihood", &InferenceData::log_likelihood},
    {"log_prior", &InferenceData::log_prior},
    {"sample_stats", &InferenceData::sample_stats},
    {"prior", &InferenceData::prior},
    {"prior_predictive", &InferenceData::prior_predictive},
    {"sample_stats_prior", &InferenceData::sample_stats_prior},
    {"observed_data", &InferenceData::observed_data},
    {"constant_data", &InferenceData::constant_data},
    {"predictions_constant_data", &InferenceData::predictions_constant_data},
    {"warmup_posterior", &InferenceData::warmup_posterior},
    {"warmup_sample_stats", &InferenceData::warmup_sample_stats},
}};

/// (chain, draw, ...) to (samples, ...): a reshape once these two lead.
Tensor joined(const DataArray& variable) {
  if (!variable.has_dim("chain") || !variable.has_dim("draw")) return variable;
  const DataArray draws = variable.with_leading({"chain", "draw"});
  detail::Array values = draws.values();
  Shape shape{values.shape[0] * values.shape[1]};
  shape.insert(shape.end(), values.shape.begin() + 2, values.shape.end());
  values.shape = shape;
  std::vector<std::string> dims(draws.dims().begin() + 1, draws.dims().end());
  return DataArray(std::move(dims), std::move(values)).tensor();
}

} // namespace

Dataset* InferenceData::schema_group(std::string_view name) {
  for (const auto& [known, member] : kSchema)
    if (name == known) return &(this->*member);
  return nullptr;
}

std::vector<std::string> InferenceData::groups() const {
  std::vector<std::string> out;
  for (const auto& [name, member] : kSchema)
    if (!(this->*member).empty()) out.push_back(name);
  for (const auto& [name, dataset] : others)
    if (!dataset.empty()) out.push_back(name);
  return out;
}

bool InferenceData::has(std::string_view name) const {
  const auto present = groups();
  return std::find(present.begin(), present.end(), name) != present.end();
}

const Dataset& InferenceData::group(std::string_view name, Where where) const {
  if (has(name)) {
    for (const auto& [known, member] : kSchema)
      if (name == known) return this->*member;
    return others.find(std::string(name))->second;
  }
  const auto present = groups();
  throw Error(fmt::format("no group `{}`; there {} {}", name, present.size() == 1 ? "is" : "are",
                          present.empty() ? "none" : fmt::format("{}", fmt::join(present, ", "))),
              where);
}

Dataset& InferenceData::group(std::string_view name) {
  Dataset* known = schema_group(name);
  return known ? *known : others[std::string(name)];
}

Tensor InferenceData::samples(std::string_view name, Where where) const {
  for (const Dataset* group : {&posterior, &posterior_predictive, &predictions, &prior, &prior_predictive})
    if (group->contains(name)) return joined((*group)[name]);
  for (const Dataset* group : {&observed_data, &constant_data})
    if (group->contains(name)) return (*group)[name];
  std::string known;
  for (const auto& group : groups())
    if (group != "sample_stats") known += fmt::format("\n  {}: {}", group, fmt::join(this->group(group).names(), ", "));
  throw Error(fmt::format("no draws of `{}`; there are{}", name, known.empty() ? " none" : known), where);
}

InferenceData& InferenceData::extend(const InferenceData& other) {
  for (const auto& name : other.groups()) group(name) = other.group(name);
  for (const auto& [key, value] : other.attrs) attrs.try_emplace(key, value);
  return *this;
}

Table InferenceData::summary(const SummaryOptions& options) const { return nuthatch::summary(*this, options); }

void InferenceData::print_summary(const SummaryOptions& options) const {
  std::fputs((to_string(summary(options)) + "\n").c_str(), stdout);
}

Diagnosis InferenceData::diagnose() const { return nuthatch::diagnose(*this); }

} // namespace nuthatch
