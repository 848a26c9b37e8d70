#include "passes/autodiff/loops.h"

#include <llvm/ADT/BitVector.h>
#include <mlir/IR/Matchers.h>

#include "ir/ops/derivative.h"
#include "passes/autodiff/residuals.h"

namespace nuthatch::passes {
using namespace ir;
using mlir::Block;
using mlir::Operation;
using mlir::Value;
using List = llvm::SmallVector<int64_t>;

ForOp rebuildFor(ForOp old, mlir::ValueRange inputs, unsigned carries, bool reverse) {
  mlir::OpBuilder b(old);
  Block& body = old.getBody().front();
  llvm::SmallVector<mlir::Type> types;
  for (auto [k, v] : llvm::enumerate(body.getTerminator()->getOperands())) {
    auto t = tensorType(v);
    if (k >= carries) {
      List stacked{int64_t(old.getTrip())};
      stacked.append(t.getShape().begin(), t.getShape().end());
      t = mlir::RankedTensorType::get(stacked, t.getElementType());
    }
    types.push_back(t);
  }
  auto loop = ForOp::create(b, old.getLoc(), types, old.getTrip(), carries, reverse, inputs);
  for (mlir::NamedAttribute extra : old->getDiscardableAttrs()) loop->setDiscardableAttr(extra.getName(), extra.getValue());
  loop.getBody().takeBody(old.getBody());
  return loop;
}

namespace {

int64_t elements(mlir::ValueRange values) {
  int64_t most = 0;
  for (Value v : values) most = std::max(most, tensorType(v).getNumElements());
  return most;
}

//===------------------------------- invariant motion ----------------------------===//

bool isInvariant(Operation* loop, Operation* op, llvm::SmallVectorImpl<Operation*>& chain) {
  if (llvm::is_contained(chain, op)) return true;
  if (op->getNumRegions() || !mlir::isMemoryEffectFree(op) || op->hasTrait<mlir::OpTrait::IsTerminator>()) return false;
  for (Value v : op->getOperands()) {
    if (!definedInside(loop, v)) continue;
    Operation* def = v.getDefiningOp();
    if (!def || def->getBlock() != op->getBlock() || !isInvariant(loop, def, chain)) return false;
  }
  chain.push_back(op);
  return true;
}

void hoistInvariants(Operation* loop) {
  for (Operation& op : llvm::make_early_inc_range(*loopBody(loop).block)) {
    llvm::SmallVector<Operation*> chain;  // operands first
    if (!isInvariant(loop, &op, chain)) continue;
    bool cheap = isCheapToRepeat(&op);
    if (cheap && !llvm::isa<ConstantOp>(op) && (chain.size() > 1 || elements(op.getResults()) > elements(op.getOperands())))
      continue;
    for (Operation* moved : chain) moved->moveBefore(loop);
  }
}

//===------------------------------- constant carries ----------------------------===//

ForOp dropConstantCarries(ForOp loop) {
  Block& body = loop.getBody().front();
  Operation* yield = body.getTerminator();
  llvm::SmallVector<Value> inputs(loop.getInputs());
  unsigned carries = 0;
  llvm::BitVector dropArgs(body.getNumArguments()), dropYields(yield->getNumOperands());
  for (unsigned j = 0; j < loop.getNumCarries(); ++j) {
    if (yield->getOperand(j) != body.getArgument(1 + j)) {
      ++carries;
      continue;
    }
    body.getArgument(1 + j).replaceAllUsesWith(inputs[j]);
    loop.getResult(j).replaceAllUsesWith(inputs[j]);
    dropArgs.set(1 + j);
    dropYields.set(j);
  }
  if (dropYields.none()) return loop;
  llvm::SmallVector<Value> kept;
  for (auto [k, v] : llvm::enumerate(inputs))
    if (!dropArgs.test(1 + k)) kept.push_back(v);
  yield->eraseOperands(dropYields);
  body.eraseArguments(dropArgs);
  ForOp slim = rebuildFor(loop, kept, carries, loop.getReverse());
  unsigned next = 0;
  for (auto [k, result] : llvm::enumerate(loop.getResults()))
    if (!dropYields.test(k)) result.replaceAllUsesWith(slim.getResult(next++));
  loop.erase();
  return slim;
}

//===------------------------ slices at the counter -> inputs --------------------===//

struct Affine {
  int64_t factor, offset;
  int64_t at(int64_t i) const { return factor * i + offset; }
};

std::optional<Affine> affine(Value v, Value counter, int64_t trip) {
  if (v == counter) return Affine{1, 0};
  llvm::APInt literal;
  if (mlir::matchPattern(v, mlir::m_ConstantInt(&literal))) return Affine{0, literal.getSExtValue()};
  if (auto reshape = v.getDefiningOp<ReshapeOp>(); reshape && shapeOf(reshape.getX()).empty())
    return affine(reshape.getX(), counter, trip);
  if (auto widened = v.getDefiningOp<ConvertOp>())
    return llvm::isa<mlir::IntegerType>(elementType(widened.getX())) && elementType(widened.getX()).getIntOrFloatBitWidth() > 1
               ? affine(widened.getX(), counter, trip)
               : std::nullopt;
  if (auto choice = v.getDefiningOp<SelectOp>()) {
    // Python-style indices: i < 0 ? i + n : i. The condition must be the same for the first and the last iteration.
    auto test = choice.getPred().getDefiningOp<CompareOp>();
    if (!test || test.getKind() != CompareKind::lt) return std::nullopt;
    auto a = affine(test.getA(), counter, trip), b = affine(test.getB(), counter, trip);
    if (!a || !b) return std::nullopt;
    bool first = a->at(0) < b->at(0), last = a->at(trip - 1) < b->at(trip - 1);
    if (first != last) return std::nullopt;
    return affine(first ? choice.getA() : choice.getB(), counter, trip);
  }
  auto op = v.getDefiningOp<BinaryOp>();
  if (!op) return std::nullopt;
  auto a = affine(op.getA(), counter, trip), b = affine(op.getB(), counter, trip);
  if (!a || !b) return std::nullopt;
  switch (op.getKind()) {
    case BinaryKind::add: return Affine{a->factor + b->factor, a->offset + b->offset};
    case BinaryKind::sub: return Affine{a->factor - b->factor, a->offset - b->offset};
    case BinaryKind::mul:
      if (a->factor && b->factor) return std::nullopt;
      return Affine{a->factor * b->offset + b->factor * a->offset, a->offset * b->offset};
    default: return std::nullopt;
  }
}

/// The tensor whose slice i along a new leading dimension is what `slice` takes in iteration i; null if there is none.
Value stackedSource(ForOp loop, DynamicSliceOp slice, int64_t trip) {
  Value x = slice.getX();
  if (definedInside(loop, x) || trip == 0) return {};
  auto shape = shapeOf(x);
  List sizes(slice.getSizes());
  int64_t rank = shape.size(), dim = -1;
  std::optional<Affine> moving;
  for (int64_t d = 0; d < rank; ++d) {
    Value start = slice.getStarts()[d];
    if (sizes[d] == shape[d]) continue;  // clamped to 0
    if (!definedInside(loop, start)) continue;
    auto index = affine(start, loop.getBody().front().getArgument(0), trip);
    if (!index || index->factor == 0 || dim >= 0) return {};
    if (sizes[d] != 1 || std::min(index->at(0), index->at(trip - 1)) < 0 ||
        std::max(index->at(0), index->at(trip - 1)) >= shape[d])
      return {};
    dim = d;
    moving = index;
  }
  if (dim < 0) return {};
  mlir::OpBuilder b(loop);
  Lean e(b, slice.getLoc());
  sizes[dim] = shape[dim];
  if (llvm::ArrayRef<int64_t>(sizes) != shape) {
    llvm::SmallVector<Value> starts;
    for (int64_t d = 0; d < rank; ++d)
      starts.push_back(sizes[d] == shape[d] ? e.scalar(0) : slice.getStarts()[d]);
    x = e.dynamicSlice(x, starts, sizes);
  }
  int64_t low = std::min(moving->at(0), moving->at(trip - 1)), high = std::max(moving->at(0), moving->at(trip - 1));
  List start(rank, 0), limit(shapeOf(x)), stride(rank, 1);
  start[dim] = low;
  limit[dim] = high + 1;
  stride[dim] = std::abs(moving->factor);
  if (low != 0 || high + 1 != shape[dim] || stride[dim] != 1) x = e.slice(x, start, limit, stride);
  if (moving->factor < 0) x = e.reverse(x, {dim});
  List perm{dim};
  perm.append(without(allDims(rank), {dim}));
  return e.transpose(x, perm);
}

void stackSlices(ForOp loop, const Activity& activity) {
  Block& body = loop.getBody().front();
  llvm::SmallVector<Value> inputs(loop.getInputs());
  for (Operation& op : llvm::make_early_inc_range(body)) {
    auto slice = llvm::dyn_cast<DynamicSliceOp>(op);
    if (!slice || !activity.varied(slice.getX())) continue;
    Value stacked = stackedSource(loop, slice, loop.getTrip());
    if (!stacked) continue;
    inputs.push_back(stacked);
    List shape(shapeOf(stacked).drop_front());
    Value arg = body.addArgument(mlir::RankedTensorType::get(shape, elementType(stacked)), slice.getLoc());
    mlir::OpBuilder b(slice);
    slice.getResult().replaceAllUsesWith(Lean(b, slice.getLoc()).reshape(arg, slice.getSizes()));
    slice.erase();
  }
  if (inputs.size() == loop.getInputs().size()) return;
  ForOp wider = rebuildFor(loop, inputs, loop.getNumCarries(), loop.getReverse());
  loop.replaceAllUsesWith(wider);
  loop.erase();
}

}  // namespace

void prepareLoops(Block& block, const Activity& activity) {
  for (Operation& op : llvm::make_early_inc_range(block)) {
    if (!llvm::isa<ForOp, WhileOp, CaseOp, CheckpointOp>(op)) continue;
    for (mlir::Region& region : op.getRegions()) prepareLoops(region.front(), activity);
    if (llvm::isa<CaseOp, CheckpointOp>(op)) continue;
    auto loop = llvm::dyn_cast<ForOp>(op);
    Operation* current = &op;
    if (loop) current = loop = dropConstantCarries(loop);
    hoistInvariants(current);
    if (loop) stackSlices(loop, activity);
  }
}

}  // namespace nuthatch::passes
