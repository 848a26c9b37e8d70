#pragma once
/// What several handlers do with messages alike.
#include <vector>

#include "nuthatch/message.h"

namespace nuthatch::detail {

bool is_among(const std::vector<Primitive>& kinds, Primitive kind);

/// A random key is missing: of a draw, of the members of a plate, of prng_key, of the density of a Simulator.
bool needs_key(const Message& m);

/// Puts a prefix before the names of the site and of its plates; kinds that are `hidden` keep theirs.
void add_prefix(Message& m, const std::string& prefix, const std::vector<Primitive>& hidden);

}  // namespace nuthatch::detail
