#pragma once
/// NaN among the data of an observation: the elements become latent.
///
/// Which elements are missing must be known when a program is traced, but data are arguments of programs, without values
/// then. So whoever traces a model runs it once with its data and lets the positions be recorded, in order of the
/// statements; later runs with traced data look them up.
#include <cstdint>
#include <optional>
#include <vector>

#include "nuthatch/message.h"

namespace nuthatch::detail {

/// Positions of missing elements in the flat data of each observation statement, in order of execution.
using MissingPositions = std::vector<std::vector<std::int64_t>>;

/// While it lives, observation statements of this thread append their positions to `into`.
class RecordMissing {
 public:
  explicit RecordMissing(MissingPositions& into);
  ~RecordMissing();
  RecordMissing(const RecordMissing&) = delete;

 private:
  MissingPositions* before_;
};
/// While it lives, observation statements of this thread whose data are traced take their positions from `known`.
class KnownMissing {
 public:
  explicit KnownMissing(const MissingPositions& known);
  ~KnownMissing();
  KnownMissing(const KnownMissing&) = delete;

 private:
  const MissingPositions* before_;
  std::size_t next_before_;
};

/// Where data of an observation message are missing: samples `<name>_missing`, completes the value, masks these elements.
void impute_missing(Message& observation);

}  // namespace nuthatch::detail
