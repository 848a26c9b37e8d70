#pragma once
/// The shape of the mass matrix that warm-up learns.

namespace nuthatch {

struct Metric {
  enum class Kind { diagonal, dense };
  Kind kind = Kind::diagonal;
};
/// One variance per dimension.
constexpr Metric diagonal() { return {Metric::Kind::diagonal}; }
/// The whole covariance matrix: for strongly correlated posteriors of moderate dimension.
constexpr Metric dense() { return {Metric::Kind::dense}; }

}  // namespace nuthatch
