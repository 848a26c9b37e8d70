#pragma once
/// Every distribution, with parameters at which it is tested. A test compares this table with the headers in
/// distributions/, so that a new distribution cannot be forgotten.
#include <functional>
#include <string>
#include <vector>

#include "nuthatch/distribution.h"

namespace nuthatch::detail {

struct DistributionEntry {
  std::string name;                      // of the class; "Bernoulli(logits)" for a second parametrisation
  std::vector<std::string> parameters;   // names, in the order of `make`
  std::function<Distribution(const std::vector<Tensor>&)> make;
  std::vector<std::vector<Tensor>> examples;
  bool has_draws = true;
  std::string group{};                   // "continuous", ...: the file in ppl/distributions/registry
};

const std::vector<DistributionEntry>& distribution_registry();

}  // namespace nuthatch::detail
