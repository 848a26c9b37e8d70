// Batching of operations with regions, after conditions have become uniform.
#include "ir/ops/batching_support.h"
#include "passes/batching/batcher.h"

namespace nuthatch::passes {

using namespace ir;
using batching::spread;
using llvm::SmallVector;
using mlir::Block;
using mlir::failed;
using mlir::failure;
using mlir::LogicalResult;
using mlir::Region;
using mlir::success;
using mlir::Value;
using mlir::ValueRange;

static ValueRange yields(Block& block) { return block.getTerminator()->getOperands(); }

/// (size, trip, ...) to (trip, size, ...) and back: a stack of slices has the loop's axis in front.
static Value swapLeading(Builder& b, Value x) {
  auto perm = batching::range(0, int64_t(shapeOf(x).size()));
  std::swap(perm[0], perm[1]);
  return b.transpose(x, perm);
}

LogicalResult Batcher::emitRegion(Region& region, Block& original, llvm::ArrayRef<bool> yieldFlags) {
  auto* block = new Block;
  region.push_back(block);
  for (Value argument : original.getArguments()) bind(argument, block->addArgument(batchedType(argument), argument.getLoc()));
  auto at = mlir::OpBuilder::atBlockEnd(block);
  if (failed(emit(at, original))) return failure();
  Builder b(at, original.getTerminator()->getLoc());
  SmallVector<Value> results;
  for (auto [v, flag] : llvm::zip_equal(yields(original), yieldFlags)) results.push_back(get(b, v, flag));
  YieldOp::create(at, b.loc, results);
  return success();
}

LogicalResult Batcher::emitFor(mlir::OpBuilder& at, ForOp op) {
  Builder b(at, op.getLoc());
  Block& body = op.getBody().front();
  unsigned carries = op.getNumCarries();
  SmallVector<Value> inputs;
  SmallVector<bool> flags;
  SmallVector<mlir::Type> types;
  for (auto [k, input] : llvm::enumerate(op.getInputs())) {
    bool isMapped = mapped(body.getArgument(k + 1));
    if (k < carries) {
      inputs.push_back(get(b, input, isMapped));
      flags.push_back(isMapped);
      types.push_back(inputs.back().getType());
    } else {
      inputs.push_back(isMapped ? swapLeading(b, get(input)) : get(input));
    }
  }
  for (Value y : yields(body).drop_front(carries)) {
    flags.push_back(mapped(y));
    auto type = mlir::cast<mlir::RankedTensorType>(batchedType(y));
    types.push_back(mlir::RankedTensorType::get(batching::prepend(int64_t(op.getTrip()), type.getShape()), type.getElementType()));
  }
  auto loop = ForOp::create(at, op.getLoc(), types, op.getTripAttr(), op.getNumCarriesAttr(), op.getReverseAttr(), inputs);
  loop->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  if (failed(emitRegion(loop.getBody(), body, flags))) return failure();
  for (auto [k, result] : llvm::enumerate(loop.getResults()))
    bind(op.getResult(k), k >= carries && flags[k] ? swapLeading(b, result) : Value(result));
  return success();
}

LogicalResult Batcher::emitWhile(mlir::OpBuilder& at, WhileOp op) {
  Builder b(at, op.getLoc());
  Block& body = op.getBody().front();
  if (mapped(yields(op.getCond().front())[0])) return op.emitError("the condition of a mapped loop is not uniform");
  SmallVector<Value> inits;
  SmallVector<bool> flags;
  for (auto [k, init] : llvm::enumerate(op.getInits())) {
    flags.push_back(mapped(body.getArgument(k)));
    inits.push_back(get(b, init, flags.back()));
  }
  auto loop = WhileOp::create(at, op.getLoc(), ValueRange(inits).getTypes(), op.getMaxTripAttr(), inits);
  loop->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  if (failed(emitRegion(loop.getCond(), op.getCond().front(), {false}))) return failure();
  if (failed(emitRegion(loop.getBody(), body, flags))) return failure();
  for (auto [original, result] : llvm::zip_equal(op.getResults(), loop.getResults())) bind(original, result);
  return success();
}

LogicalResult Batcher::emitCase(mlir::OpBuilder& at, CaseOp op) {
  if (mapped(op.getIndex())) return op.emitError("the index of a mapped case is not uniform");
  SmallVector<bool> flags;
  SmallVector<mlir::Type> types;
  for (Value r : op.getResults()) {
    flags.push_back(mapped(r));
    types.push_back(batchedType(r));
  }
  auto branches = CaseOp::create(at, op.getLoc(), types, get(op.getIndex()), unsigned(op.getBranches().size()));
  branches->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  for (auto [from, to] : llvm::zip_equal(op.getBranches(), branches.getBranches()))
    if (failed(emitRegion(to, from.front(), flags))) return failure();
  for (auto [original, result] : llvm::zip_equal(op.getResults(), branches.getResults())) bind(original, result);
  return success();
}

LogicalResult Batcher::emitCheckpoint(mlir::OpBuilder& at, CheckpointOp op) {
  SmallVector<Value> inputs;
  SmallVector<bool> flags;
  SmallVector<mlir::Type> types;
  for (Value v : op.getInputs()) inputs.push_back(get(v));
  for (Value r : op.getResults()) {
    flags.push_back(mapped(r));
    types.push_back(batchedType(r));
  }
  auto batched = CheckpointOp::create(at, op.getLoc(), types, inputs);
  batched->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  if (failed(emitRegion(batched.getBody(), op.getBody().front(), flags))) return failure();
  for (auto [original, result] : llvm::zip_equal(op.getResults(), batched.getResults())) bind(original, result);
  return success();
}

/// The cotangent of an operand that all elements share is the sum of theirs.
static void sumSharedCotangents(Block& backward, mlir::OperandRange inputs, llvm::ArrayRef<bool> yieldsMapped,
                                llvm::ArrayRef<bool> inputsMapped) {
  mlir::Operation* yield = backward.getTerminator();
  mlir::OpBuilder at(yield);
  Builder b(at, yield->getLoc());
  for (unsigned i = 0; i < inputs.size(); ++i) {
    if (inputsMapped[i] || !yieldsMapped[i]) continue;
    bool number = dtypeOf(elementType(inputs[i])) != Dtype::bool_;
    yield->setOperand(i, number ? b.sum(yield->getOperand(i), {0}) : b.zeros(inputs[i].getType()));
  }
}

LogicalResult Batcher::emitCustomDerivative(mlir::OpBuilder& at, CustomDerivativeOp op) {
  Builder b(at, op.getLoc());
  bool jvp = int64_t(op.getNumResiduals()) < 0;
  SmallVector<Value> inputs;
  SmallVector<bool> inputFlags, resultFlags;
  SmallVector<mlir::Type> types;
  for (Value v : op.getInputs()) {
    inputs.push_back(get(v));
    inputFlags.push_back(mapped(v));
  }
  for (Value r : op.getResults()) {
    resultFlags.push_back(mapped(r));
    types.push_back(batchedType(r));
  }
  auto batched = CustomDerivativeOp::create(at, op.getLoc(), types, op.getNumResidualsAttr(), inputs, unsigned(op.getRules().size()));
  batched->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  if (failed(emitRegion(batched.getRules()[0], op.getRules()[0].front(), resultFlags))) return failure();

  Block& second = op.getRules()[1].front();
  SmallVector<bool> secondFlags = resultFlags;
  if (jvp) secondFlags.append(resultFlags);
  else for (Value residual : yields(second).drop_front(resultFlags.size())) secondFlags.push_back(mapped(residual));
  if (failed(emitRegion(batched.getRules()[1], second, secondFlags))) return failure();

  if (!jvp) {
    Block& backward = op.getRules()[2].front();
    SmallVector<bool> yielded, wanted;
    for (auto [v, input] : llvm::zip_equal(yields(backward), inputFlags)) {
      yielded.push_back(mapped(v));
      wanted.push_back(input);
    }
    if (failed(emitRegion(batched.getRules()[2], backward, wanted))) return failure();
    sumSharedCotangents(batched.getRules()[2].front(), batched.getInputs(), yielded, inputFlags);
  }
  for (auto [original, result] : llvm::zip_equal(op.getResults(), batched.getResults())) bind(original, result);
  return success();
}

}  // namespace nuthatch::passes
