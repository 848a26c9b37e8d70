#include "backends/gpu/cuts_part.h"

#include <mlir/IR/IRMapping.h>
#include <mlir/Parser/Parser.h>

#include "ir/ops/builder.h"
#include "ir/trace/trace.h"
#include "nuthatch/error.h"
#include "passes/pipeline.h"

namespace nuthatch::gpu {
namespace {

using mlir::Value;
using Values = llvm::SmallVector<Value>;

Values copied(mlir::OpBuilder& at, const Part& part, mlir::IRMapping map) {
  for (auto* op : part.operations) at.clone(*op, map);
  Values out;
  for (const auto& o : part.outputs) out.push_back(map.lookup(o.value));
  return out;
}

Values guarded(ir::Builder& b, const Part& part, const mlir::IRMapping& map) {
  mlir::OperationState state(b.loc, ir::CaseOp::getOperationName());
  state.addOperands(b.convert(map.lookup(part.live), ir::elementType(b.b.getContext(), Dtype::i64)));
  for (const auto& o : part.outputs) state.addTypes(o.value.getType());
  auto* idle = state.addRegion();
  auto* running = state.addRegion();
  auto* op = b.b.create(state);
  mlir::OpBuilder::InsertionGuard keep(b.b);
  (void)idle, (void)running;
  op->getRegion(0).push_back(new mlir::Block);
  b.b.setInsertionPointToEnd(&op->getRegion(0).front());
  Values unchanged;
  for (const auto& o : part.outputs) unchanged.push_back(o.otherwise ? map.lookup(o.otherwise) : b.zeros(o.value.getType()));
  ir::YieldOp::create(b.b, b.loc, unchanged);
  op->getRegion(1).push_back(new mlir::Block);
  b.b.setInsertionPointToEnd(&op->getRegion(1).front());
  Values results = copied(b.b, part, map);
  ir::YieldOp::create(b.b, b.loc, results);
  return Values(op->getResults());
}

mlir::Location placeOf(const Part& part, mlir::MLIRContext* context) {
  return part.operations.empty() ? mlir::UnknownLoc::get(context) : part.operations.front()->getLoc();
}

}  // namespace

Shared<ir::TracedProgram> programOf(const Part& part, mlir::MLIRContext* context) {
  const auto loc = placeOf(part, context);
  mlir::OwningOpRef<mlir::ModuleOp> module(mlir::ModuleOp::create(loc));
  module->getOperation()->setAttr(passes::kPlain, mlir::UnitAttr::get(context));
  mlir::OpBuilder at(context);
  at.setInsertionPointToEnd(module->getBody());
  llvm::SmallVector<mlir::Type> inputs, outputs;
  for (Value v : part.inputs) inputs.push_back(v.getType());
  for (const auto& o : part.outputs) outputs.push_back(o.value.getType());
  auto main = mlir::func::FuncOp::create(at, loc, "main", at.getFunctionType(inputs, outputs));
  auto* block = main.addEntryBlock();
  at.setInsertionPointToEnd(block);
  mlir::IRMapping map;
  for (auto [v, argument] : llvm::zip(part.inputs, block->getArguments())) map.map(v, argument);
  ir::Builder b(at, loc);
  Values results = part.live ? guarded(b, part, map) : copied(at, part, map);
  mlir::func::ReturnOp::create(at, loc, results);

  std::string text;
  llvm::raw_string_ostream stream(text);
  module->print(stream, mlir::OpPrintingFlags().enableDebugInfo());  // a context is not shared
  auto program = share<ir::TracedProgram>();
  program->context = ir::makeContext();
  program->module = mlir::parseSourceString<mlir::ModuleOp>(text, program->context.get());
  if (!program->module) throw Error("internal: a part of a program cannot be read back");
  for (auto t : inputs) program->arguments.push_back(ir::apiType(t));
  for (auto t : outputs) program->results.push_back(ir::apiType(t));
  return program;
}

}  // namespace nuthatch::gpu
