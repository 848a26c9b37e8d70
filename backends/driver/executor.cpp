// The CPU executor behind `jit` and chain programs: buffers, packs, threads.
#include <algorithm>
#include <atomic>
#include <cstring>
#include <exception>
#include <mutex>
#include <thread>

#include "backends/cpu/compile.h"
#include "backends/cpu/explain.h"
#include "backends/driver/guarded.h"
#include "backends/driver/gpus.h"
#include "backends/driver/mapped.h"
#include "backends/driver/memory.h"
#include "backends/driver/schedule.h"
#include "backends/driver/warnings.h"
#include "backends/runtime/data_threads.h"
#include "ir/api/blocks.h"
#include "nuthatch/detail/report.h"
#include "nuthatch/error.h"
#include "nuthatch/print.h"
#include "nuthatch/threads.h"

namespace nuthatch::detail {

namespace {

/// Scratch memory of one running function.
class Workspace {
 public:
  explicit Workspace(std::int64_t bytes) : memory_(bytes > 0 ? take_block(std::size_t(bytes)) : nullptr) {}
  ~Workspace() { give_block(memory_); }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;
  void* data() const { return memory_; }

 private:
  std::byte* memory_;
};

std::string dumpOf(const Program& program, unsigned lanes, const std::vector<bool>& varying, const std::string& what) {
  if (what == "trace") return program.text();
  if (what == "warnings") return warningsText(program);
  if (what == "explain") return cpu::explain(ir::traced(program));
  auto code = cpu::compile(program, lanes, varying, true);
  if (what == "ir") return code->dump_ir;
  if (what == "plan") return code->dump_plan;
  if (what == "llvm") return code->dump_llvm;
  if (what == "asm") return code->dump_asm;
  throw Error("dump: '" + what + "' is none of trace, explain, warnings, ir, plan, llvm, asm");
}

void checkArguments(const Program& p, std::size_t given) {
  if (given != p.arguments.size())
    throw Error("internal: program with " + std::to_string(p.arguments.size()) + " arguments called with " + std::to_string(given));
}

/// Of one chain. Shapes may be too large for integers.
double resultBytes(const Program& program) {
  double bytes = 0;
  for (const auto& t : program.results) {
    double n = double(size_of(t.dtype));
    for (auto extent : t.shape) n *= double(extent);
    bytes += n;
  }
  return bytes;
}
std::vector<std::size_t> resultBytes(const std::vector<Array>& arrays) {
  std::vector<std::size_t> out;
  for (const auto& a : arrays) out.push_back(a.bytes());
  return out;
}
std::vector<std::size_t> argumentBytes(const std::vector<Array>& arguments, const Program& p) {
  auto out = resultBytes(arguments);
  for (const auto& a : p.captures) out.push_back(a.bytes());
  return out;
}

/// A function compiled with memory checks, on arrays between guard zones.
void guardedCall(const cpu::Code& code, std::vector<const void*>& in, std::vector<void*>& out,
                 const std::vector<std::size_t>& inBytes, const std::vector<std::size_t>& outBytes, void* workspace,
                 std::int64_t chain0, std::int64_t active, const Stream* streams) {
  GuardedRun guarded(code);
  for (std::size_t i = 0; i < in.size(); ++i) in[i] = guarded.input(in[i], inBytes[i]);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = guarded.output(out[i], outBytes[i]);
  guarded.poison(workspace);
  code.entry(in.data(), out.data(), workspace, chain0, active, streams);
  guarded.finish(workspace);
}

class CpuExecutable : public Executable {
 public:
  explicit CpuExecutable(ProgramPtr p) : program(std::move(p)), code(cpu::compile(*program, 1, {}, false)) { printWarnings(*program); }

  std::vector<Array> run(const std::vector<Array>& arguments) override {
    checkArguments(*program, arguments.size());
    std::vector<const void*> in;
    for (const auto& a : arguments) in.push_back(a.data.get());
    for (const auto& a : program->captures) in.push_back(a.data.get());
    std::vector<Array> results;
    std::vector<void*> out;
    requireMemory(code->workspace_bytes, 1, 1, resultBytes(*program));
    for (const auto& t : program->results) {
      results.emplace_back(t.dtype, t.shape);
      out.push_back(results.back().data.get());
    }
    Workspace workspace(code->workspace_bytes);
    const runtime::DataThreads data_threads(num_threads());
    RunReports reports(false);
    if (code->memory_checks)
      guardedCall(*code, in, out, argumentBytes(arguments, *program), resultBytes(results), workspace.data(), 0, 1, nullptr);
    else code->entry(in.data(), out.data(), workspace.data(), 0, 1, nullptr);
    reports.finish();
    return results;
  }
  const CompileStats& stats() const override { return code->stats; }
  std::string dump(const std::string& what) const override { return dumpOf(*program, 1, {}, what); }

 private:
  ProgramPtr program;
  Shared<const cpu::Code> code;
};

class CpuLaneExecutable : public LaneExecutable {
 public:
  CpuLaneExecutable(ProgramPtr p, LaneOptions o) : program(std::move(p)), options(std::move(o)) {
    options.varying_argument.resize(program->arguments.size() + program->captures.size(), false);  // captures are shared
    // One lane: a pack is one chain, and nothing differs between its lanes.
    code = cpu::compile(*program, unsigned(options.width), options.varying_argument, false);
  }

  std::vector<Array> run(const std::vector<Array>& arguments, std::int64_t chains, int threads,
                         const std::vector<Stream>& streams) override {
    checkArguments(*program, arguments.size());
    const std::int64_t width = options.width, packs = (chains + width - 1) / width;
    const std::int64_t at_once = std::min<std::int64_t>(std::max(threads, 1), packs);
    requireMemory(code->workspace_bytes, at_once, options.width,
                  resultBytes(*program) * double(chains));
    std::vector<Array> results;
    for (const auto& t : program->results) {
      Shape shape{chains};
      shape.insert(shape.end(), t.shape.begin(), t.shape.end());
      results.emplace_back(t.dtype, shape);
    }
    std::atomic<std::int64_t> next{0};
    std::vector<std::map<std::int64_t, std::string>> lines(static_cast<std::size_t>(packs));  // that chains report
    std::vector<std::string> failures(lines.size());
    std::exception_ptr failure;
    std::mutex mutex;
    auto work = [&] {
      try {
        Workspace workspace(code->workspace_bytes);
        const runtime::DataThreads data_threads(threads / int(std::max<std::int64_t>(at_once, 1)));
        for (std::int64_t pack; (pack = next++) < packs;) {
          RunReports reports(true);
          runPack(pack, chains, arguments, results, workspace, streams);
          reports.close();
          lines[std::size_t(pack)] = std::move(reports.lines);
          failures[std::size_t(pack)] = std::move(reports.failure);
        }
      } catch (...) {
        std::lock_guard lock(mutex);
        failure = std::current_exception();
      }
    };
    std::vector<std::thread> pool;
    for (std::int64_t t = 1; t < at_once; ++t) pool.emplace_back(work);
    work();
    for (auto& t : pool) t.join();
    if (failure) std::rethrow_exception(failure);
    for (const auto& pack : lines)
      for (const auto& [chain, text] : pack) print_text(text);
    for (const auto& message : failures)
      if (!message.empty()) throw Error(message);
    return results;
  }
  const CompileStats& stats() const override { return code->stats; }
  std::string dump(const std::string& what) const override {
    return dumpOf(*program, unsigned(options.width), options.varying_argument, what);
  }

 private:
  void runPack(std::int64_t pack, std::int64_t chains, const std::vector<Array>& arguments, std::vector<Array>& results,
               const Workspace& workspace, const std::vector<Stream>& streams) {
    const std::int64_t width = options.width, first = pack * width;
    const std::int64_t active = std::min(width, chains - first);
    // Without lanes the function knows no chains: it is given the pack's rows.
    const bool rows = width == 1;
    std::vector<const void*> in;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const auto& a = arguments[i];
      auto offset = rows && options.varying_argument[i] ? std::size_t(first) * a.bytes() / std::size_t(chains) : 0;
      in.push_back(a.data.get() + offset);
    }
    for (const auto& a : program->captures) in.push_back(a.data.get());
    std::vector<void*> out;
    for (auto& r : results) out.push_back(r.data.get() + (rows ? std::size_t(first) * r.bytes() / std::size_t(chains) : 0));
    if (!code->memory_checks) return code->entry(in.data(), out.data(), workspace.data(), first, active, streams.data());
    static std::mutex one;  // a checked run copies whole arrays
    std::lock_guard lock(one);
    const auto share = rows ? std::size_t(chains) : 1;
    auto inBytes = argumentBytes(arguments, *program), outBytes = resultBytes(results);
    for (std::size_t i = 0; i < arguments.size(); ++i)
      if (options.varying_argument[i]) inBytes[i] /= share;
    for (auto& b : outBytes) b /= share;
    guardedCall(*code, in, out, inBytes, outBytes, workspace.data(), first, active, streams.data());
  }

  ProgramPtr program;
  LaneOptions options;
  Shared<const cpu::Code> code;
};

/// A program that is one vmap, as chains in lanes.
class MappedExecutable : public Executable {
 public:
  MappedExecutable(ProgramPtr whole, const Mapped& m) : whole(std::move(whole)), size(m.size), lanes(m.program, optionsOf(m)) {}

  std::vector<Array> run(const std::vector<Array>& arguments) override { return lanes.run(arguments, size, num_threads(), {}); }
  const CompileStats& stats() const override { return lanes.stats(); }
  std::string dump(const std::string& what) const override { return what == "trace" ? whole->text() : lanes.dump(what); }

 private:
  static LaneOptions optionsOf(const Mapped& m) {
    return {packWidth(*m.program, m.size), m.varying_argument, std::vector<bool>(m.program->results.size(), true)};
  }

  ProgramPtr whole;
  const std::int64_t size;
  CpuLaneExecutable lanes;
};

class CpuExecutor : public Executor {
 public:
  Shared<Executable> compile(const ProgramPtr& p) override {
    if (auto mapped = asMapped(ir::traced(*p))) return share<MappedExecutable>(p, *mapped);
    return share<CpuExecutable>(p);
  }
  Shared<LaneExecutable> compile_lanes(const ProgramPtr& p, const LaneOptions& o) override {
    if (o.width != 1 && o.width != 4 && o.width != 8 && o.width != 16)
      throw Error("lane width must be 1, 4, 8 or 16, not " + std::to_string(o.width));
    return share<CpuLaneExecutable>(p, o);
  }
  int pack_width(const Program& p, std::int64_t chains) const override { return packWidth(ir::traced(p), chains); }
};

Shared<Executor>& registered() {
  static Shared<Executor> e = share<CpuExecutor>();
  return e;
}

}  // namespace

Array LaneExecutable::stream(std::size_t, std::int64_t) const { throw Error("internal: a program of the processors keeps no stream"); }

Executor& executor(const Device& device) { return device.is_gpu() ? gpu_executor(device.index()) : *registered(); }
Shared<Executor> register_executor(Shared<Executor> e) {
  std::swap(registered(), e);
  return e;
}

}  // namespace nuthatch::detail
