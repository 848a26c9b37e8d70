#include "backends/cpu/explain.h"

#include <cmath>
#include <llvm/Support/Format.h>
#include <map>

#include "backends/cpu/storage.h"
#include "backends/cpu/traffic.h"
#include "nuthatch/error.h"
#include "passes/advice/notes.h"
#include "passes/advice/unrolled_loops.h"
#include "passes/loops/lane_variance.h"
#include "passes/pipeline.h"

namespace nuthatch::cpu {

using mlir::Operation;
using mlir::Value;

namespace {

int64_t bytes(Value v) { return elements(v) * bytesOfElement(v); }

std::string amount(double bytes) {
  std::string out;
  llvm::raw_string_ostream os(out);
  if (bytes < 1e4)
    os << llvm::format("%.0f B", bytes);
  else if (bytes < 1e7)
    os << llvm::format("%.1f kB", bytes / 1e3);
  else if (bytes < 1e10)
    os << llvm::format("%.1f MB", bytes / 1e6);
  else
    os << llvm::format("%.1f GB", bytes / 1e9);
  return out;
}

std::string counted(size_t n, const char* what) { return std::to_string(n) + " " + what + (n == 1 ? "" : "s"); }

std::string shapeText(llvm::ArrayRef<int64_t> shape) {
  std::string out;
  llvm::raw_string_ostream os(out);
  os << "[";
  llvm::interleaveComma(shape, os);
  os << "]";
  return out;
}

/// What is done: the function where an operation has kinds.
std::string nameOf(Operation* op) {
  std::string name = op->getName().getStringRef().drop_front(3).str();
  if (auto o = mlir::dyn_cast<ir::UnaryOp>(op)) name = ir::stringifyUnaryKind(o.getKind()).str();
  if (auto o = mlir::dyn_cast<ir::BinaryOp>(op)) name = ir::stringifyBinaryKind(o.getKind()).str();
  if (auto o = mlir::dyn_cast<ir::ReduceOp>(op)) name = ir::stringifyReduceKind(o.getKind()).str() + " reduced to";
  return name;
}

class Report {
public:
  Report(mlir::func::FuncOp function, const Plan& plan) : function(function), plan(plan) {}

  std::string text(const std::string& memory) {
    block(function.getBody().front(), 1, "  ");
    std::string out;
    llvm::raw_string_ostream os(out);
    os << counted(groups, "group") << ", " << amount(read) << " read and " << amount(written) << " written in a run\n";
    os << "inputs\n";
    for (auto [k, argument] : llvm::enumerate(function.getArguments())) {
      os << "  argument " << k << ": " << shapeText(ir::shapeOf(argument)) << ", " << amount(double(bytes(argument)));
      const double passes = bytes(argument) ? inputs[argument] / double(bytes(argument)) : 0;
      os << ", read " << llvm::format(passes == std::floor(passes) ? "%.0f" : "%.2f", passes)
         << (passes == 1 ? " time\n" : " times\n");
    }
    return out + "groups\n" + lines + memory;
  }

private:
  void account(const Traffic& traffic, double times, llvm::raw_string_ostream& os) {
    for (auto [v, n] : traffic.reads) {
      auto argument = mlir::dyn_cast<mlir::BlockArgument>(v);
      if (argument && argument.getOwner()->getParentOp() == function) inputs[v] += double(n) * times;
    }
    read += double(traffic.read()) * times;
    written += double(traffic.writes) * times;
    os << ": reads " << amount(double(traffic.read())) << ", writes " << amount(double(traffic.writes)) << "\n";
  }

  void block(mlir::Block& b, double times, const std::string& indent) {
    for (const auto& g : plan.groups.find(&b)->second) group(g, times, indent);
  }

  void group(const Group& g, double times, const std::string& indent) {
    llvm::raw_string_ostream os(lines);
    ++groups;
    if (g.single && g.single->getNumRegions()) return control(g.single, times, indent);
    if (g.single)
      os << indent << nameOf(g.single) << " at " << ir::describe(g.single->getLoc());
    else
      os << indent << (g.rowPass() ? "one pass over " : "loop over ") << shapeText(g.space) << ", "
         << counted(g.rowProducts.size() + g.roots.size() + g.columnProducts.size(), "value");
    account(trafficOf(plan, g), times, os);
    g.visit([&](Operation* op) {
      os << indent << "  " << nameOf(op) << " " << shapeText(ir::shapeOf(op->getResult(0)))
         << (plan.stored.contains(op->getResult(0)) ? "" : ", not stored") << " at " << ir::describe(op->getLoc())
         << "\n";
    });
  }

  void control(Operation* op, double times, const std::string& indent) {
    {
      llvm::raw_string_ostream os(lines);
      os << indent << op->getName().getStringRef().drop_front(3) << " at " << ir::describe(op->getLoc());
      if (auto loop = mlir::dyn_cast<ir::ForOp>(op)) {
        times *= double(loop.getTrip());
        os << ", " << int64_t(loop.getTrip()) << " times:\n";
        for (Value stacked : loop.getResults().drop_front(loop.getNumCarries()))
          if (plan.stored.contains(stacked)) written += double(bytes(stacked));
      } else {
        os << (mlir::isa<ir::WhileOp>(op) ? ", counted as one iteration:\n" : ", every branch counted:\n");
      }
    }
    for (auto& region : op->getRegions()) block(region.front(), times, indent + "  ");
  }

  mlir::func::FuncOp function;
  const Plan& plan;
  std::string lines;
  size_t groups = 0;
  double read = 0, written = 0;
  llvm::DenseMap<Value, double> inputs;
};

/// Buffers, those that share memory as one: (bytes, what is in them).
std::vector<std::pair<int64_t, std::string>> buffers(const Storage& storage, bool varyingOnly) {
  std::map<int, std::pair<int64_t, std::string>> shared;
  std::vector<std::pair<int64_t, std::string>> out;
  for (const auto& s : storage.slots) {
    if (s.external || (varyingOnly && !s.varying)) continue;
    const int64_t size = s.elements * (s.dtype == Dtype::bool_ && s.varying ? 8 : int64_t(size_of(s.dtype)));
    Value first = s.values.front();
    const std::string what = shapeText(ir::shapeOf(first)) + (s.carried ? ", carried" : "") + ", " +
                             counted(s.values.size(), "value") + ", first at " + ir::describe(first.getLoc());
    if (s.memory < 0) {
      out.push_back({size, what});
      continue;
    }
    auto& together = shared[s.memory];
    together.first = std::max(together.first, size);
    together.second += (together.second.empty() ? "" : "; ") + what;
  }
  for (auto& [memory, b] : shared) out.push_back(b);
  llvm::stable_sort(out, [](const auto& a, const auto& b) { return a.first > b.first; });
  return out;
}

int64_t total(const std::vector<std::pair<int64_t, std::string>>& list) {
  int64_t sum = 0;
  for (const auto& b : list) sum += b.first;
  return sum;
}

struct Prepared {
  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::func::FuncOp main;
  Plan plan;
  Storage storage;
};

Prepared prepare(const ir::TracedProgram& source, llvm::ArrayRef<bool> varying) {
  Prepared p;
  p.module = source.module->clone();
  std::string message;
  mlir::ScopedDiagnosticHandler handler(source.context.get(), [&](mlir::Diagnostic& d) {
    if (message.empty()) message = ir::describe(d.getLocation()) + ": " + d.str();
    return mlir::success();
  });
  if (mlir::failed(passes::prepareForCodegen(*p.module, varying)))
    throw Error(message.empty() ? "compilation failed" : message);
  p.main = *p.module->getOps<mlir::func::FuncOp>().begin();
  llvm::SmallVector<bool> flags(varying);
  flags.resize(p.main.getNumArguments(), false);
  passes::LaneVariance variance(p.main.getBody().front(), flags);
  p.plan = makePlan(p.main);
  p.storage = assignStorage(p.main, p.plan, [&](Value v) { return variance.varies(v); });
  return p;
}

} // namespace

/// Large results are computed in the caller's arrays (Emitter::placeResults), which are no buffers of the program.
static void leaveOutResults(Prepared& p) {
  constexpr int64_t kLarge = 4096;
  for (Value v : p.main.front().getTerminator()->getOperands()) {
    while (auto reshape = v.getDefiningOp<ir::ReshapeOp>()) v = reshape.getX();
    if (!v.getDefiningOp() || !p.plan.stored.contains(v)) continue;
    Slot& slot = p.storage.slots[size_t(p.storage.slot(v))];
    if (slot.elements * int64_t(size_of(slot.dtype)) > kLarge) slot.external = true;
  }
}

static int64_t totalBytes(mlir::ValueRange values) {
  int64_t sum = 0;
  for (Value v : values) sum += bytes(v);
  return sum;
}

std::string explain(const ir::TracedProgram& source) {
  constexpr size_t kListed = 20;
  passes::Notes notes;
  Prepared one = prepare(source, {});
  leaveOutResults(one);
  const auto list = buffers(one.storage, false);
  std::string memory;
  llvm::raw_string_ostream os(memory);
  if (!notes.lines.empty()) os << "rewritten\n";
  for (const std::string& line : notes.lines) os << "  " << line << "\n";
  for (const std::string& line : passes::unrolledLoops(*source.module)) os << "warning: " << line << "\n";
  const int64_t inputs = totalBytes(one.main.getArguments()), results = totalBytes(one.main.front().getTerminator()->getOperands());
  os << "memory of a run: " << amount(double(inputs + results + total(list))) << ": inputs " << amount(double(inputs)) << ", results "
     << amount(double(results)) << ", buffers " << amount(double(total(list))) << "\n";
  os << "buffers: " << list.size() << ", " << amount(double(total(list))) << "\n";
  for (const auto& [size, what] : llvm::ArrayRef(list).take_front(kListed))
    os << "  " << amount(double(size)) << ": " << what << "\n";
  if (list.size() > kListed) os << "  and " << list.size() - kListed << " smaller ones\n";
  llvm::SmallVector<bool> arguments(source.arguments.size(), true);
  if (!arguments.empty()) {
    arguments.resize(one.main.getNumArguments(), false);
    const Prepared lanes = prepare(source, arguments);
    os << "in lanes, arguments differing from chain to chain: " << amount(double(total(buffers(lanes.storage, true))))
       << " of each chain\n";
  }
  return Report(one.main, one.plan).text(memory);
}

} // namespace nuthatch::cpu
