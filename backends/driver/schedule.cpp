#include "backends/driver/schedule.h"

#include <algorithm>

namespace nuthatch::detail {
namespace {

/// Elements of a matrix, six of which (a factor, its gradient, what they are made of) fill half a megabyte in eight lanes.
constexpr std::int64_t kLargeMatrix = 36 * 36;

std::int64_t largestMatrix(const ir::TracedProgram& program) {
  std::int64_t most = 0;
  program.module->getOperation()->walk([&](mlir::Operation* op) {
    if (!mlir::isa<ir::CholeskyOp, ir::TriangularSolveOp, ir::DotGeneralOp>(op)) return;
    auto type = mlir::cast<mlir::RankedTensorType>(op->getResult(0).getType());
    if (type.getRank() >= 2) most = std::max(most, type.getNumElements());
  });
  return most;
}

}  // namespace

int packWidth(const ir::TracedProgram& program, std::int64_t chains) {
  if (chains <= 4) return chains > 1 ? 4 : 1;
  return largestMatrix(program) >= kLargeMatrix ? 4 : 8;
}

}  // namespace nuthatch::detail
