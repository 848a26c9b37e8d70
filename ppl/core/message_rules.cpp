#include "ppl/core/message_rules.h"

#include <algorithm>

#include "nuthatch/detail/simulation.h"

namespace nuthatch::detail {

bool is_among(const std::vector<Primitive>& kinds, Primitive kind) {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

bool needs_key(const Message& m) {
  if (m.key.tensor().defined()) return false;
  switch (m.primitive) {
    case Primitive::sample: return !m.value.defined() || is_simulated(m.distribution);
    case Primitive::plate:
    case Primitive::prng_key: return !m.value.defined();
    default: return false;
  }
}

void add_prefix(Message& m, const std::string& prefix, const std::vector<Primitive>& hidden) {
  if (is_among(hidden, m.primitive)) return;
  m.name = prefix + m.name;
  if (is_among(hidden, Primitive::plate)) return;
  for (auto& plate : m.plates) plate.name = prefix + plate.name;
}

}  // namespace nuthatch::detail
