// Shape and cost rules of what talks to the host: foreign code and reports; and of the barrier.
#include "ir/ops/shape_support.h"
#include "nuthatch/detail/report.h"

namespace nuthatch::ir {
namespace {
using namespace shapes;

bool isElement(mlir::Type t) {
  auto i = mlir::dyn_cast<mlir::IntegerType>(t);
  return t.isF32() || t.isF64() || (i && !i.isSigned() && (i.getWidth() == 1 || i.getWidth() == 32 || i.getWidth() == 64));
}

Types customCall(ShapeInput& in) {
  const int64_t batch = in.integer("batch");
  if (batch < 0) return fail(in, 1, "batch is ", batch);
  Types results;
  for (mlir::Attribute t : in.attributes.getAs<mlir::ArrayAttr>("types")) {
    auto type = mlir::dyn_cast<mlir::RankedTensorType>(mlir::cast<mlir::TypeAttr>(t).getValue());
    if (!type || !type.hasStaticShape() || !isElement(type.getElementType()))
      return fail(in, 2, "types are tensors of static shape with elements of this dialect");
    results.push_back(type);
  }
  llvm::SmallVector<mlir::RankedTensorType> all(in.operands);
  all.append(results.begin(), results.end());
  for (mlir::RankedTensorType t : all)
    if (t.getRank() < batch || t.getShape().take_front(size_t(batch)) != all[0].getShape().take_front(size_t(batch)))
      return fail(in, 3, t, " does not have the ", batch, " batch dimensions of ", all[0]);
  return results;
}

Types report(ShapeInput& in) {
  if (!isBool(in.element(0))) return fail(in, 1, "the mask is ", in.operands[0], ", not bool");
  const Dims mask = in.shape(0);
  for (mlir::RankedTensorType t : in.operands.drop_front())
    if (t.getShape().take_front(mask.size()) != mask)
      return fail(in, 2, "the value ", t, " does not have the leading dimensions of the mask ", in.operands[0]);
  const auto text = in.attributes.getAs<mlir::StringAttr>("text").getValue();
  const int64_t fields = api::count_fields(text.str()), values = int64_t(in.operands.size()) - 1;
  if (fields < 0) return fail(in, 3, "the text has a { without its }, or a field with a name");
  if (fields != values) return fail(in, 3, "the text has ", fields, " fields for ", values, " values");
  return {};
}

Types barrier(ShapeInput& in) { return {in.operands[0]}; }

}  // namespace

void registerHostShape() {
  rulesOf("custom_call").shape = customCall;
  rulesOf("report").shape = report;
  rulesOf("barrier").shape = barrier;
  rulesOf("report").differentiable = false;
  for (const char* op : {"custom_call", "report", "barrier"}) rulesOf(op).cost = [](mlir::Operation*) { return 1.0; };
}

}  // namespace nuthatch::ir
