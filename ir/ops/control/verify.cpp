#include "ir/ops/control/verify.h"

#include <llvm/ADT/TypeSwitch.h>

#include "ir/ops/shape_support.h"

namespace nuthatch::ir {
namespace {
using namespace shapes;
using mlir::failure;
using mlir::LogicalResult;
using mlir::success;
using mlir::Type;
using TypeList = llvm::SmallVector<Type>;

TypeList list(mlir::TypeRange types) { return TypeList(types.begin(), types.end()); }
TypeList join(TypeList a, const TypeList& b) {
  a.append(b.begin(), b.end());
  return a;
}
TypeList sub(const TypeList& types, size_t begin, size_t count) {
  return TypeList(types.begin() + begin, types.begin() + begin + count);
}

std::string text(const TypeList& types) {
  std::string s = "(";
  for (size_t i = 0; i < types.size(); ++i) s += (i ? ", " : "") + ir::describe(types[i]);
  return s + ")";
}

Type indexType(mlir::Operation* op) { return tensorType(op->getContext(), Dtype::i64, {}); }
Type predicateType(mlir::Operation* op) { return tensorType(op->getContext(), Dtype::bool_, {}); }

Type withAxis(Type t, int64_t extent) {
  auto r = mlir::cast<mlir::RankedTensorType>(t);
  llvm::SmallVector<int64_t> shape{extent};
  shape.append(r.getShape().begin(), r.getShape().end());
  return mlir::RankedTensorType::get(shape, r.getElementType());
}
Type withoutAxis(Type t, int64_t axis) {
  auto r = mlir::cast<mlir::RankedTensorType>(t);
  llvm::SmallVector<int64_t> shape(r.getShape());
  shape.erase(shape.begin() + axis);
  return mlir::RankedTensorType::get(shape, r.getElementType());
}

/// What the region yields; nullopt (after a message) when it does not end in nh.yield.
std::optional<TypeList> yielded(mlir::Operation* op, mlir::Region& region, const char* what) {
  if (region.empty() || region.front().empty() || !mlir::isa<YieldOp>(region.front().back())) {
    op->emitOpError() << "the " << what << " does not end in nh.yield";
    return std::nullopt;
  }
  return list(region.front().back().getOperandTypes());
}

LogicalResult expect(mlir::Operation* op, int constraint, const char* what, const TypeList& have, const TypeList& want) {
  if (have == want) return success();
  return op->emitOpError() << what << " " << text(have) << ", not " << text(want) << " (C" << constraint << ")";
}

TypeList argumentTypes(mlir::Region& region) { return region.empty() ? TypeList() : list(region.getArgumentTypes()); }

LogicalResult verify(ForOp op) {
  TypeList inputs = list(op.getInputs().getTypes());
  int64_t trip = op.getTrip(), carries = op.getNumCarries();
  if (trip < 0) return op.emitOpError() << "trip is " << trip << " (C1)";
  if (carries < 0 || carries > int64_t(inputs.size()))
    return op.emitOpError() << "num_carries is " << carries << " with " << inputs.size() << " operands (C2)";
  TypeList arguments{indexType(op)};
  arguments.append(inputs.begin(), inputs.begin() + carries);
  for (Type x : llvm::ArrayRef(inputs).drop_front(carries)) {
    auto t = mlir::cast<mlir::RankedTensorType>(x);
    if (t.getRank() < 1 || t.getDimSize(0) != trip)
      return op.emitOpError() << "the stacked operand " << describe(t) << " does not have leading extent " << trip << " (C3)";
    arguments.push_back(withoutAxis(x, 0));
  }
  if (failed(expect(op, 4, "the body takes", argumentTypes(op.getBody()), arguments))) return failure();
  auto yields = yielded(op, op.getBody(), "body");
  if (!yields) return failure();
  if (int64_t(yields->size()) < carries)
    return op.emitOpError() << "the body yields " << text(*yields) << ", fewer than " << carries << " carries (C5)";
  if (failed(expect(op, 5, "the body yields carries", sub(*yields, 0, carries), sub(inputs, 0, carries)))) return failure();
  TypeList results = sub(inputs, 0, carries);
  for (Type y : llvm::ArrayRef(*yields).drop_front(carries)) results.push_back(withAxis(y, trip));
  return expect(op, 6, "the results are", list(op.getResultTypes()), results);
}

LogicalResult verify(WhileOp op) {
  TypeList carries = list(op.getInits().getTypes());
  if (int64_t(op.getMaxTrip()) < -1) return op.emitOpError() << "max_trip is " << int64_t(op.getMaxTrip()) << " (C1)";
  if (failed(expect(op, 2, "the condition takes", argumentTypes(op.getCond()), carries))) return failure();
  auto condition = yielded(op, op.getCond(), "condition");
  if (!condition || failed(expect(op, 3, "the condition yields", *condition, {predicateType(op)}))) return failure();
  if (failed(expect(op, 4, "the body takes", argumentTypes(op.getBody()), carries))) return failure();
  auto body = yielded(op, op.getBody(), "body");
  if (!body || failed(expect(op, 5, "the body yields", *body, carries))) return failure();
  return expect(op, 6, "the results are", list(op.getResultTypes()), carries);
}

LogicalResult verify(CaseOp op) {
  if (op.getIndex().getType() != indexType(op))
    return op.emitOpError() << "the index is " << describe(op.getIndex().getType()) << ", not i64[] (C1)";
  if (op.getBranches().empty()) return op.emitOpError() << "has no branches (C2)";
  for (mlir::Region& branch : op.getBranches()) {
    if (failed(expect(op, 3, "a branch takes", argumentTypes(branch), {}))) return failure();
    auto yields = yielded(op, branch, "branch");
    if (!yields || failed(expect(op, 4, "a branch yields", *yields, list(op.getResultTypes())))) return failure();
  }
  return success();
}

LogicalResult verify(CustomDerivativeOp op) {
  TypeList inputs = list(op.getInputs().getTypes()), outputs = list(op.getResultTypes());
  int64_t residuals = op.getNumResiduals();
  size_t wanted = residuals < 0 ? 2 : 3;
  if (op.getRules().size() != wanted)
    return op.emitOpError() << "has " << op.getRules().size() << " regions, not " << wanted << " (C1)";
  mlir::Region& primal = op.getRules()[0];
  if (failed(expect(op, 2, "the primal takes", argumentTypes(primal), inputs))) return failure();
  auto yields = yielded(op, primal, "primal");
  if (!yields || failed(expect(op, 3, "the primal yields", *yields, outputs))) return failure();
  mlir::Region& second = op.getRules()[1];
  if (residuals < 0) {
    if (failed(expect(op, 4, "the jvp rule takes", argumentTypes(second), join(inputs, inputs)))) return failure();
    auto pair = yielded(op, second, "jvp rule");
    return pair ? expect(op, 5, "the jvp rule yields", *pair, join(outputs, outputs)) : failure();
  }
  if (failed(expect(op, 6, "the forward rule takes", argumentTypes(second), inputs))) return failure();
  auto forward = yielded(op, second, "forward rule");
  if (!forward) return failure();
  if (forward->size() != outputs.size() + size_t(residuals))
    return op.emitOpError() << "the forward rule yields " << text(*forward) << ", not " << outputs.size() << " results and "
                            << residuals << " residuals (C7)";
  if (failed(expect(op, 7, "the forward rule yields results", sub(*forward, 0, outputs.size()), outputs))) return failure();
  TypeList saved = sub(*forward, outputs.size(), size_t(residuals));
  mlir::Region& backward = op.getRules()[2];
  if (failed(expect(op, 8, "the backward rule takes", argumentTypes(backward), join(saved, outputs)))) return failure();
  auto cotangents = yielded(op, backward, "backward rule");
  return cotangents ? expect(op, 9, "the backward rule yields", *cotangents, inputs) : failure();
}

LogicalResult verify(CheckpointOp op) {
  if (failed(expect(op, 1, "the body takes", argumentTypes(op.getBody()), list(op.getInputs().getTypes())))) return failure();
  auto yields = yielded(op, op.getBody(), "body");
  return yields ? expect(op, 2, "the body yields", *yields, list(op.getResultTypes())) : failure();
}

LogicalResult verify(VjpOp op) {
  TypeList inputs = list(op.getInputs().getTypes());
  int64_t primals = op.getNumPrimals();
  if (primals < 0 || primals > int64_t(inputs.size()))
    return op.emitOpError() << "num_primals is " << primals << " with " << inputs.size() << " operands (C1)";
  if (!distinctBelow(op.getWrt(), primals))
    return op.emitOpError() << "wrt " << shapes::text(op.getWrt()) << " must be distinct numbers of primals (C2)";
  TypeList arguments = sub(inputs, 0, size_t(primals));
  if (failed(expect(op, 3, "the body takes", argumentTypes(op.getBody()), arguments))) return failure();
  auto yields = yielded(op, op.getBody(), "body");
  if (!yields) return failure();
  if (failed(expect(op, 4, "the cotangents are", sub(inputs, size_t(primals), inputs.size() - size_t(primals)), *yields)))
    return failure();
  TypeList results = *yields;
  for (int64_t k : op.getWrt()) {
    if (!isFloat(mlir::cast<mlir::RankedTensorType>(arguments[size_t(k)]).getElementType()))
      return op.emitOpError() << "cannot differentiate with respect to primal " << k << " of type " << describe(arguments[size_t(k)])
                              << " (C5)";
    results.push_back(arguments[size_t(k)]);
  }
  return expect(op, 6, "the results are", list(op.getResultTypes()), results);
}

LogicalResult verify(JvpOp op) {
  TypeList inputs = list(op.getInputs().getTypes());
  size_t n = inputs.size() / 2;
  if (inputs.size() % 2) return op.emitOpError() << "has " << inputs.size() << " operands, not one tangent for each primal (C1)";
  TypeList primals = sub(inputs, 0, n);
  if (failed(expect(op, 2, "the tangents are", sub(inputs, n, n), primals))) return failure();
  if (failed(expect(op, 3, "the body takes", argumentTypes(op.getBody()), primals))) return failure();
  auto yields = yielded(op, op.getBody(), "body");
  return yields ? expect(op, 4, "the results are", list(op.getResultTypes()), join(*yields, *yields)) : failure();
}

LogicalResult verify(VmapOp op) {
  TypeList inputs = list(op.getInputs().getTypes()), arguments, results;
  int64_t size = int64_t(op.getSize());
  if (size < 0) return op.emitOpError() << "size is " << size << " (C1)";
  if (op.getInAxes().size() != inputs.size())
    return op.emitOpError() << "in_axes " << shapes::text(op.getInAxes()) << " for " << inputs.size() << " operands (C2)";
  for (auto [axis, type] : llvm::zip(op.getInAxes(), inputs)) {
    auto t = mlir::cast<mlir::RankedTensorType>(type);
    if (axis < -1 || axis >= t.getRank() || (axis >= 0 && t.getDimSize(axis) != size))
      return op.emitOpError() << "axis " << axis << " of " << describe(t) << " is not an axis of extent " << size << " (C3)";
    arguments.push_back(axis < 0 ? type : withoutAxis(type, axis));
  }
  if (failed(expect(op, 4, "the body takes", argumentTypes(op.getBody()), arguments))) return failure();
  auto yields = yielded(op, op.getBody(), "body");
  if (!yields) return failure();
  for (Type y : *yields) results.push_back(withAxis(y, size));
  return expect(op, 5, "the results are", list(op.getResultTypes()), results);
}

LogicalResult verify(YieldOp op) {
  mlir::Operation* parent = op->getParentOp();
  if (parent && mlir::isa<NhDialect>(parent->getDialect()) && parent->getNumRegions() > 0) return success();
  return op.emitOpError() << "ends a region of an operation of nh only (C1)";
}

Types laneAny(ShapeInput& in) {
  if (!isBool(in.element(0)) || !in.shape(0).empty()) return fail(in, 1, "takes bool[], not ", in.operands[0]);
  return {in.operands[0]};
}

Types emit(ShapeInput& in) {
  if (in.integer("stream") < 0) return fail(in, 1, "stream is ", in.integer("stream"));
  if (!isBool(in.element(0)) || !in.shape(0).empty()) return fail(in, 2, "the mask is ", in.operands[0], ", not bool[]");
  if (!isIndexScalar(in.operands[1])) return fail(in, 3, "the position is ", in.operands[1], ", not i64[]");
  return {};
}

}  // namespace

LogicalResult verifyRegions(mlir::Operation* op) {
  return llvm::TypeSwitch<mlir::Operation*, LogicalResult>(op)
      .Case<ForOp, WhileOp, CaseOp, CustomDerivativeOp, CheckpointOp, VjpOp, JvpOp, VmapOp, YieldOp>([](auto o) { return verify(o); })
      .Default([](mlir::Operation* o) { return o->emitOpError("has no rules"); });
}

void registerControlShape() {
  auto unitCost = [](mlir::Operation*) { return 1.0; };
  rulesOf("lane_any").shape = laneAny;
  rulesOf("emit").shape = emit;
  for (const char* op : {"lane_any", "emit"}) {
    rulesOf(op).cost = unitCost;
    rulesOf(op).differentiable = false;
  }
  for (const char* op : {"for", "while", "case", "custom_derivative", "checkpoint", "vjp", "jvp", "vmap", "yield"})
    rulesOf(op).has_regions = true;
}

}  // namespace nuthatch::ir
