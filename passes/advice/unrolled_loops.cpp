#include "passes/advice/unrolled_loops.h"

#include <llvm/ADT/MapVector.h>

#include "ir/trace/program.h"

namespace nuthatch::passes {

namespace {

using Place = std::pair<mlir::StringAttr, unsigned>;  // file and line

struct Line {
  int64_t copies = 0, operations = 0;
  mlir::Location where;
};

/// Lines of a block with an operation that stands there many times; constants aside, which every literal leaves. Copies
/// come from one column: a line may well have several products.
void linesOf(mlir::Block& block, std::vector<Line>& found) {
  llvm::DenseMap<std::pair<mlir::Location, mlir::OperationName>, int64_t> copies;
  llvm::MapVector<Place, Line> lines;
  for (mlir::Operation& op : block) {
    auto where = mlir::dyn_cast<mlir::FileLineColLoc>(op.getLoc());
    if (!where) continue;
    Line& line = lines.insert({Place{where.getFilename(), where.getLine()}, Line{0, 0, where}}).first->second;
    ++line.operations;
    if (!mlir::isa<ir::ConstantOp>(op)) line.copies = std::max(line.copies, ++copies[{op.getLoc(), op.getName()}]);
  }
  for (auto& [place, line] : lines)
    if (line.copies >= kManyCopies) found.push_back(line);
}

}  // namespace

std::vector<std::string> unrolledLoops(mlir::ModuleOp module) {
  constexpr size_t kReported = 3;
  std::vector<Line> lines;
  module.walk([&](mlir::Block* block) {
    if (int64_t(block->getOperations().size()) >= kManyCopies) linesOf(*block, lines);
  });
  llvm::stable_sort(lines, [](const Line& a, const Line& b) { return a.operations > b.operations; });
  if (lines.size() > kReported) lines.erase(lines.begin() + kReported, lines.end());
  std::vector<std::string> out;
  for (const Line& line : lines)
    out.push_back(ir::describe(line.where) + ": the operations of this line stand " + std::to_string(line.copies) + " times in the program, " +
                  std::to_string(line.operations) +
                  " operations in all: a C++ loop is unrolled when it is traced. fori_loop, scan and vmap keep it a loop, which compiles faster");
  return out;
}

}  // namespace nuthatch::passes
