#include "ir/interpreter/interpreter.h"

#include <llvm/ADT/TypeSwitch.h>

#include <cstring>

#include "ir/ops/elements.h"
#include "ir/ops/rules.h"
#include "ir/trace/program.h"
#include "nuthatch/error.h"

namespace nuthatch::ir {
namespace {

using Arrays = std::vector<Array>;

int64_t integerOf(const Array& a) { return *a.as<int64_t>(); }
bool boolOf(const Array& a) { return *a.as<bool>(); }

Array indexArray(int64_t i) {
  Array a(Dtype::i64, {});
  *a.as<int64_t>() = i;
  return a;
}

/// Element i of the leading axis, sharing memory.
Array rowOf(const Array& stacked, int64_t i) {
  Array row;
  row.dtype = stacked.dtype;
  row.shape = Shape(std::vector<int64_t>(stacked.shape.begin() + 1, stacked.shape.end()));
  row.data = api::Storage(stacked.data, stacked.data.get() + size_t(i) * row.bytes());
  return row;
}

[[noreturn]] void fail(mlir::Operation* op, const std::string& message) {
  std::string line = describe(op->getLoc());
  throw Error((line.empty() ? "" : line + ": ") + op->getName().getStringRef().str() + ": " + message);
}

class Interpreter {
 public:
  explicit Interpreter(const InterpreterHooks& hooks) : hooks(hooks) {}

  /// Runs a block and returns what its terminator takes.
  Arrays run(mlir::Block& block, Arrays arguments) {
    for (auto [argument, array] : llvm::zip(block.getArguments(), arguments)) values[argument] = std::move(array);
    for (mlir::Operation& op : block.without_terminator()) {
      Arrays results = evaluate(&op, read(op.getOperands()));
      for (auto [result, array] : llvm::zip(op.getResults(), results)) values[result] = std::move(array);
    }
    return read(block.getTerminator()->getOperands());
  }

 private:
  Arrays read(mlir::ValueRange operands) {
    Arrays out;
    for (mlir::Value v : operands) out.push_back(values.lookup(v));
    return out;
  }
  Arrays run(mlir::Region& region, Arrays arguments) { return run(region.front(), std::move(arguments)); }

  Arrays evaluate(mlir::Operation* op, const Arrays& in) {
    return llvm::TypeSwitch<mlir::Operation*, Arrays>(op)
        .Case<ForOp, WhileOp, CaseOp, EmitOp>([&](auto o) { return evaluate(o, in); })
        .Case<CustomDerivativeOp>([&](auto o) { return run(o.getRules()[0], in); })
        .Case<CheckpointOp>([&](auto o) { return run(o.getBody(), in); })
        .Case<mlir::func::CallOp>([&](auto o) {
          auto callee = o->template getParentOfType<mlir::ModuleOp>().template lookupSymbol<mlir::func::FuncOp>(o.getCallee());
          return run(callee.getBody(), in);
        })
        .Case<VjpOp, JvpOp, VmapOp>([](auto o) -> Arrays { fail(o, "must be expanded before it is evaluated"); })
        .Default([&](mlir::Operation* o) {
          Arrays out = ir::evaluate(o, in);
          if (hooks.evaluated) hooks.evaluated(o, out);
          return out;
        });
  }

  Arrays evaluate(ForOp op, const Arrays& in) {
    const int64_t trip = int64_t(op.getTrip()), carries = int64_t(op.getNumCarries());
    Arrays state(in.begin(), in.begin() + carries), stacks;
    for (mlir::Value v : op.getResults().drop_front(size_t(carries))) stacks.push_back(allocate(v.getType()));
    for (int64_t step = 0; step < trip; ++step) {
      const int64_t i = op.getReverse() ? trip - 1 - step : step;
      Arrays arguments{indexArray(i)};
      arguments.insert(arguments.end(), state.begin(), state.end());
      for (auto x = in.begin() + carries; x != in.end(); ++x) arguments.push_back(rowOf(*x, i));
      Arrays yields = run(op.getBody(), std::move(arguments));
      for (size_t k = 0; k < stacks.size(); ++k) {
        Array row = rowOf(stacks[k], i);
        std::memcpy(row.data.get(), yields[size_t(carries) + k].data.get(), row.bytes());
      }
      state.assign(yields.begin(), yields.begin() + carries);
    }
    state.insert(state.end(), stacks.begin(), stacks.end());
    return state;
  }

  Arrays evaluate(WhileOp op, const Arrays& in) {
    const int64_t bound = int64_t(op.getMaxTrip());
    Arrays state = in;
    for (int64_t i = 0; (bound < 0 || i < bound) && boolOf(run(op.getCond(), state)[0]); ++i) state = run(op.getBody(), state);
    return state;
  }

  Arrays evaluate(CaseOp op, const Arrays& in) {
    const int64_t last = int64_t(op.getBranches().size()) - 1;
    return run(op.getBranches()[unsigned(std::clamp<int64_t>(integerOf(in[0]), 0, last))], {});
  }

  Arrays evaluate(EmitOp op, const Arrays& in) {
    if (hooks.emitted && boolOf(in[0])) hooks.emitted(int64_t(op.getStream()), integerOf(in[1]), in[2]);
    return {};
  }

  const InterpreterHooks& hooks;
  llvm::DenseMap<mlir::Value, Array> values;
};

}  // namespace

std::vector<Array> evaluate(mlir::Operation* op, std::span<const Array> operands) {
  const OpRules& rules = rulesOf(op);
  if (!rules.eval) fail(op, "has no reference evaluation");
  Arrays results;
  for (mlir::Type t : op->getResultTypes()) results.push_back(allocate(t));
  rules.eval(op, operands, results);
  return results;
}

std::vector<Array> interpretFunction(mlir::func::FuncOp function, std::vector<Array> arguments, const InterpreterHooks& hooks) {
  mlir::Block& body = function.getBody().front();
  if (arguments.size() != body.getNumArguments())
    fail(function, "has " + std::to_string(body.getNumArguments()) + " arguments, got " + std::to_string(arguments.size()));
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string have = std::string(name(arguments[i].dtype)) + to_string(arguments[i].shape);
    std::string want = describe(body.getArgument(unsigned(i)).getType());
    if (have != want) fail(function, "argument " + std::to_string(i) + " is " + want + ", got " + have);
  }
  return Interpreter(hooks).run(body, std::move(arguments));
}

}  // namespace nuthatch::ir
