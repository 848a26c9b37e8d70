// The clock around groups, for programs that are profiled.
#include "backends/cpu/emitter.h"
#include "backends/cpu/traffic.h"
#include "ir/trace/program.h"

namespace nuthatch::cpu {

namespace {
std::string nameOf(mlir::Operation* op) {
  if (auto o = mlir::dyn_cast<ir::UnaryOp>(op)) return ir::stringifyUnaryKind(o.getKind()).str();
  if (auto o = mlir::dyn_cast<ir::BinaryOp>(op)) return ir::stringifyBinaryKind(o.getKind()).str();
  if (auto o = mlir::dyn_cast<ir::ReduceOp>(op)) return ir::stringifyReduceKind(o.getKind()).str();
  std::string name = op->getName().getStringRef().drop_front(3).str();
  if (auto loop = mlir::dyn_cast<ir::ForOp>(op)) name += ", " + std::to_string(int64_t(loop.getTrip())) + " times";
  return name;
}

/// The first few of many.
std::string shortened(std::vector<std::string> list) {
  constexpr size_t kListed = 6;
  std::string out;
  for (size_t k = 0; k < std::min(list.size(), kListed); ++k) out += (k ? ", " : "") + list[k];
  return list.size() > kListed ? out + ", and " + std::to_string(list.size() - kListed) + " more" : out;
}

void addOnce(std::vector<std::string>& list, const std::string& text) {
  if (!text.empty() && !llvm::is_contained(list, text)) list.push_back(text);
}

/// What is computed on the way to a root, operands first.
void addExpression(const Plan& plan, mlir::Operation* op, std::vector<std::string>& names, std::vector<std::string>& lines) {
  for (mlir::Value v : op->getOperands())
    if (auto* inner = v.getDefiningOp(); inner && !plan.roots.contains(v)) addExpression(plan, inner, names, lines);
  if (!isView(op)) addOnce(names, nameOf(op));
  addOnce(lines, ir::describe(op->getLoc()));
}

ProfiledGroup describeGroup(const Plan& plan, const Group& g, int parent) {
  std::vector<std::string> names, lines;
  std::string what;
  if (g.single) {
    what = nameOf(g.single);
    addOnce(lines, ir::describe(g.single->getLoc()));
  } else {
    llvm::raw_string_ostream os(what);
    os << (g.rowPass() ? "one pass over [" : "loop over [");
    llvm::interleaveComma(g.space, os);
    g.visit([&](mlir::Operation* op) { addExpression(plan, op, names, lines); });
    os << "]: " << shortened(names);
  }
  double bytes = 0;
  if (!g.single || !g.single->getNumRegions()) {
    const Traffic traffic = trafficOf(plan, g);
    bytes = double(traffic.read()) + double(traffic.writes);
  }
  return {what, shortened(lines), parent, bytes};
}
}  // namespace

void Emitter::profiled(const Group& g) {
  const int outer = openGroup, id = int(profile->size());
  profile->push_back(describeGroup(plan, g, outer));
  openGroup = id;
  auto clock = [&] { return builder.CreateIntrinsic(builder.getInt64Ty(), llvm::Intrinsic::readcyclecounter, {}); };
  LV start = clock();
  group(g);
  LV end = clock();
  auto f = module.getOrInsertFunction("nuthatch_profile_group", builder.getVoidTy(), builder.getInt64Ty(),
                                      builder.getInt64Ty(), builder.getInt64Ty());
  builder.CreateCall(f, {i64(id), start, end});
  openGroup = outer;
}

}  // namespace nuthatch::cpu
