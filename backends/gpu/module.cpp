#include "backends/gpu/module.h"

#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/SHA1.h>

#include "backends/runtime/object_cache.h"
#include "nuthatch/error.h"

namespace nuthatch::gpu {
namespace {

std::string keyOf(const Card& card, const std::string& ptx) {
  llvm::SHA1 hash;
  hash.update(ptx);
  hash.update("cubin " + std::to_string(card.facts().major) + "." + std::to_string(card.facts().minor) + " driver " +
              std::to_string(cuda::driver().version));
  return llvm::toHex(hash.final(), true);
}

/// By the driver's assembler, for this card.
std::vector<char> assemble(Card& card, const std::string& ptx) {
  const auto& d = cuda::driver();
  std::vector<char> log(8192, 0);
  int keys[] = {cuda::kErrorLog, cuda::kErrorLogBytes};
  void* values[] = {log.data(), reinterpret_cast<void*>(log.size())};
  cuda::Link link = nullptr;
  card.check(d.createLink(2, keys, values, &link), "the driver's assembler");
  struct End {
    cuda::Link link;
    ~End() { cuda::driver().destroyLink(link); }
  } end{link};
  void* object = nullptr;
  std::size_t bytes = 0;
  auto r = d.addToLink(link, cuda::kInputPtx, const_cast<char*>(ptx.c_str()), ptx.size() + 1, "program", 0, nullptr, nullptr);
  if (r == cuda::kSuccess) r = d.completeLink(link, &object, &bytes);
  if (r != cuda::kSuccess)
    throw Error("gpu:" + std::to_string(card.index()) + " (" + card.facts().name + "): the driver does not take the program for " +
                card.facts().architecture() + ": " + cuda::describe(r) + (log[0] ? ": " + std::string(log.data()) : ""));
  auto* first = static_cast<const char*>(object);
  return {first, first + bytes};
}

}  // namespace

LoadedKernel::LoadedKernel(Card& card, const PtxProgram& program) : card_(card) {
  const std::lock_guard lock(card.mutex());
  card.use();
  const auto& d = cuda::driver();
  const std::string key = keyOf(card, program.text);
  if (auto cached = runtime::loadCached(key)) from_cache_ = d.loadModule(&module_, cached->object.data(), 0, nullptr, nullptr) == cuda::kSuccess;
  if (!from_cache_) {
    const auto object = assemble(card, program.text);
    card.check(d.loadModule(&module_, object.data(), 0, nullptr, nullptr), "loading a program");
    runtime::storeCached(key, {0, object});
  }
  card.check(d.function(&function_, module_, program.kernel.c_str()), "finding the kernel");
  card.check(d.functionAttribute(&registers_, cuda::kRegisters, function_), "asking for registers");
  card.check(d.functionAttribute(&local_bytes_, cuda::kLocalBytes, function_), "asking for local memory");
  if (program.shared_bytes > 0)
    card.check(d.setFunctionAttribute(function_, cuda::kMaxDynamicShared, int(program.shared_bytes)), "asking for shared memory");
  card.check(d.occupancy(&blocks_, function_, int(program.block_threads), std::size_t(program.shared_bytes)), "asking for its occupancy");
  if (blocks_ < 1)
    throw Error("gpu:" + std::to_string(card.index()) + " (" + card.facts().name + "): a block of " + std::to_string(program.block_threads) +
                " threads with " + std::to_string(registers_) + " registers each and " + std::to_string(program.shared_bytes) +
                " bytes of shared memory does not fit a multiprocessor");
}

LoadedKernel::~LoadedKernel() {
  const std::lock_guard lock(card_.mutex());
  const auto& d = cuda::driver();
  // It may still run.
  if (module_ && card_.useToEnd() && d.waitForStream(card_.stream()) == cuda::kSuccess) d.unloadModule(module_);
}

}  // namespace nuthatch::gpu
