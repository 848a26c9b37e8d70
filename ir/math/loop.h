// Loops for the functions whose number of terms depends on the argument, and loops over constant tables.
//
// A wrapper overloads both for its own type, found by argument-dependent lookup: a generator emits the body once. A
// lane whose condition has become false keeps its state, so its bits do not depend on its neighbours.
#pragma once

#include <array>

#include "ir/math/concept.h"

namespace nuthatch::math {

/// What one turn of a loop gives: the next state and where to go on.
template <class V, std::size_t N> struct Turn {
  std::array<V, N> state;
  mask_t<V> more;
};

/// Replaces the state by body(state).state while `more` holds, at most `limit` times.
template <std::size_t N, class Body>
std::array<double, N> repeat_while(bool more, std::array<double, N> state, int limit, Body &&body) {
  for (int i = 0; more && i < limit; ++i) {
    const Turn<double, N> turn = body(state);
    state = turn.state;
    more = turn.more;
  }
  return state;
}

/// body(state, row) for each row of the table in order; the entries of a row are the same in all lanes.
template <std::size_t N, std::size_t Rows, std::size_t Columns, class Body>
std::array<double, N> over_rows(const double (&table)[Rows][Columns], std::array<double, N> state, Body &&body) {
  for (const auto &row : table) {
    std::array<double, Columns> values;
    for (std::size_t c = 0; c < Columns; ++c) values[c] = row[c];
    state = body(state, values);
  }
  return state;
}

} // namespace nuthatch::math
