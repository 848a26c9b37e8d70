#include "backends/cpu/llvm.h"

#include <llvm/ExecutionEngine/Orc/LLJIT.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Module.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/SmallVectorMemoryBuffer.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/TargetParser/Host.h>
#include <fstream>
#include <mutex>
#include <unistd.h>

#include "backends/runtime/host_calls.h"
#include "nuthatch/error.h"

namespace nuthatch::cpu {

namespace {

struct Host {
  std::string cpu, features;
  bool avx512 = false;
};

const Host& host() {
  static const Host h = [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    Host out;
    out.cpu = llvm::sys::getHostCPUName().str();
    auto map = llvm::sys::getHostCPUFeatures();
    std::vector<std::string> names;
    for (const auto& f : map)
      names.push_back((f.second ? "+" : "-") + f.first().str());
    std::sort(names.begin(), names.end());
    for (const auto& n : names) out.features += (out.features.empty() ? "" : ",") + n;
    if (!map.lookup("avx2") || !map.lookup("fma"))
      throw Error("this processor lacks AVX2 or FMA; compiled programs need x86-64-v3");
    out.avx512 = map.lookup("avx512f") && map.lookup("avx512dq") && map.lookup("avx512vl");
    return out;
  }();
  return h;
}

/// Target machines are not shared between threads.
llvm::TargetMachine& machine() {
  static thread_local std::unique_ptr<llvm::TargetMachine> tm = [] {
    host();
    std::string message;
    llvm::Triple triple(llvm::sys::getProcessTriple());
    const auto* target = llvm::TargetRegistry::lookupTarget(triple, message);
    if (!target) throw Error("LLVM has no code generator for this machine: " + message);
    llvm::TargetOptions options;
    options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
    return std::unique_ptr<llvm::TargetMachine>(
        target->createTargetMachine(triple, host().cpu, host().features, options, llvm::Reloc::PIC_, std::nullopt,
                                    llvm::CodeGenOptLevel::Less, /*JIT=*/true));
  }();
  return *tm;
}

template <class T> T orThrow(llvm::Expected<T> x, const char* doing) {
  if (x) return std::move(*x);
  throw Error(std::string(doing) + ": " + llvm::toString(x.takeError()));
}
void orThrow(llvm::Error e, const char* doing) {
  if (e) throw Error(std::string(doing) + ": " + llvm::toString(std::move(e)));
}

/// `*p = select(mask, x, *p)` stays load, blend, store: without AVX-512 the code generator would make it a masked store,
/// which is microcoded on AMD processors and cannot be forwarded to the loads that follow. Marking the finished store
/// volatile stops just that.
void keepBlends(llvm::Module& m) {
  for (auto& f : m)
    for (auto& block : f)
      for (auto& instruction : block) {
        auto* store = llvm::dyn_cast<llvm::StoreInst>(&instruction);
        auto* select = store ? llvm::dyn_cast<llvm::SelectInst>(store->getValueOperand()) : nullptr;
        if (!select || !select->getType()->isVectorTy()) continue;
        for (auto* arm : {select->getTrueValue(), select->getFalseValue()})
          if (auto* load = llvm::dyn_cast<llvm::LoadInst>(arm); load && load->getPointerOperand() == store->getPointerOperand())
            store->setVolatile(true);
      }
}

/// Instruction selection and scheduling take time quadratic in the length of a block. A straight program of many
/// thousands of operations is cut into blocks by branches that are always taken: `active` chains are at least one.
void splitLongBlocks(llvm::Module& m) {
  constexpr std::size_t kLongest = 2000;
  for (auto& f : m) {
    if (f.isDeclaration() || f.hasInternalLinkage() || f.arg_size() < 6) continue;
    llvm::BasicBlock* out = nullptr;
    for (auto block = f.begin(); block != f.end(); ++block) {
      if (block->sizeWithoutDebug() <= kLongest) continue;
      auto at = block->getFirstNonPHIOrDbgOrAlloca();
      std::advance(at, kLongest);
      llvm::BasicBlock* rest = block->splitBasicBlock(at);
      if (!out) {
        out = llvm::BasicBlock::Create(m.getContext(), "out", &f);
        llvm::ReturnInst::Create(m.getContext(), out);
      }
      auto* end = block->getTerminator();
      llvm::IRBuilder<> builder(end);
      builder.CreateCondBr(builder.CreateICmpSGT(f.getArg(4), builder.getInt64(0)), rest, out);
      end->eraseFromParent();
    }
  }
}

/// What is left to do on emitted code: registers for scalars in memory, loads made twice, addresses, invariants and
/// short loops. Level 1 of LLVM runs the costly ones of these, instcombine above all, five times; code is the same but
/// for a percent, in three times the time.
constexpr const char* kPasses =
    "function(sroa<modify-cfg>,early-cse<memssa>,instcombine<no-verify-fixpoint>,simplifycfg,"
    "loop-mssa(licm<allowspeculation>),loop(indvars,loop-deletion,loop-unroll-full),"
    "sroa<modify-cfg>,early-cse<memssa>,instsimplify,bdce,"
    "loop-mssa(licm<allowspeculation>),loop-unroll<O1>,simplifycfg,adce)";

/// Symbols of the library that programs refer to: these by name, whichever library or program we are part of.
class HostSymbols : public llvm::orc::DefinitionGenerator {
 public:
  llvm::Error tryToGenerate(llvm::orc::LookupState&, llvm::orc::LookupKind, llvm::orc::JITDylib& library,
                            llvm::orc::JITDylibLookupFlags, const llvm::orc::SymbolLookupSet& wanted) override {
    llvm::orc::SymbolMap found;
    for (const auto& [name, flags] : wanted) {
      try {
        if (void* address = runtime::hostSymbol((*name).str().c_str()))
          found[name] = {llvm::orc::ExecutorAddr::fromPtr(address), llvm::JITSymbolFlags::Exported};
      } catch (const Error& e) {
        return llvm::createStringError(e.what());
      }
    }
    return found.empty() ? llvm::Error::success() : library.define(llvm::orc::absoluteSymbols(std::move(found)));
  }
};

/// Lets `perf report` name compiled programs (the size is that of the object, an upper bound).
void writePerfMap(void* entry, std::size_t size, const std::string& symbol) {
  std::ofstream map("/tmp/perf-" + std::to_string(::getpid()) + ".map", std::ios::app);
  map << std::hex << reinterpret_cast<std::uintptr_t>(entry) << " " << size << " " << symbol << "\n";
}

}  // namespace

std::string targetDescription() { return host().cpu + " " + host().features; }

void setTarget(llvm::Module& m) {
  m.setTargetTriple(machine().getTargetTriple());
  m.setDataLayout(machine().createDataLayout());
}

void optimise(llvm::Module& m) {
  for (auto& f : m) {
    if (f.isDeclaration()) continue;
    f.addFnAttr("target-cpu", host().cpu);
    f.addFnAttr("target-features", host().features);
    if (host().avx512) {
      f.addFnAttr("prefer-vector-width", "512");
      f.addFnAttr("min-legal-vector-width", "512");
    }
  }
  llvm::PipelineTuningOptions tuning;
  tuning.LoopUnrolling = true;
  tuning.LoopVectorization = tuning.SLPVectorization = tuning.LoopInterleaving = false;
  llvm::LoopAnalysisManager lam;
  llvm::FunctionAnalysisManager fam;
  llvm::CGSCCAnalysisManager cam;
  llvm::ModuleAnalysisManager mam;
  llvm::PassBuilder pb(&machine(), tuning);
  pb.registerModuleAnalyses(mam);
  pb.registerCGSCCAnalyses(cam);
  pb.registerFunctionAnalyses(fam);
  pb.registerLoopAnalyses(lam);
  pb.crossRegisterProxies(lam, fam, cam, mam);
  llvm::ModulePassManager passes;
  orThrow(pb.parsePassPipeline(passes, kPasses), "LLVM's passes");
  passes.run(m, mam);
  if (!host().avx512) keepBlends(m);
  splitLongBlocks(m);
}

llvm::SmallVector<char, 0> generate(llvm::Module& m, bool assembly) {
  llvm::SmallVector<char, 0> out;
  llvm::raw_svector_ostream os(out);
  llvm::legacy::PassManager pm;
  auto type = assembly ? llvm::CodeGenFileType::AssemblyFile : llvm::CodeGenFileType::ObjectFile;
  if (machine().addPassesToEmitFile(pm, os, nullptr, type)) throw Error("LLVM cannot write code for this machine");
  pm.run(m);
  return out;
}

void* loadObject(llvm::ArrayRef<char> object, const std::string& symbol) {
  static std::mutex mutex;
  static std::unique_ptr<llvm::orc::LLJIT> jit;
  static int count = 0;
  static std::string reported;
  std::lock_guard lock(mutex);
  reported.clear();
  host();
  if (!jit) {
    jit = orThrow(llvm::orc::LLJITBuilder().create(), "starting the linker");
    // What a lookup returns says only that something went wrong before.
    jit->getExecutionSession().setErrorReporter([](llvm::Error e) { reported += llvm::toString(std::move(e)); });
  }
  auto created = jit->createJITDylib("program" + std::to_string(count++));
  if (!created) throw Error("linking: " + llvm::toString(created.takeError()));
  auto& library = *created;
  library.addGenerator(std::make_unique<HostSymbols>());
  library.addGenerator(orThrow(llvm::orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
                                   jit->getDataLayout().getGlobalPrefix()), "linking"));
  auto buffer = std::make_unique<llvm::SmallVectorMemoryBuffer>(llvm::SmallVector<char, 0>(object.begin(), object.end()), false);
  orThrow(jit->addObjectFile(library, std::move(buffer)), "linking");
  auto found = jit->lookup(library, symbol);
  if (!found) {
    const std::string general = llvm::toString(found.takeError());
    throw Error(reported.empty() ? "linking: " + general : reported);
  }
  void* entry = found->toPtr<void*>();
  if (std::getenv("NUTHATCH_PERF_MAP")) writePerfMap(entry, object.size(), symbol);
  return entry;
}

}  // namespace nuthatch::cpu
