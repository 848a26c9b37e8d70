#pragma once
/// Results of inference in ArviZ's schema: groups of variables with named dimensions and labels.
/// https://python.arviz.org/en/stable/schema/schema.html
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "nuthatch/dataset.h"
#include "nuthatch/path.h"
#include "nuthatch/summary.h"

namespace nuthatch {

class Key;

struct SaveOptions {
  OnlyNamed named = OnlyNamed();
  /// zlib level 1 to 9, or 0 for none. The low bits of draws are noise: compression saves little and costs time.
  int compression = 0;
};

class InferenceData {
public:
  InferenceData();
  // Defined in one place: their code is large, and every user of a fit would compile it.
  InferenceData(const InferenceData&);
  InferenceData(InferenceData&&) noexcept;
  InferenceData& operator=(const InferenceData&);
  InferenceData& operator=(InferenceData&&) noexcept;
  ~InferenceData();

  // The groups of the schema, in the order in which they are listed. Empty groups are absent from files.
  Dataset posterior;
  Dataset unconstrained_posterior;
  Dataset posterior_predictive;
  Dataset predictions;
  Dataset log_likelihood;
  Dataset log_prior;
  Dataset sample_stats;
  Dataset prior;
  Dataset prior_predictive;
  Dataset sample_stats_prior;
  Dataset observed_data;
  Dataset constant_data;
  Dataset predictions_constant_data;
  Dataset warmup_posterior;
  Dataset warmup_sample_stats;
  /// Groups of other names.
  std::map<std::string, Dataset> others;
  /// Of the whole file: version, key, options, hash of the model.
  Attributes attrs;

  /// Names of the groups that are not empty.
  std::vector<std::string> groups() const;
  bool has(std::string_view group) const;
  /// A group by name. The constant form is an Error when it is empty; the other makes groups of other names.
  const Dataset& group(std::string_view name, Where where = Where::current()) const;
  Dataset& group(std::string_view name);

  /// Draws with the chains joined, (samples, ...): of the posterior, else of posterior_predictive, predictions, prior,
  /// prior_predictive; data when no draws have that name.
  Tensor operator[](std::string_view name) const { return samples(name); }
  Tensor samples(std::string_view name, Where where = Where::current()) const;

  /// Adds the groups of another; groups that both have are replaced by the other's.
  InferenceData& extend(const InferenceData& other);
  /// Adds groups by name; an Error when one is there already.
  InferenceData& add_groups(const std::map<std::string, Dataset>& groups, Where where = Where::current());
  /// Takes groups out; an Error when one is not there.
  InferenceData& remove_groups(const std::vector<std::string>& names, Where where = Where::current());
  /// The parts at some labels of some dimensions: `sel({{"school", {"Choate", "Exeter"}}, {"chain", {0, 1}}})`. The
  /// dimensions stay; variables without them are as they were. An Error when no variable has one of the dimensions.
  InferenceData sel(const std::map<std::string, std::vector<Label>>& labels, Where where = Where::current()) const;
  /// The same at positions; negative ones count from the end.
  InferenceData isel(const std::map<std::string, std::vector<std::int64_t>>& positions,
                     Where where = Where::current()) const;
  /// Every `step`-th draw of all groups that have the dimension draw.
  InferenceData thin(std::int64_t step, Where where = Where::current()) const;
  /// Dimensions chain and draw as one, "sample", which leads; its labels are 0 ... chains * draws - 1.
  InferenceData stack_chains() const;
  /// Draws of a group by name, chains joined: (samples, ...); data as they are.
  std::map<std::string, Tensor> to_map(std::string_view group = "posterior", Where where = Where::current()) const;
  /// `count` different draws of a group chosen at random, the same of every variable, chains joined: (count, ...).
  std::map<std::string, Tensor> extract(std::int64_t count, const Key& key, std::string_view group = "posterior",
                                        Where where = Where::current()) const;
  /// The part of every group at one label of a dimension; groups without the dimension stay as they are.
  InferenceData each(std::string_view dim, const Label& label, Where where = Where::current()) const;

  /// Writes what ArviZ and xarray open: a NetCDF-4 file when the name ends in .nc, else a Zarr (version 2) store, which
  /// is a folder. It appears complete or not at all; one of that name is replaced only when the new one is on disk. An
  /// Error names the path and the reason.
  void save(const Path& path, const SaveOptions& options = {}) const;

  /// ArviZ's table: mean, sd, interval, standard errors, effective sample sizes and R-hat of every quantity.
  Table summary(const SummaryOptions& options = {}) const;
  void print_summary(const SummaryOptions& options = {}) const;
  /// What is wrong with the sample, with the remedy for each finding.
  Diagnosis diagnose() const;

protected:
  Dataset* schema_group(std::string_view name);
};

/// Groups with the dimensions, extents and variables of each.
std::string to_string(const InferenceData& data);
/// Fits of the same model one after the other along "chain" or "draw". Groups without that dimension are the first
/// one's. An Error when groups, variables or other extents differ.
InferenceData concatenate(const std::vector<InferenceData>& parts, const std::string& dim = "chain",
                          Where where = Where::current());

} // namespace nuthatch
