#pragma once
/// The registry's entries, one file per group, and short ways to write them.
#include <utility>

#include "nuthatch/detail/registry.h"

namespace nuthatch::detail {

using Entries = std::vector<DistributionEntry>;
using Examples = std::vector<std::vector<Tensor>>;
using P = const std::vector<Tensor>&;

Entries continuous_entries();
Entries discrete_entries();
Entries multivariate_entries();
Entries modified_entries();

template <class D>
DistributionEntry one(const char* name, const char* a, Examples examples) {
  return {name, {a}, [](P p) { return D(p[0]); }, std::move(examples)};
}
template <class D>
DistributionEntry two(const char* name, const char* a, const char* b, Examples examples) {
  return {name, {a, b}, [](P p) { return D(p[0], p[1]); }, std::move(examples)};
}
template <class D>
DistributionEntry three(const char* name, const char* a, const char* b, const char* c, Examples examples) {
  return {name, {a, b, c}, [](P p) { return D(p[0], p[1], p[2]); }, std::move(examples)};
}

}  // namespace nuthatch::detail
