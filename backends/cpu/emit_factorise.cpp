// lu, qr, eigh, svd and the pullback of cholesky: the algorithms of ir/ops/linalg/kernels, run on a machine that emits code.
#include "backends/cpu/factor_threads.h"
#include "ir/ops/linalg/kernels/cholesky.h"
#include "ir/ops/linalg/kernels/svd.h"

namespace nuthatch::cpu {

void Emitter::factorise(Operation* op) {
  Value x = op->getOperand(0);
  auto dims = shape(x);
  int64_t rows = dims[dims.size() - 2], columns = dims.back();
  if (rows == 0 || columns == 0) return;
  FactorMachine machine(*this, dtype(x), varies(op->getResult(0)));
  const bool inPlace = mlir::isa<ir::LuOp, ir::CholeskyPullbackOp>(op);
  machine.overBatch(llvm::SmallVector<int64_t>(dims.drop_back(2)), std::min(rows, columns), [&](const Index& batch) {
    auto result = [&](unsigned k) { return machine.result(op->getResult(k), batch); };
    auto input = inPlace ? result(0) : machine.temporary(rows, columns);
    if (mlir::isa<ir::CholeskyPullbackOp>(op)) {
      auto l = machine.temporary(rows, columns);
      machine.copy(x, batch, rows, columns, l);
      machine.copy(op->getOperand(1), batch, rows, columns, input);
      return machine.shares() ? pullbackByThreads(machine, rows, l, input) : ir::kernels::choleskyPullback(machine, rows, l, input);
    }
    machine.copy(x, batch, rows, columns, input);
    if (mlir::isa<ir::LuOp>(op)) ir::kernels::lu(machine, rows, input, result(1));
    else if (mlir::isa<ir::QrOp>(op)) ir::kernels::qr(machine, rows, columns, input, result(0), result(1));
    else if (mlir::isa<ir::EighOp>(op)) ir::kernels::eigh(machine, rows, input, result(0), result(1));
    else ir::kernels::svd(machine, rows, columns, input, result(0), result(1), result(2));
    memo.clear();
  });
}

}  // namespace nuthatch::cpu
