#include "passes/autodiff/residuals.h"

#include <llvm/ADT/STLExtras.h>

#include "ir/ops/derivative.h"

namespace nuthatch::passes {
using namespace ir;
using mlir::Operation;
using mlir::Value;

void eraseDead(mlir::Block::iterator begin, mlir::Block::iterator end, llvm::SmallVectorImpl<Operation*>* retired) {
  // A snapshot: a reversed list iterator would point at the operation being erased.
  llvm::SmallVector<Operation*> ops;
  for (Operation& op : llvm::make_range(begin, end)) ops.push_back(&op);
  for (Operation* op : llvm::reverse(ops)) {
    if (op->hasTrait<mlir::OpTrait::IsTerminator>()) continue;
    if (!op->use_empty() || !mlir::isMemoryEffectFree(op)) {
      for (mlir::Region& region : op->getRegions())
        for (mlir::Block& inner : region) eraseDead(inner, retired);
    } else if (retired) {
      op->remove();
      op->dropAllReferences();
      retired->push_back(op);
    } else {
      op->erase();
    }
  }
}

bool isCheapToRepeat(Operation* op) {
  if (auto unary = llvm::dyn_cast<UnaryOp>(op)) {
    switch (unary.getKind()) {
      case UnaryKind::neg:
      case UnaryKind::abs:
      case UnaryKind::sign:
      case UnaryKind::floor:
      case UnaryKind::ceil:
      case UnaryKind::round:
      case UnaryKind::is_finite:
      case UnaryKind::logical_not:
      case UnaryKind::stop_gradient: return true;
      default: return false;
    }
  }
  if (auto binary = llvm::dyn_cast<BinaryOp>(op))
    switch (binary.getKind()) {
      case BinaryKind::add:
      case BinaryKind::sub:
      case BinaryKind::mul:
      case BinaryKind::div:
      case BinaryKind::max:
      case BinaryKind::min:
      case BinaryKind::and_:
      case BinaryKind::or_:
      case BinaryKind::xor_:
      case BinaryKind::shl:
      case BinaryKind::shr: return true;
      default: return false;
    }
  return llvm::isa<CompareOp, SelectOp, FmaOp, ConvertOp, BitcastOp, ConstantOp, IotaOp, BroadcastOp, ReshapeOp,
                   TransposeOp, SliceOp, ReverseOp, PadOp, ConcatenateOp, DynamicSliceOp, GatherOp>(op);
}

static int64_t bytes(Value v) {
  return tensorType(v).getNumElements() * int64_t((elementType(v).getIntOrFloatBitWidth() + 7) / 8);
}

bool Residuals::mustSave(Value v) const {
  Operation* op = v.getDefiningOp();
  return op ? !isCheapToRepeat(op) : !argument(llvm::cast<mlir::BlockArgument>(v));
}

int64_t Residuals::bytesToSave(Value v, ValueSet& visited) const {
  if (!definedInside(loop, v) || known.contains(v) || !visited.insert(v).second) return 0;
  if (mustSave(v)) return bytes(v);
  int64_t sum = 0;
  if (Operation* op = v.getDefiningOp())
    for (Value operand : op->getOperands()) sum += bytesToSave(operand, visited);
  return sum;
}

Value Residuals::save(Value v) {
  mlir::BlockArgument arg = reverseBody.addArgument(v.getType(), v.getLoc());
  saved.push_back({v, arg});
  return known[v] = arg;
}

Value Residuals::find(Value v) {
  if (!definedInside(loop, v)) return v;
  if (Value found = known.lookup(v)) return found;
  if (auto arg = llvm::dyn_cast<mlir::BlockArgument>(v))
    if (Value here = argument(arg)) return known[v] = here;
  ValueSet visited;
  if (mustSave(v) || bytesToSave(v, visited) > bytes(v)) return save(v);
  Operation* op = v.getDefiningOp();
  llvm::SmallVector<Value> operands;
  for (Value operand : op->getOperands()) operands.push_back(find(operand));
  Operation* again = op->clone();
  again->setOperands(operands);
  // Copies stand in front of the reverse body, in order of dependence.
  if (lastClone)
    reverseBody.getOperations().insertAfter(lastClone->getIterator(), again);
  else
    reverseBody.getOperations().push_front(again);
  lastClone = again;
  return known[v] = again->getResult(0);
}

llvm::ArrayRef<Residuals::Saved> Residuals::resolve(llvm::SmallVectorImpl<Operation*>& retired) {
  eraseDead(reverseBody, &retired);
  llvm::SetVector<Value> needed;
  auto collect = [&](Operation* op) {
    for (Value v : op->getOperands())
      if (definedInside(loop, v)) needed.insert(v);
  };
  for (Operation& op : reverseBody) op.walk(collect);
  // What must be saved first: it makes computing other values again cheaper.
  for (Value v : needed)
    if (mustSave(v)) find(v);
  llvm::SmallVector<Value> rest = needed.takeVector();
  llvm::erase_if(rest, [&](Value v) { return mustSave(v); });
  // Then the larger first: what they save, smaller ones (a mask of a saved value) need not.
  llvm::sort(rest, [](Value a, Value b) {
    if (bytes(a) != bytes(b)) return bytes(a) > bytes(b);
    Operation *x = a.getDefiningOp(), *y = b.getDefiningOp();
    if (x && y) return x != y && x->isBeforeInBlock(y);
    if (x || y) return !x;
    return llvm::cast<mlir::BlockArgument>(a).getArgNumber() < llvm::cast<mlir::BlockArgument>(b).getArgNumber();
  });
  for (Value v : rest) find(v);
  auto rewrite = [&](Operation* op) {
    for (mlir::OpOperand& use : op->getOpOperands())
      if (Value found = known.lookup(use.get())) use.set(found);
  };
  for (Operation& op : reverseBody) op.walk(rewrite);
  return saved;
}

}  // namespace nuthatch::passes
