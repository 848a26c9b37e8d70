#include "backends/gpu/cuts_rewrite.h"

#include <mlir/Dialect/Func/IR/FuncOps.h>
#include <mlir/IR/IRMapping.h>

#include "backends/gpu/cuts_library.h"
#include "ir/ops/builder.h"
#include "passes/loops/lane_variance.h"
#include "passes/simplify/simplify.h"

namespace nuthatch::gpu {
namespace {

using ir::Builder;
using mlir::Block;
using mlir::Operation;
using mlir::Value;
using Values = llvm::SmallVector<Value>;

/// Of the last two dimensions: row - column >= least.
Value below(Builder& b, llvm::ArrayRef<std::int64_t> shape, std::int64_t least) {
  const auto rank = std::int64_t(shape.size());
  auto integers = ir::elementType(b.b.getContext(), Dtype::i64);
  Value row = b.iota(integers, shape, rank - 2), column = b.iota(integers, shape, rank - 1);
  return b.compare(ir::CompareKind::ge, b.sub(row, column), b.like(row, double(least)));
}

Value lower(Builder& b, Value x) { return b.select(below(b, ir::shapeOf(x), 0), x, b.like(x, 0)); }

Value flipped(Builder& b, Value x) {
  llvm::SmallVector<std::int64_t> order;
  for (std::size_t d = 0; d < ir::shapeOf(x).size(); ++d) order.push_back(std::int64_t(d));
  std::swap(order[order.size() - 1], order[order.size() - 2]);
  return b.transpose(x, order);
}

void expand(ir::CholeskyOp op) {
  mlir::OpBuilder at(op);
  Builder b(at, op.getLoc());
  const auto type = ir::tensorType(op.getX());
  const auto leading = type.getShape().drop_back(2);
  auto info = ir::tensorType(op.getContext(), Dtype::i32, leading);
  auto types = at.getArrayAttr({mlir::TypeAttr::get(type), mlir::TypeAttr::get(info)});
  auto* call = b.op("custom_call", op.getX(), {at.getNamedAttr("function", at.getStringAttr(kFactor)),
                                               b.attr("batch", std::int64_t(leading.size())), at.getNamedAttr("types", types)});
  Value factor = call->getResult(0), failed = b.compare(ir::CompareKind::ne, call->getResult(1), b.zeros(info));
  llvm::SmallVector<std::int64_t> dims;
  for (std::size_t d = 0; d < leading.size(); ++d) dims.push_back(std::int64_t(d));
  Value nan = b.like(factor, std::numeric_limits<double>::quiet_NaN());
  Value checked = b.select(b.broadcast(failed, type.getShape(), dims), nan, factor);
  op.getResult().replaceAllUsesWith(lower(b, checked));
  op.erase();
}

/// Phi(M), M = L^-T mirror(L^T g) L^-1.
void expand(ir::CholeskyPullbackOp op) {
  mlir::OpBuilder at(op);
  Builder b(at, op.getLoc());
  Value l = lower(b, op.getL()), g = lower(b, op.getG());
  const auto shape = llvm::to_vector(ir::shapeOf(l));
  const auto rank = std::int64_t(shape.size());
  llvm::SmallVector<std::int64_t> batch;
  for (std::int64_t d = 0; d + 2 < rank; ++d) batch.push_back(d);
  Value product = b.dot(l, g, batch, batch, {rank - 2}, {rank - 2});
  Value mirrored = b.select(below(b, shape, 0), product, flipped(b, product));
  auto fromLeft = [&](Value x) {
    return b.one("triangular_solve", {l, x}, {b.flag("lower", true), b.flag("transpose", true), b.flag("unit_diagonal", false)});
  };
  Value m = flipped(b, fromLeft(flipped(b, fromLeft(mirrored))));
  Value half = b.select(below(b, shape, 1), m, b.mul(m, b.like(m, 0.5)));
  op.getResult().replaceAllUsesWith(b.select(below(b, shape, 0), half, b.like(m, 0)));
  op.erase();
}

/// A copy of the operations of a block; returns what it yields.
Values inlined(mlir::OpBuilder& at, Block& block, mlir::ValueRange arguments) {
  mlir::IRMapping map;
  map.map(block.getArguments(), arguments);
  for (Operation& op : block.without_terminator()) at.clone(op, map);
  Values out;
  for (Value v : block.getTerminator()->getOperands()) out.push_back(map.lookupOrDefault(v));
  return out;
}

/// Element `i` of the leading axis.
Value elementAt(Builder& b, Value x, Value i) {
  const auto shape = ir::shapeOf(x);
  llvm::SmallVector<std::int64_t> sizes(shape), rest(shape.drop_front());
  sizes[0] = 1;
  Values starts{i};
  for (std::size_t d = 1; d < shape.size(); ++d) starts.push_back(b.scalar(0));
  return b.reshape(b.dynamicSlice(x, starts, sizes), rest);
}

void writeOut(ir::ForOp loop) {
  mlir::OpBuilder at(loop);
  Builder b(at, loop.getLoc());
  const auto trip = std::int64_t(loop.getTrip());
  const auto carried = std::size_t(loop.getNumCarries());
  Values carries(loop.getInputs().take_front(carried));
  std::vector<Values> slices(loop.getNumResults() - carried, Values(std::size_t(trip)));
  for (std::int64_t n = 0; n < trip; ++n) {
    const std::int64_t i = loop.getReverse() ? trip - 1 - n : n;
    Value counter = b.scalar(i);
    Values arguments{counter};
    arguments.append(carries);
    for (Value x : loop.getInputs().drop_front(carried)) arguments.push_back(elementAt(b, x, counter));
    auto yields = inlined(at, loop.getBody().front(), arguments);
    for (std::size_t k = 0; k < slices.size(); ++k) {
      Value slice = yields[carried + k];
      llvm::SmallVector<std::int64_t> shape{1};
      llvm::append_range(shape, ir::shapeOf(slice));
      slices[k][std::size_t(i)] = b.reshape(slice, shape);
    }
    carries.assign(yields.begin(), yields.begin() + std::ptrdiff_t(carried));
  }
  Values results = carries;
  for (auto& s : slices) results.push_back(b.concatenate(s, 0));
  loop->replaceAllUsesWith(results);
  loop.erase();
}

/// while c(x): x = f(x) becomes, with a = c(x): while a: x = f(x), a = c(x).
ir::WhileOp rotated(ir::WhileOp loop) {
  mlir::OpBuilder at(loop);
  Values inits = inlined(at, loop.getCond().front(), loop.getInits());
  llvm::append_range(inits, loop.getInits());
  mlir::OperationState state(loop.getLoc(), ir::WhileOp::getOperationName());
  state.addOperands(inits);
  state.addAttributes(loop->getAttrs());
  for (Value v : inits) state.addTypes(v.getType());
  state.addRegion();
  state.addRegion();
  auto turned = mlir::cast<ir::WhileOp>(at.create(state));
  auto* condition = new Block;
  turned.getCond().push_back(condition);
  for (Value v : inits) condition->addArgument(v.getType(), loop.getLoc());
  at.setInsertionPointToEnd(condition);
  ir::YieldOp::create(at, loop.getLoc(), mlir::ValueRange{condition->getArgument(0)});
  turned.getBody().takeBody(loop.getBody());
  Block& body = turned.getBody().front();
  body.insertArgument(0u, inits[0].getType(), loop.getLoc());
  Operation* yield = body.getTerminator();
  at.setInsertionPoint(yield);
  Values next = inlined(at, loop.getCond().front(), yield->getOperands());
  llvm::append_range(next, Values(yield->getOperands()));
  yield->setOperands(next);
  loop->replaceAllUsesWith(turned.getResults().drop_front());
  loop.erase();
  return turned;
}

/// Inputs that come in slices are read by the body.
ir::ForOp withoutSlices(ir::ForOp loop) {
  const auto carried = std::size_t(loop.getNumCarries());
  Block& body = loop.getBody().front();
  auto at = mlir::OpBuilder::atBlockBegin(&body);
  Builder b(at, loop.getLoc());
  for (std::size_t k = loop.getInputs().size(); k-- > carried;) {
    auto slice = body.getArgument(unsigned(k + 1));
    slice.replaceAllUsesWith(elementAt(b, loop.getInputs()[k], body.getArgument(0)));
    body.eraseArgument(unsigned(k + 1));
    loop->eraseOperand(unsigned(k));
  }
  return loop;
}

class Loops {
 public:
  Loops(mlir::func::FuncOp main, llvm::ArrayRef<bool> varying, const CutOptions& o)
      : variance(varianceOf(main.getBody().front(), varying, o)), options(o) {}

  bool changed = false;
  void visit(Block& block) {
    for (Operation& op : llvm::make_early_inc_range(block)) {
      if (!isCutLoop(&op, variance, options)) continue;
      if (auto loop = mlir::dyn_cast<ir::ForOp>(op)) {
        const bool writes = std::int64_t(loop.getTrip()) <= options.most_unrolled;
        changed = changed || writes || !isPreparedLoop(loop);
        if (writes) writeOut(loop);
        else visit(withoutSlices(loop).getBody().front());
      } else {
        auto loop2 = mlir::cast<ir::WhileOp>(op);
        changed = changed || !isPreparedLoop(loop2);
        visit((isPreparedLoop(loop2) ? loop2 : rotated(loop2)).getBody().front());
      }
    }
  }

 private:
  passes::LaneVariance variance;
  const CutOptions& options;
};

}  // namespace

/// Inside branches and conditions of loops nothing is cut.
static bool canBeCut(Operation* op) {
  for (auto* region = op->getParentRegion(); region && !mlir::isa<mlir::func::FuncOp>(region->getParentOp()); region = region->getParentRegion()) {
    auto loop = mlir::dyn_cast<ir::WhileOp>(region->getParentOp());
    auto counted = mlir::dyn_cast<ir::ForOp>(region->getParentOp());
    if (!(counted && std::int64_t(counted.getTrip()) > 0) && !(loop && region == &loop.getBody())) return false;
  }
  return true;
}

void dropLaneAny(mlir::ModuleOp module) {
  llvm::SmallVector<ir::LaneAnyOp> found;
  module.walk([&](ir::LaneAnyOp op) { found.push_back(op); });
  for (auto op : found) {
    op.getResult().replaceAllUsesWith(op.getX());
    op.erase();
  }
}

void expandFactorisations(mlir::ModuleOp module, llvm::ArrayRef<bool> varying, const CutOptions& options) {
  auto main = *module.getOps<mlir::func::FuncOp>().begin();
  const auto variance = varianceOf(main.getBody().front(), varying, options);
  llvm::SmallVector<Operation*> found;
  module.walk([&](Operation* op) {
    if (isLargeFactorisation(op, variance, options) && canBeCut(op)) found.push_back(op);
  });
  for (auto* op : found) {
    if (auto factor = mlir::dyn_cast<ir::CholeskyOp>(op)) expand(factor);
    else expand(mlir::cast<ir::CholeskyPullbackOp>(op));
  }
}

void absorbTransposes(mlir::ModuleOp module) {
  using Dims = llvm::SmallVector<std::int64_t>;
  llvm::SmallVector<ir::DotGeneralOp> found;
  module.walk([&](ir::DotGeneralOp op) { found.push_back(op); });
  for (auto op : found) {
    Dims batch[2]{Dims(op.getLhsBatch()), Dims(op.getRhsBatch())}, contract[2]{Dims(op.getLhsContract()), Dims(op.getRhsContract())};
    Value operands[2]{op.getLhs(), op.getRhs()};
    bool changed = false;
    for (int side : {0, 1}) {
      auto transposed = operands[side].getDefiningOp<ir::TransposeOp>();
      if (!transposed) continue;
      const auto order = transposed.getPerm();
      Dims free;
      for (std::int64_t d = 0; d < std::int64_t(order.size()); ++d)
        if (!llvm::is_contained(batch[side], d) && !llvm::is_contained(contract[side], d)) free.push_back(order[std::size_t(d)]);
      const bool inPlace = llvm::all_of(batch[side], [&](std::int64_t d) { return order[std::size_t(d)] == d; });
      if (!inPlace || !llvm::is_sorted(free)) continue;
      for (auto& d : contract[side]) d = order[std::size_t(d)];
      operands[side] = transposed.getX();
      changed = true;
    }
    if (!changed) continue;
    mlir::OpBuilder at(op);
    Builder b(at, op.getLoc());
    op.getResult().replaceAllUsesWith(b.dot(operands[0], operands[1], batch[0], batch[1], contract[0], contract[1]));
    op.erase();
  }
}

void prepareLoops(mlir::ModuleOp module, llvm::ArrayRef<bool> varying, const CutOptions& options) {
  auto main = *module.getOps<mlir::func::FuncOp>().begin();
  for (bool again = true; again;) {  // loops in loops that are written out, and what that made simpler
    Loops loops(main, varying, options);
    loops.visit(main.getBody().front());
    again = loops.changed;
    passes::simplify(module);
  }
}

}  // namespace nuthatch::gpu
