#pragma once
// How many threads run a chain: few, so that all chains run at once, or many, so that each is done sooner?
//
// The estimate counts instructions of a thread: single numbers are computed by every thread, loops over n elements cost
// n / threads and a wait. A multiprocessor of full occupancy is bound by what it can issue, one with few warps by the
// time an instruction takes; chains that find no room wait for a second wave.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "backends/gpu/card.h"
#include "backends/gpu/ptx.h"

namespace nuthatch::gpu {

/// What a program does for one chain; the body of a while counts once.
struct Work {
  double singles = 0;                     // instructions for single numbers
  std::map<std::int64_t, double> loops;  // by extent: instructions for each element, over all loops of that extent
  std::map<std::int64_t, double> waits;  // by extent: number of loops
};
/// After the passes. `varying` as for PtxOptions.
Work workOf(const ir::TracedProgram&);

struct Choice {
  Unit unit = Unit::segment;
  std::int64_t threads = 1;
  double microseconds = 0;  // estimated, of one pass over the program, all chains
  std::string why;          // the candidates and their estimates, a line each
};
/// `wanted` threads for each chain, or 0: the choice is ours. Throws nuthatch::Error for numbers that cannot be had.
Choice choose(const Work&, const CardFacts&, std::int64_t chains, std::int64_t wanted);

}  // namespace nuthatch::gpu
