#pragma once
/// Names that Stan and ArviZ's schema have for the same statistics.
#include <array>
#include <string_view>

#include "nuthatch/dtype.h"

namespace nuthatch::detail {

struct StanStatistic {
  std::string_view stan, schema;
  Dtype dtype;
};
/// In the order of CmdStan's columns.
inline constexpr std::array<StanStatistic, 7> kStanStatistics{{{"lp__", "lp", Dtype::f64},
                                                               {"accept_stat__", "acceptance_rate", Dtype::f64},
                                                               {"stepsize__", "step_size", Dtype::f64},
                                                               {"treedepth__", "tree_depth", Dtype::i64},
                                                               {"n_leapfrog__", "n_steps", Dtype::i64},
                                                               {"divergent__", "diverging", Dtype::bool_},
                                                               {"energy__", "energy", Dtype::f64}}};

} // namespace nuthatch::detail
