#pragma once
// Cuts a program at matrix products and factorisations that libraries do better than generated code.
#include "backends/gpu/schedule.h"

namespace nuthatch::gpu {

struct CutOptions {
  /// Of a chain program: arguments with a leading axis of chains. Empty: a plain program.
  std::vector<bool> varying_argument;
  std::int64_t chains = 1;                        // about how many there will be
  std::int64_t least_flops = std::int64_t(1) << 24;  // of a product, of all chains
  std::int64_t least_extent = 16;                 // of a product in each direction
  std::int64_t least_rows = 256;                  // of a matrix that is factorised or solved with
  std::int64_t most_calls = 16;                   // for factorisations and solves of several matrices, of all chains
  std::int64_t most_unrolled = 4;                 // iterations of a loop that is written out
};

/// Sizes from which programs on a GPU are cut; tests lower them.
CutOptions& usualCuts();

/// False where it is plain at first sight that there is nothing to cut.
bool mayBeCut(const detail::Program&);

/// Where nothing is worth a cut, the schedule is one kernel, the whole program.
Schedule cut(const detail::ProgramPtr&, const CutOptions&);

}  // namespace nuthatch::gpu
