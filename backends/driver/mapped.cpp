#include "backends/driver/mapped.h"

#include <mlir/Parser/Parser.h>

#include "ir/trace/trace.h"

namespace nuthatch::detail {
namespace {

using mlir::Value;

constexpr std::int64_t kMostElements = 64;
constexpr std::int64_t kLargeMatrix = std::int64_t(1) << 15;  // elements: a quarter of a megabyte

/// The vmap that is all of the program.
ir::VmapOp onlyVmap(mlir::func::FuncOp function) {
  mlir::Block& block = function.getBody().front();
  auto vmap = mlir::dyn_cast<ir::VmapOp>(block.front());
  if (!vmap || vmap->getNextNode() != block.getTerminator()) return {};
  for (Value v : block.getTerminator()->getOperands())
    if (v.getDefiningOp() != vmap) return {};
  return vmap;
}

/// The argument of the program that a value inside is, not mapped.
bool isShared(Value v, ir::VmapOp vmap) {
  auto argument = mlir::dyn_cast<mlir::BlockArgument>(v);
  if (!argument) return false;
  if (argument.getOwner() == vmap->getBlock()) return true;
  // What a derivative's region names is the operand.
  auto* op = argument.getOwner()->getParentOp();
  if (op == vmap) return vmap.getInAxes()[argument.getArgNumber()] < 0;
  if (mlir::isa<ir::VjpOp, ir::JvpOp>(op) && argument.getArgNumber() < op->getNumOperands())
    return isShared(op->getOperand(argument.getArgNumber()), vmap);
  return false;
}

bool worthwhile(ir::VmapOp vmap) {
  bool effects = false, product = false;
  vmap.getBody().walk([&](mlir::Operation* op) {
    effects |= mlir::isa<ir::ReportOp, ir::CustomCallOp, ir::EmitOp, ir::VmapOp>(op);
    auto dot = mlir::dyn_cast<ir::DotGeneralOp>(op);
    if (!dot) return;
    for (auto [matrix, other] : {std::pair{dot.getLhs(), dot.getRhs()}, {dot.getRhs(), dot.getLhs()}})
      product |= ir::shapeOf(matrix).size() == 2 && ir::shapeOf(other).size() == 1 && isShared(matrix, vmap) &&
                 ir::tensorType(matrix).getNumElements() >= kLargeMatrix;
  });
  return product && !effects;
}

/// The function of one element in place of the vmap; false where arguments are not simply mapped or shared.
bool unwrap(mlir::func::FuncOp function, ir::VmapOp vmap, Mapped& out) {
  mlir::Block& block = function.getBody().front();
  mlir::Block& body = vmap.getBody().front();
  for (auto [k, operand] : llvm::enumerate(vmap.getInputs())) {
    auto argument = mlir::dyn_cast<mlir::BlockArgument>(operand);
    const auto axis = vmap.getInAxes()[k];
    if (!argument || axis > 0) return false;
    if (axis < 0) continue;
    if (!argument.hasOneUse() || argument.getArgNumber() >= out.varying_argument.size()) return false;
    out.varying_argument[argument.getArgNumber()] = true;
  }
  for (auto [k, operand] : llvm::enumerate(vmap.getInputs())) {
    Value inner = body.getArgument(unsigned(k));
    if (vmap.getInAxes()[k] == 0) operand.setType(inner.getType());
    inner.replaceAllUsesWith(operand);
  }
  auto* yield = body.getTerminator();
  auto* end = block.getTerminator();
  for (auto& use : end->getOpOperands()) use.set(yield->getOperand(mlir::cast<mlir::OpResult>(use.get()).getResultNumber()));
  yield->erase();
  block.getOperations().splice(vmap->getIterator(), body.getOperations());
  vmap->erase();
  function.setFunctionType(mlir::FunctionType::get(function.getContext(), block.getArgumentTypes(), end->getOperandTypes()));
  return true;
}

}  // namespace

std::optional<Mapped> asMapped(const ir::TracedProgram& source) {
  auto vmap = onlyVmap(source.main());
  if (!vmap || vmap.getSize() < 2 || std::int64_t(vmap.getSize()) > kMostElements || !worthwhile(vmap)) return std::nullopt;
  std::string text;
  llvm::raw_string_ostream stream(text);
  source.module->getOperation()->print(stream, mlir::OpPrintingFlags().enableDebugInfo());  // a context is not shared

  Mapped out{share<ir::TracedProgram>(), std::vector<bool>(source.arguments.size(), false), std::int64_t(vmap.getSize())};
  auto& program = *out.program;
  program.context = ir::makeContext();
  program.module = mlir::parseSourceString<mlir::ModuleOp>(text, program.context.get());
  if (!program.module || !unwrap(program.main(), onlyVmap(program.main()), out)) return std::nullopt;
  program.captures = source.captures;
  const auto types = program.main().getArgumentTypes();
  for (std::size_t k = 0; k < source.arguments.size(); ++k) program.arguments.push_back(ir::apiType(types[k]));
  for (auto t : program.main().getResultTypes()) program.results.push_back(ir::apiType(t));
  return out;
}

}  // namespace nuthatch::detail
