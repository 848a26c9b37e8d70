#include "ppl/core/line.h"

#include <cmath>

namespace nuthatch::detail {

Ends ends(const Constraint& set) {
  using Kind = Constraint::Kind;
  Ends e{-INFINITY, INFINITY};
  switch (set.kind()) {
    case Kind::positive: case Kind::nonnegative: case Kind::softplus_positive: case Kind::nonnegative_integer:
      e.lower = 0.0;
      break;
    case Kind::boolean: e = {0.0, 1.0}; break;
    case Kind::circular: e = {-3.141592653589793238, 3.141592653589793238}; break;
    case Kind::positive_integer: e.lower = 1.0; break;
    default: break;
  }
  if (set.lower().defined()) e.lower = set.lower();
  if (set.upper().defined()) e.upper = set.upper();
  return e;
}

}  // namespace nuthatch::detail
