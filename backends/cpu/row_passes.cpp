// Which products of a matrix and a vector join the loop between them.
#include "backends/cpu/plan.h"
#include "ir/math/reduction_order.h"

namespace nuthatch::cpu {

using mlir::Operation;
using mlir::Value;

namespace {

constexpr int64_t kFewestRows = math::kChainedContraction + 1; // fewer are one chain, not eight partials
constexpr int64_t kMostColumns = 512; // a tile of 64 rows fits a second-level cache beside the sums of the columns

class RowPasses {
public:
  RowPasses(const Plan& plan, std::vector<Group>& groups) : plan(plan), groups(groups) {}

  void run() {
    for (size_t at = 0; at < groups.size(); ++at) {
      const auto& loop = groups[at];
      if (loop.single || loop.space.size() != 1 || loop.space[0] < kFewestRows) continue;
      const auto before = rowProducts(at), after = columnProducts(at, before);
      if (!shareAMatrix(before, after)) continue;
      for (size_t k : before) groups[at].rowProducts.push_back(groups[k].single);
      for (size_t k : after) groups[at].columnProducts.push_back(groups[k].single);
      for (size_t k : llvm::reverse(after)) groups.erase(groups.begin() + long(k));
      for (size_t k : llvm::reverse(before)) groups.erase(groups.begin() + long(k));
      at -= before.size();
    }
  }

private:
  using Numbers = llvm::SmallVector<size_t>;

  MatrixVector product(size_t k) const {
    return groups[k].single ? MatrixVector::of(groups[k].single) : MatrixVector();
  }
  static bool narrow(const MatrixVector& p, int64_t rows) {
    return ir::tensorType(p.matrix).getNumElements() <= kMostColumns * rows;
  }

  bool reads(size_t k, Value v, bool elsewhere) const {
    bool found = false;
    visitReads(plan, groups[k], [&](Value r, bool same) { found |= r == v && !(elsewhere && same); });
    return found;
  }
  bool makes(size_t k, Value v) const {
    auto* op = v.getDefiningOp();
    return op && (op == groups[k].single || llvm::is_contained(groups[k].roots, op));
  }

  /// Products whose results the loop reads, row by row, and nothing before it.
  Numbers rowProducts(size_t at) const {
    Numbers out;
    for (size_t k = 0; k < at; ++k) {
      const auto p = product(k);
      if (!p || !narrow(p, groups[at].space[0])) continue;
      Value result = groups[k].single->getResult(0);
      if (ir::shapeOf(result)[0] != groups[at].space[0] || !reads(at, result, false) || reads(at, result, true))
        continue;
      bool needed = false;
      for (size_t between = k + 1; between < at; ++between) needed |= reads(between, result, false);
      if (!needed) out.push_back(k);
    }
    return out;
  }

  /// Contractions of a root of the loop with a matrix that was there before it.
  Numbers columnProducts(size_t at, const Numbers& before) const {
    Numbers out;
    for (size_t k = at + 1; k < groups.size(); ++k) {
      auto p = product(k);
      auto* root = p ? p.vector.getDefiningOp() : nullptr;
      if (!root || !llvm::is_contained(groups[at].roots, root) || mlir::isa<ir::ReduceOp>(root)) continue;
      bool late = !narrow(p, groups[at].space[0]);
      visitReads(plan, p.matrix, false, [&](Value r, bool) {
        for (size_t between = at; between < k; ++between) late |= makes(between, r);
        for (size_t joined : before) late |= makes(joined, r);
      });
      if (!late) out.push_back(k);
    }
    return out;
  }

  bool shareAMatrix(const Numbers& before, const Numbers& after) const {
    for (size_t i : before)
      for (size_t j : after)
        if (product(i).matrix == product(j).matrix) return true;
    return false;
  }

  const Plan& plan;
  std::vector<Group>& groups;
};

} // namespace

MatrixVector MatrixVector::of(Operation* op) {
  auto dot = mlir::dyn_cast<ir::DotGeneralOp>(op);
  if (!dot || !dot.getLhsBatch().empty() || dot.getLhsContract().size() != 1) return {};
  if (!is_float(ir::dtypeOf(ir::elementType(dot.getResult())))) return {};
  const auto left = ir::shapeOf(dot.getLhs()).size(), right = ir::shapeOf(dot.getRhs()).size();
  if (left == 2 && right == 1) return {dot.getLhs(), dot.getRhs(), dot.getLhsContract()[0]};
  if (left == 1 && right == 2) return {dot.getRhs(), dot.getLhs(), dot.getRhsContract()[0]};
  return {};
}

void Group::visit(llvm::function_ref<void(Operation*)> each) const {
  for (auto* op : rowProducts) each(op);
  for (auto* op : roots) each(op);
  for (auto* op : columnProducts) each(op);
}

void fuseRowPasses(const Plan& plan, std::vector<Group>& groups) { RowPasses(plan, groups).run(); }

} // namespace nuthatch::cpu
