#include "tools/nh-fuzz/check.h"

#include <cmath>
#include <cstring>

#include <llvm/ADT/StringExtras.h>
#include <mlir/IR/Verifier.h>
#include <mlir/Parser/Parser.h>

#include "backends/driver/emulated.h"
#include "ir/interpreter/interpreter.h"
#include "ir/trace/program.h"
#include "ir/trace/read.h"
#include "ir/trace/trace.h"
#include "nuthatch/detail/executor.h"
#include "nuthatch/error.h"
#include "passes/batching/batching.h"
#include "passes/form_fma/form_fma.h"
#include "passes/loops/lane_masking.h"
#include "passes/loops/raise_xs.h"
#include "passes/pipeline.h"
#include "passes/simplify/simplify.h"
#include "passes/transform/expand.h"
#include "tools/nh-fuzz/generate.h"

namespace nuthatch::fuzz {

using detail::Array;
using Arrays = std::vector<Array>;
using Module = mlir::OwningOpRef<mlir::ModuleOp>;

namespace {

struct Disagreement {
  std::string message;
};

mlir::func::FuncOp mainOf(mlir::ModuleOp module) { return *module.getOps<mlir::func::FuncOp>().begin(); }

std::string textOf(mlir::ModuleOp module) {
  std::string out;
  llvm::raw_string_ostream stream(out);
  module.print(stream);
  return out;
}

template <class T> bool sameNumber(const std::byte* a, const std::byte* b) {
  T x, y;
  std::memcpy(&x, a, sizeof x);
  std::memcpy(&y, b, sizeof y);
  return std::memcmp(a, b, sizeof x) == 0 || (std::isnan(x) && std::isnan(y));
}

void compare(const Array& want, const std::byte* have, const std::string& way, std::size_t result) {
  const auto size = size_of(want.dtype);
  for (std::int64_t i = 0; i < want.num_elements(); ++i) {
    const std::byte *a = want.data.get() + std::size_t(i) * size, *b = have + std::size_t(i) * size;
    if (want.dtype == Dtype::f64   ? sameNumber<double>(a, b)
        : want.dtype == Dtype::f32 ? sameNumber<float>(a, b)
                                   : std::memcmp(a, b, size) == 0)
      continue;
    auto number = [&](const std::byte* p) {
      std::string out = "0x";
      for (std::size_t k = size; k-- > 0;) out += llvm::utohexstr(std::uint64_t(p[k]), true, 2);
      double x = 0;
      float y = 0;
      if (want.dtype == Dtype::f64) std::memcpy(&x, p, 8), out += " (" + std::to_string(x) + ")";
      if (want.dtype == Dtype::f32) std::memcpy(&y, p, 4), out += " (" + std::to_string(y) + ")";
      return out;
    };
    throw Disagreement{way + ": result " + std::to_string(result) + ", element " + std::to_string(i) + ": " + number(b) +
                       " instead of " + number(a)};
  }
}

void compareAll(const Arrays& want, const Arrays& have, const std::string& way) {
  for (std::size_t i = 0; i < want.size(); ++i) {
    if (want[i].shape != have[i].shape || want[i].dtype != have[i].dtype) throw Disagreement{way + ": result " + std::to_string(i) + " has another type"};
    compare(want[i], have[i].data.get(), way, i);
  }
}

/// Element `i` of the leading axis.
Array row(const Array& stack, std::int64_t i) {
  Array one(stack.dtype, Shape(std::vector<std::int64_t>(stack.shape.begin() + 1, stack.shape.end())));
  if (one.bytes()) std::memcpy(one.data.get(), stack.data.get() + std::size_t(i) * one.bytes(), one.bytes());
  return one;
}

Module clone(mlir::ModuleOp module) { return module.clone(); }

class Check {
 public:
  Check(const detail::ProgramPtr& program, const Ways& ways) : program(program), source(ir::traced(*program)), ways(ways) {}

  void run() {
    for (std::size_t i = 0; i < program->arguments.size(); ++i)
      arguments.push_back(randomArgument(program->arguments[i], ways.seed, i));
    plain = prepared();
    want = interpreted(*plain);
    if (ways.passes) {
      roundTrip();
      passesAlone();
    }
    const bool lanes = !ways.groups.empty() || !ways.gpu_threads.empty() || ways.widths.size() > 1 || (!ways.widths.empty() && ways.widths[0] != 1);
    if (ways.passes || lanes) chains();
    for (int width : ways.widths) {
      if (width == 1) compareAll(want, detail::executor().compile(program)->run(arguments), "compiled");
      else compiledWith(width);
    }
    if (callsHost()) return;
    for (int threads : ways.groups) inGroups(threads);
    for (int threads : ways.gpu_threads) onGpu(threads);
  }

 private:
  detail::ProgramPtr program;
  const ir::TracedProgram& source;
  const Ways& ways;
  Arrays arguments, want;
  Module plain;
  static constexpr std::int64_t kChains = 9;
  std::vector<bool> varying;
  Arrays stacked;
  std::vector<Arrays> wantOfChain;

  Module prepared() {
    Module module = clone(*source.module);
    if (mlir::failed(passes::toPlainOperations(*module))) throw Error("refused");
    return module;
  }
  Arrays interpreted(mlir::ModuleOp module) { return ir::interpretFunction(mainOf(module), arguments); }

  void verify(mlir::ModuleOp module, const std::string& way) {
    if (mlir::failed(mlir::verify(module))) throw Disagreement{way + ": the result does not verify\n" + textOf(module)};
  }

  void roundTrip() {
    for (mlir::ModuleOp module : {*source.module, *plain}) {
      const std::string text = textOf(module);
      auto again = mlir::parseSourceString<mlir::ModuleOp>(text, source.context.get());
      if (!again) throw Disagreement{"printed text does not parse\n" + text};
      if (textOf(*again) != text) throw Disagreement{"printed text changes when parsed and printed"};
    }
  }

  void passesAlone() {
    using Pass = void (*)(mlir::ModuleOp);
    struct Way { const char* name; std::vector<Pass> passes; };
    static const Way table[] = {{"dce", {passes::removeDeadCode}},
                                {"simplify", {passes::simplify}},
                                {"raise-xs", {passes::raiseToXs}},
                                {"raise-xs, simplify", {passes::raiseToXs, passes::simplify}},
                                {"simplify twice", {passes::simplify, passes::simplify}}};
    for (const auto& way : table) {
      Module module = clone(*plain);
      for (auto pass : way.passes) pass(*module);
      verify(*module, way.name);
      compareAll(want, interpreted(*module), way.name);
    }
    // Before products are fused the bits are others; simplification keeps those as well.
    Module expanded = clone(*source.module);
    if (mlir::failed(passes::expandTransforms(*expanded))) throw Error("refused");
    verify(*expanded, "expand-transforms");
    const Arrays unfused = interpreted(*expanded);
    passes::simplify(*expanded);
    verify(*expanded, "expand-transforms, simplify");
    compareAll(unfused, interpreted(*expanded), "expand-transforms, simplify");
  }

  /// One argument list per chain: some arguments differ between them, the others are shared.
  void chains() {
    std::vector<Arrays> ofChain(kChains);
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const auto& t = program->arguments[i];
      varying.push_back((ways.seed >> (i % 8)) % 3 != 0 || i == 0);
      if (!varying.back()) {
        for (auto& c : ofChain) c.push_back(arguments[i]);
        stacked.push_back(arguments[i]);
        continue;
      }
      Shape shape = t.shape;
      shape.insert(shape.begin(), kChains);
      stacked.push_back(randomArgument({t.dtype, shape}, ways.seed + 1, i));
      for (std::int64_t c = 0; c < kChains; ++c) ofChain[std::size_t(c)].push_back(row(stacked.back(), c));
    }
    for (auto& own : ofChain) wantOfChain.push_back(ir::interpretFunction(mainOf(*plain), own));
    if (ways.passes) {
      masked(false);
      masked(true);
    }
  }

  /// The program with control flow made uniform over lanes, mapped over the chains and interpreted.
  void masked(bool simplified) {
    const std::string way = simplified ? "mask-lanes, simplify, vmap" : "vmap";
    Module module = clone(*plain);
    if (simplified) {
      llvm::SmallVector<bool> flags(varying.begin(), varying.end());
      if (mlir::failed(passes::maskLanes(mainOf(*module), flags))) throw Disagreement{"mask-lanes failed"};
      verify(*module, "mask-lanes");
      passes::simplify(*module);
    }
    auto function = mapped(*module);
    if (mlir::failed(passes::expandVmap(*function.getBody().front().getOps<ir::VmapOp>().begin()))) throw Disagreement{"vmap failed"};
    verify(*module, way);
    const Arrays all = ir::interpretFunction(function, stacked);
    for (std::int64_t c = 0; c < kChains; ++c) {
      Arrays own;
      for (const auto& a : all) own.push_back(row(a, c));
      compareAll(wantOfChain[std::size_t(c)], own, way + ", chain " + std::to_string(c));
    }
  }

  /// Replaces the module's function by one that maps it over the chains.
  mlir::func::FuncOp mapped(mlir::ModuleOp module) {
    auto function = mainOf(module);
    mlir::OpBuilder at(module.getContext());
    at.setInsertionPointToEnd(module.getBody());
    auto stack = [](mlir::Type type) -> mlir::Type {
      auto t = mlir::cast<mlir::RankedTensorType>(type);
      llvm::SmallVector<int64_t> shape{kChains};
      shape.append(t.getShape().begin(), t.getShape().end());
      return mlir::RankedTensorType::get(shape, t.getElementType());
    };
    llvm::SmallVector<mlir::Type> inputs, results;
    llvm::SmallVector<int64_t> axes;
    for (auto [type, flag] : llvm::zip(function.getArgumentTypes(), varying)) {
      inputs.push_back(flag ? stack(type) : type);
      axes.push_back(flag ? 0 : -1);
    }
    for (mlir::Type type : function.getResultTypes()) results.push_back(stack(type));
    auto loc = function.getLoc();
    auto outer = mlir::func::FuncOp::create(at, loc, "mapped", at.getFunctionType(inputs, results));
    at.setInsertionPointToEnd(outer.addEntryBlock());
    auto vmap = ir::VmapOp::create(at, loc, results, std::uint64_t(kChains), axes, outer.getArguments());
    mlir::func::ReturnOp::create(at, loc, vmap.getResults());
    vmap.getBody().takeBody(function.getBody());
    auto* terminator = vmap.getBody().front().getTerminator();
    at.setInsertionPoint(terminator);
    ir::YieldOp::create(at, loc, terminator->getOperands());
    terminator->erase();
    function.erase();
    return outer;
  }

  detail::LaneOptions laneOptions(int width) {
    detail::LaneOptions options;
    options.width = width;
    options.varying_argument = varying;
    options.varying_result.assign(program->results.size(), true);
    return options;
  }
  /// Groups of threads do not.
  bool callsHost() {
    return plain->getOperation()->walk([](mlir::Operation* op) {
      return mlir::isa<ir::CustomCallOp, ir::ReportOp>(op) ? mlir::WalkResult::interrupt() : mlir::WalkResult::advance();
    }).wasInterrupted();
  }
  void compiledWith(int width) {
    compareChains(*detail::executor().compile_lanes(program, laneOptions(width)), std::to_string(width) + " lanes");
  }
  void inGroups(int threads) {
    compareChains(*detail::compileEmulated(program, laneOptions(1), threads), std::to_string(threads) + " threads");
  }
  /// 0: the program by itself, in one chain.
  void onGpu(int threads) {
    auto& gpu = detail::executor(default_device());
    if (threads == 0) return compareAll(want, gpu.compile(program)->run(arguments), "on a GPU");
    auto options = laneOptions(1);
    options.chains = kChains;
    options.threads_per_chain = threads;
    compareChains(*gpu.compile_lanes(program, options), std::to_string(threads) + " threads of a GPU");
  }
  void compareChains(detail::LaneExecutable& compiled, const std::string& way) {
    const Arrays all = compiled.run(stacked, kChains, 1, {});
    for (std::int64_t c = 0; c < kChains; ++c)
      for (std::size_t i = 0; i < all.size(); ++i) {
        const Array& expected = wantOfChain[std::size_t(c)][i];
        compare(expected, all[i].data.get() + std::size_t(c) * expected.bytes(),
                way + ", chain " + std::to_string(c), i);
      }
  }
};

}  // namespace

detail::ProgramPtr readProgram(const std::string& text) {
  registerForeign();
  auto program = share<ir::TracedProgram>();
  program->context = ir::makeContext();
  mlir::ScopedDiagnosticHandler quiet(program->context.get(), [](mlir::Diagnostic&) { return mlir::success(); });
  program->module = ir::readModule(text, program->context.get());
  if (!program->module) return nullptr;
  auto functions = program->module->getOps<mlir::func::FuncOp>();
  if (functions.empty() || mainOf(*program->module).isExternal()) return nullptr;
  for (auto t : program->main().getArgumentTypes()) program->arguments.push_back(ir::apiType(t));
  for (auto t : program->main().getResultTypes()) program->results.push_back(ir::apiType(t));
  return program;
}

Outcome check(const detail::ProgramPtr& program, const Ways& ways) {
  const auto& source = ir::traced(*program);
  std::string diagnostics;
  mlir::ScopedDiagnosticHandler handler(source.context.get(), [&](mlir::Diagnostic& d) {
    if (diagnostics.empty()) diagnostics = d.str();
    return mlir::success();
  });
  try {
    Check(program, ways).run();
  } catch (const Disagreement& d) {
    return {false, d.message + (diagnostics.empty() ? "" : "\n" + diagnostics)};
  } catch (const Error& e) {
    if (std::string(e.what()) == "refused") return {true, diagnostics};
    return {false, std::string("error: ") + e.what()};
  }
  return {};
}

}  // namespace nuthatch::fuzz
