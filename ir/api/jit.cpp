#include <atomic>
#include <cstdio>
#include <map>
#include <mutex>

#include "ir/api/regions.h"
#include "nuthatch/detail/compile.h"
#include "nuthatch/detail/executor.h"

namespace nuthatch {

namespace {
std::atomic<long> calls{0}, traces{0}, compiles{0};
constexpr int kManyTraces = 8;
}  // namespace

JitStats jit_stats() { return {calls, traces, compiles}; }

namespace detail {

namespace {
ProgramPtr trace(const Leaves& arguments, FunctionRef<Leaves(const Leaves&)> body, Where where) {
  ++traces;
  return trace_program(
      types_of(arguments),
      [&](const Values& inner) {
        Leaves results = body(arguments_for(arguments, inner));
        for (const auto& y : results) checked("jit", y, where);
        return values_of(results);
      },
      where);
}

Shared<Executable> compiled(const ProgramPtr& program, const Device& device) {
  ++compiles;
  return executor(device).compile(program);
}

Leaves run(Executable& executable, const Leaves& arguments, Where where) {
  std::vector<Array> inputs;
  for (const auto& x : arguments) {
    const Value& v = checked("jit", x, where);
    if (!v.concrete())
      throw EscapedTracer(to_string(where) + ": jit: a traced value from " + to_string(v.where) + " is used after its trace ended");
    inputs.push_back(v.array);
  }
  Leaves results;
  for (auto& a : executable.run(inputs)) results.push_back(wrap(concrete(std::move(a), false, where)));
  return results;
}
}  // namespace

class JitCache {
 public:
  JitCache(const JitOptions& options, Where where) : options(options), where(where) {}
  struct Entry {
    Shared<Executable> executable;
    Shared<void> example;
  };
  const JitOptions options;
  const Where where;
  std::mutex mutex;
  std::map<std::string, Entry> entries;
};

Shared<JitCache> make_jit_cache(const JitOptions& options, Where where) { return share<JitCache>(options, where); }
bool tracing_now() { return tracing(); }

Leaves jit_call(JitCache& cache, const JitCall& call, FunctionRef<Leaves(const Leaves&)> body, Shared<void>& example) {
  ++calls;
  const Device device = cache.options.device ? *cache.options.device : default_device();
  std::string key = std::to_string(reinterpret_cast<std::uintptr_t>(call.type)) + call.structure;
  if (device.is_gpu()) key += "@" + std::to_string(device.index());
  for (const auto& x : call.arguments) {
    checked("jit", x, cache.where);
    key += '|' + describe(x) + (x.is_weak() ? "w" : "");
  }
  JitCache::Entry entry;
  {
    std::lock_guard lock(cache.mutex);
    auto at = cache.entries.find(key);
    if (at == cache.entries.end()) {
      JitCache::Entry fresh;
      const ProgramPtr program = trace(call.arguments, body, cache.where);
      fresh.example = example;
      fresh.executable = compiled(program, device);
      at = cache.entries.emplace(std::move(key), std::move(fresh)).first;
      if (cache.entries.size() == kManyTraces)
        std::fprintf(stderr, "%s: jit: this function was compiled for %d signatures; numbers that change should be Tensors\n",
                     to_string(cache.where).c_str(), kManyTraces);
    }
    entry = at->second;
  }
  example = entry.example;
  return run(*entry.executable, call.arguments, cache.where);
}

class CompiledProgram {
 public:
  ProgramPtr program;
  Shared<Executable> executable;
  Where where;
};

Shared<CompiledProgram> compile_leaves(const Leaves& arguments, FunctionRef<Leaves(const Leaves&)> body, Where where) {
  for (const auto& x : arguments) checked("compile", x, where);
  auto out = share<CompiledProgram>();
  out->where = where;
  out->program = trace(arguments, body, where);
  out->executable = compiled(out->program, default_device());
  return out;
}

Leaves run_compiled(CompiledProgram& c, const Leaves& arguments) {
  for (std::size_t k = 0; k < arguments.size(); ++k)
    if (value(arguments[k])->type != c.program->arguments[k])
      fail("compiled program", "argument " + std::to_string(k) + " is " + describe(arguments[k]) + ", compiled for " + describe(c.program->arguments[k]), c.where);
  return run(*c.executable, arguments, c.where);
}
std::string dump_compiled(const CompiledProgram& c, const std::string& what) {
  return what.empty() ? c.program->text() : c.executable->dump(what);
}
const CompileStats& compile_stats(const CompiledProgram& c) { return c.executable->stats(); }
Where program_where(const CompiledProgram& c) { return c.where; }

}  // namespace detail
}  // namespace nuthatch
