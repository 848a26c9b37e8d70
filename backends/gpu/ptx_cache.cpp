#include "backends/gpu/ptx_cache.h"

#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/SHA1.h>
#include <nlohmann/json.hpp>

#include "backends/runtime/object_cache.h"
#include "ir/trace/program.h"

namespace nuthatch::gpu {
namespace {

std::string keyOf(const ir::TracedProgram& source, const PtxOptions& o) {
  std::string options = "ptx " + o.architecture + " " + std::to_string(int(o.unit)) + " " + std::to_string(o.threads) + " " + std::to_string(o.block) + " " +
                        std::to_string(int(o.memory)) + " ";
  for (const bool v : o.varying_argument) options += v ? '1' : '0';
  llvm::SHA1 hash;
  hash.update(source.text());
  hash.update(options);
  hash.update(runtime::buildIdentity());
  return llvm::toHex(hash.final(), true);
}

std::vector<char> written(const PtxProgram& p) {
  const nlohmann::json fields{{"text", p.text},
                              {"kernel", p.kernel},
                              {"block_threads", p.block_threads},
                              {"chains_per_block", p.chains_per_block},
                              {"workspace_bytes", p.workspace_bytes},
                              {"shared_bytes", p.shared_bytes}};
  const std::string text = fields.dump();
  return {text.begin(), text.end()};
}

/// Anything unreadable is a miss.
bool read(const std::vector<char>& bytes, PtxProgram& p) {
  const auto fields = nlohmann::json::parse(bytes.begin(), bytes.end(), nullptr, /*allow_exceptions=*/false);
  if (!fields.is_object()) return false;
  try {
    p.text = fields.at("text");
    p.kernel = fields.at("kernel");
    p.block_threads = fields.at("block_threads");
    p.chains_per_block = fields.at("chains_per_block");
    p.workspace_bytes = fields.at("workspace_bytes");
    p.shared_bytes = fields.at("shared_bytes");
    return true;
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

}  // namespace

PtxProgram cachedPtx(const ir::TracedProgram& source, const PtxOptions& options, bool& from_cache) {
  const std::string key = keyOf(source, options);
  PtxProgram program;
  from_cache = false;
  if (auto entry = runtime::loadCached(key); entry && read(entry->object, program)) {
    from_cache = true;
    return program;
  }
  program = compilePtx(source, options);
  runtime::storeCached(key, {program.workspace_bytes, written(program)});
  return program;
}

}  // namespace nuthatch::gpu
