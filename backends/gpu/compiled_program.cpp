#include "backends/gpu/compiled_program.h"

#include <limits>

#include "backends/gpu/cuts.h"
#include "backends/gpu/math_libraries.h"
#include "nuthatch/error.h"

namespace nuthatch::gpu {
namespace {

/// What libraries that are not there would do stays in kernels.
CutOptions cutsFor(const std::vector<bool>& varying, std::int64_t chains) {
  constexpr auto kNever = std::numeric_limits<std::int64_t>::max();
  CutOptions o = usualCuts();
  if (chains > 0) o.varying_argument = varying;
  o.chains = std::max<std::int64_t>(chains, 1);
  if (!blas().problem.empty()) o.least_flops = o.least_extent = o.least_rows = kNever;
  if (!solver().problem.empty()) o.least_rows = kNever;
  return o;
}

/// Libraries that open may still refuse to start: newer ones than the driver.
bool librariesStart(Card& card) {
  try {
    blasOf(card);
    if (solver().problem.empty()) solverOf(card);
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

CompiledProgram::CompiledProgram(Card& card, const detail::ProgramPtr& program, const std::vector<bool>& varying, std::int64_t chains,
                                 std::int64_t threads_per_chain)
    : chains_(std::max<std::int64_t>(chains, 1)) {
  if (mayBeCut(*program)) {
    auto schedule = cut(program, cutsFor(varying, chains));
    if (!schedule.whole() && librariesStart(card)) {
      steps_ = std::make_unique<CompiledSchedule>(card, std::move(schedule), chains_, threads_per_chain);
      return;
    }
  }
  std::vector<bool> rows = varying;
  rows.resize(program->arguments.size() + program->captures.size(), false);
  kernel_ = std::make_unique<CompiledKernel>(card, ir::traced(*program), rows, chains_, threads_per_chain);
}

void CompiledProgram::launch(const std::vector<detail::Array>& arguments, const std::vector<cuda::Pointer>& results,
                             const std::vector<DeviceStream>& streams) {
  if (steps_) steps_->launch(arguments, results, streams);
  else kernel_->launch(chains_, arguments, results, streams);
}

}  // namespace nuthatch::gpu
