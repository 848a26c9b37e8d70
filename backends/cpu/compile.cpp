#include "backends/cpu/compile.h"

#include <chrono>
#include <cstdlib>
#include <llvm/Support/SHA1.h>

#include <llvm/Transforms/Utils/Cloning.h>

#include "backends/cpu/check_storage.h"
#include "backends/cpu/emitter.h"
#include "backends/cpu/llvm.h"
#include "backends/cpu/recovery.h"
#include "backends/runtime/object_cache.h"
#include "ir/trace/program.h"
#include "nuthatch/error.h"
#include "passes/loops/lane_variance.h"
#include "passes/pipeline.h"

namespace nuthatch::cpu {

namespace {

double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

bool dumps(const char* what) {
  const char* list = std::getenv("NUTHATCH_DUMP");
  return list && llvm::StringRef(list).contains(what);
}

std::string printed(mlir::Operation* x) {
  std::string out;
  llvm::raw_string_ostream os(out);
  x->print(os);
  return out;
}

/// Values that could not share memory and are copied at a yield.
std::string copiesText(const Storage& storage) {
  std::string out = "copies: " + std::to_string(storage.copies.size()) + "\n";
  llvm::raw_string_ostream os(out);
  for (auto [destination, source] : storage.copies) {
    os << "  " << destination.getType() << " " << ir::describe(destination.getLoc()) << " <- ";
    if (auto* op = source.getDefiningOp()) os << op->getName() << " " << ir::describe(op->getLoc());
    else os << "argument " << mlir::cast<mlir::BlockArgument>(source).getArgNumber();
    os << "\n";
  }
  return out;
}

std::string keyOf(const std::string& text, unsigned lanes, const std::vector<bool>& varying) {
  std::string options = "lanes " + std::to_string(lanes) + " ";
  for (bool v : varying) options += v ? '1' : '0';
  llvm::SHA1 hash;
  hash.update(text);
  hash.update(options);
  hash.update(targetDescription());
  hash.update(runtime::buildIdentity());
  return llvm::toHex(hash.final(), true);
}

/// Puts the program through the passes; throws what they complain about.
mlir::OwningOpRef<mlir::ModuleOp> prepared(const ir::TracedProgram& source, llvm::ArrayRef<bool> varying) {
  mlir::OwningOpRef<mlir::ModuleOp> module(source.module->clone());
  std::string message;
  mlir::ScopedDiagnosticHandler handler(source.context.get(), [&](mlir::Diagnostic& d) {
    if (message.empty()) message = ir::describe(d.getLocation()) + ": " + d.str();
    return mlir::success();
  });
  if (mlir::failed(passes::prepareForCodegen(*module, varying))) throw Error(message.empty() ? "compilation failed" : message);
  return module;
}

/// The pipeline from nh to an object; fills the code's facts.
llvm::SmallVector<char, 0> build(const ir::TracedProgram& source, unsigned lanes, const std::vector<bool>& varying,
                                 const std::string& symbol, bool keep, Code& code, bool profile = false) {
  double t0 = seconds();
  llvm::SmallVector<bool> flags;
  if (lanes > 1) flags.assign(varying.begin(), varying.end());
  auto module = prepared(source, flags);
  auto main = *module->getOps<mlir::func::FuncOp>().begin();
  double t1 = seconds();

  flags.resize(main.getNumArguments(), false);
  passes::LaneVariance variance(main.getBody().front(), flags);
  auto isVarying = [&](mlir::Value v) { return variance.varies(v); };
  Plan plan = makePlan(main);
  Storage storage = assignStorage(main, plan, isVarying);
  if (checks("plan"))
    if (auto wrong = checkStorage(main, plan, storage, isVarying); !wrong.empty()) throw Error("internal: storage plan: " + wrong);
  auto context = std::make_unique<llvm::LLVMContext>();
  llvm::Module llvmModule(symbol, *context);
  setTarget(llvmModule);
  Emitter emitter(main, plan, storage, isVarying, lanes, llvmModule);
  if (code.memory_checks) emitter.addMemoryChecks(deadValues(main, plan, storage));
  if (profile) emitter.addProfile(code.profiled);
  emitter.run(symbol);
  code.workspace_bytes = emitter.workspaceBytes();
  code.buffers = emitter.buffers();
  double t2 = seconds();

  if (keep || dumps("ir")) code.dump_ir = printed(module->getOperation());
  if (keep || dumps("plan")) code.dump_plan = plan.text() + copiesText(storage);
  optimise(llvmModule);
  if (keep || dumps("llvm")) {
    llvm::raw_string_ostream os(code.dump_llvm);
    llvmModule.print(os, nullptr);
  }
  for (auto& f : llvmModule) code.stats.instructions += long(f.getInstructionCount());
  if (keep || dumps("asm")) {
    auto copy = llvm::CloneModule(llvmModule);
    auto text = generate(*copy, true);
    code.dump_asm.assign(text.begin(), text.end());
  }
  auto object = generate(llvmModule, false);
  double t3 = seconds();
  main.walk([&](mlir::Operation*) { ++code.stats.ops; });
  for (const auto& [block, groups] : plan.groups) code.stats.groups += long(groups.size());
  code.stats.passes_s = t1 - t0;
  code.stats.emit_s = t2 - t1;
  code.stats.llvm_s = t3 - t2;
  return object;
}

void printDumps(const Code& code) {
  for (auto [what, text] : {std::pair{"ir", &code.dump_ir}, {"plan", &code.dump_plan}, {"llvm", &code.dump_llvm}, {"asm", &code.dump_asm}})
    if (dumps(what) && !text->empty()) llvm::errs() << "; ---- " << what << " ----\n" << *text;
}

}  // namespace

Shared<const Code> compile(const detail::Program& program, unsigned lanes, const std::vector<bool>& varying, bool keep) {
  const auto& source = ir::traced(program);
  auto code = share<Code>();
  std::string key = keyOf(source.text(), lanes, varying), symbol = "nh_" + key;
  code->memory_checks = checks("memory");
  bool fresh = keep || code->memory_checks || std::getenv("NUTHATCH_DUMP");
  if (!fresh) {
    if (auto entry = runtime::loadCached(key)) {
      try {
        double t = seconds();
        code->entry = reinterpret_cast<Entry>(loadObject({entry->object.data(), entry->object.size()}, symbol));
        code->workspace_bytes = entry->workspace_bytes;
        code->stats.from_cache = true;
        code->stats.buffer_bytes = code->workspace_bytes;
        code->stats.link_s = seconds() - t;
        return code;
      } catch (const Error&) {  // an object that does not link is no entry: compile anew
      }
    }
  }
  llvm::SmallVector<char, 0> object;
  withRecovery([&] { object = build(source, lanes, varying, symbol, keep, *code); });
  printDumps(*code);
  if (!fresh) runtime::storeCached(key, {code->workspace_bytes, {object.begin(), object.end()}});
  double t = seconds();
  code->entry = reinterpret_cast<Entry>(loadObject(object, symbol));
  code->stats.link_s = seconds() - t;
  code->stats.buffer_bytes = code->workspace_bytes;
  if (dumps("stats")) {
    const auto& s = code->stats;
    llvm::errs() << "; passes " << s.passes_s << " s, emission " << s.emit_s << " s, LLVM " << s.llvm_s << " s, linking "
                 << s.link_s << " s; " << s.ops << " operations, " << s.groups << " groups, " << s.instructions
                 << " instructions, workspace " << s.buffer_bytes << " bytes\n";
  }
  return code;
}

Shared<const Code> compileProfiled(const detail::Program& program) {
  const auto& source = ir::traced(program);
  auto code = share<Code>();
  const std::string symbol = "nh_profiled_" + keyOf(source.text(), 1, {});
  llvm::SmallVector<char, 0> object;
  withRecovery([&] { object = build(source, 1, {}, symbol, false, *code, true); });
  code->entry = reinterpret_cast<Entry>(loadObject(object, symbol));
  return code;
}

std::int64_t emitGroup(const ir::TracedProgram& source, std::int64_t threads, const std::vector<bool>& varying, bool exchange,
                       llvm::Module& into, const std::string& symbol) {
  auto module = prepared(source, {});
  auto main = *module->getOps<mlir::func::FuncOp>().begin();
  auto nothing = [](mlir::Value) { return false; };
  Plan plan = makePlan(main, /*rowPasses=*/false);
  Storage storage = assignStorage(main, plan, nothing);
  Emitter emitter(main, plan, storage, nothing, 1, into);
  std::vector<bool> rows = varying;
  rows.resize(main.getNumArguments(), false);  // captures are shared
  emitter.addThreads(threads, std::move(rows), exchange);
  emitter.run(symbol);
  return emitter.workspaceBytes();
}

/// As many threads as a part of a warp can have.
static bool isSegment(std::int64_t n) { return n == 1 || n == 2 || n == 4 || n == 8 || n == 16 || n == 32; }

GroupCode compileGroup(const detail::Program& program, std::int64_t threads, const std::vector<bool>& varying) {
  const auto& source = ir::traced(program);
  const std::string symbol = "nh_group" + std::to_string(threads) + "_" + keyOf(source.text(), 1, varying);
  GroupCode code;
  llvm::SmallVector<char, 0> object;
  withRecovery([&] {
    llvm::LLVMContext context;
    llvm::Module module(symbol, context);
    setTarget(module);
    code.workspace_bytes = emitGroup(source, threads, varying, isSegment(threads), module, symbol);
    optimise(module);
    object = generate(module, false);
  });
  code.entry = reinterpret_cast<GroupCode::Entry>(loadObject(object, symbol));
  return code;
}

}  // namespace nuthatch::cpu
