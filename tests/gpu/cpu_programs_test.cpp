// The programs of tests/cpu on the simulated device: in segments of 1, 4 and 32 threads, in a block, and in a grid, in turn,
// with the check of races.
#include "tests/cpu/codegen_test.cpp"
#include "tests/cpu/random_code_test.cpp"
#include "tests/cpu/row_pass_test.cpp"
#include "tests/cpu/scatter_test.cpp"
#include "tests/cpu/short_rows_test.cpp"

#include "tests/gpu/device_program.h"

namespace nuthatch::test {
namespace {

Shared<detail::LaneExecutable> inTurn(const Shared<ir::TracedProgram>& p, const detail::LaneOptions& o, int call) {
  auto& driver = SimulatedDriver::get();
  if (driver.call("cuCtxSynchronize") != 0) driver.start({{"race_check", 1}});
  using gpu::Unit;
  switch (call % 5) {
    case 0: return compileForDevice(p, o, Unit::segment, 1);
    case 1: return compileForDevice(p, o, Unit::segment, 4);
    case 2: return compileForDevice(p, o, Unit::segment, 32);
    case 3: return compileForDevice(p, o, Unit::block, 64);
    default: return compileForDevice(p, o, Unit::grid, 192);
  }
}

const bool kOnDevice = (compileGroups = inTurn, true);

}  // namespace
}  // namespace nuthatch::test
