#include "backends/gpu/executable.h"

#include <map>
#include <mutex>

#include "backends/cpu/explain.h"
#include "backends/gpu/compiled_program.h"
#include "nuthatch/error.h"

namespace nuthatch::gpu {
namespace {

using detail::Array;
using detail::ProgramPtr;

/// The first operation that calls a function of this process.
mlir::Operation* callOfHost(const ir::TracedProgram& program) {
  mlir::Operation* found = nullptr;
  program.main().walk([&](mlir::Operation* op) {
    if (!found && mlir::isa<ir::CustomCallOp, ir::ReportOp>(op)) found = op;
  });
  return found;
}

void checkArguments(const detail::Program& p, std::size_t given) {
  if (given != p.arguments.size())
    throw Error("internal: program with " + std::to_string(p.arguments.size()) + " arguments called with " + std::to_string(given));
}

/// What is on another card comes to the host here, before the card is locked: nobody holds one card and waits for another.
std::vector<Array> withCaptures(const Card& card, const std::vector<Array>& arguments, const detail::Program& p) {
  std::vector<Array> all = arguments;
  all.insert(all.end(), p.captures.begin(), p.captures.end());
  for (const Array& a : all)
    if (!placeOn(card, a)) a.data.get();
  return all;
}

std::string dumpOf(const detail::Program& program, const CompiledProgram& kernel, const std::string& what) {
  if (what == "trace") return program.text();
  if (what == "explain") return cpu::explain(ir::traced(program)) + kernel.explain();
  if (what == "layout") return kernel.layout();
  if (what == "ptx") return kernel.ptx();
  if (what == "warnings") return "";  // given when the program of the processors is compiled
  throw Error("dump: '" + what + "' is none of trace, explain, layout, ptx, warnings, which programs on a GPU have");
}

class GpuExecutable : public detail::Executable {
 public:
  GpuExecutable(Card& card, ProgramPtr p)
      : card(card), program(std::move(p)),
        kernel(card, program, {}, 0, 0) {}

  std::vector<Array> run(const std::vector<Array>& arguments) override {
    checkArguments(*program, arguments.size());
    const auto all = withCaptures(card, arguments, *program);
    const std::lock_guard lock(card.mutex());
    Results results(program->results, 0);
    requireCardMemory(card, results.bytes(), kernel.workspace(), 0, bytesToMove(card, all), 1);
    auto arrays = results.take(card);
    kernel.launch(all, results.places(), {});
    return arrays;
  }
  const CompileStats& stats() const override { return kernel.stats(); }
  std::string dump(const std::string& what) const override { return dumpOf(*program, kernel, what); }

 private:
  Card& card;
  ProgramPtr program;
  CompiledProgram kernel;
};

/// A program that calls functions of this process runs where they are.
class HostExecutable : public detail::Executable {
 public:
  HostExecutable(const ProgramPtr& p, std::string reason) : rest(detail::executor().compile(p)), reason(std::move(reason)) {}
  std::vector<Array> run(const std::vector<Array>& arguments) override { return rest->run(arguments); }
  const CompileStats& stats() const override { return rest->stats(); }
  std::string dump(const std::string& what) const override { return rest->dump(what) + (what == "explain" ? reason : ""); }

 private:
  Shared<detail::Executable> rest;
  std::string reason;
};

/// Bytes of one position of each stream, by its number.
std::vector<detail::TensorType> streamTypes(const ir::TracedProgram& program) {
  std::vector<detail::TensorType> types;
  program.main().walk([&](ir::EmitOp op) {
    const auto k = std::size_t(op.getStream());
    if (types.size() <= k) types.resize(k + 1);
    auto t = ir::tensorType(op.getValue());
    types[k] = {ir::dtypeOf(t.getElementType()), Shape(std::vector<std::int64_t>(t.getShape().begin(), t.getShape().end()))};
  });
  return types;
}

class GpuLaneExecutable : public detail::LaneExecutable {
 public:
  GpuLaneExecutable(Card& card, ProgramPtr p, detail::LaneOptions o)
      : card(card), program(std::move(p)), options(std::move(o)), stream_types(streamTypes(ir::traced(*program))) {
    options.varying_argument.resize(program->arguments.size() + program->captures.size(), false);  // captures are shared
    if (options.chains > 0) kernelFor(options.chains);
  }

  std::vector<Array> run(const std::vector<Array>& arguments, std::int64_t chains, int, const std::vector<detail::Stream>& given) override {
    checkArguments(*program, arguments.size());
    const auto all = withCaptures(card, arguments, *program);
    const std::lock_guard lock(card.mutex());
    CompiledProgram& k = kernelFor(chains);
    Results results(program->results, chains);
    double stream_bytes = 0;
    for (std::size_t s = 0; s < given.size() && s < stream_types.size(); ++s) stream_bytes += double(streamBytes(s, chains, given[s].capacity));
    const double have = double(heldByStreams());
    requireCardMemory(card, results.bytes(), k.workspace(), std::max(stream_bytes - have, 0.0), bytesToMove(card, all), chains);
    takeStreams(given, chains);
    auto arrays = results.take(card);
    k.launch(all, results.places(), streams);
    for (std::size_t s = 0; s < streams.size(); ++s)
      if (given[s].data) card.toHost(given[s].data, streams[s].memory->at(), streamBytes(s, chains, given[s].capacity));
    card.wait();  // callers measure, and failures belong to this run
    return arrays;
  }

  Array stream(std::size_t s, std::int64_t rows) const override {
    const auto& t = stream_types[s];
    Shape shape{stream_chains, rows};
    shape.insert(shape.end(), t.shape.begin(), t.shape.end());
    Array out(t.dtype, shape);
    const std::size_t row = positionBytes(s);
    if (rows > 0)
      card.rowsToHost(out.data.get(), streams[s].memory->at(), std::size_t(rows) * row, std::size_t(streams[s].capacity) * row,
                      std::size_t(stream_chains));
    return out;
  }
  const CompileStats& stats() const override { return kernels.empty() ? none : kernels.begin()->second->stats(); }
  std::string dump(const std::string& what) const override {
    if (kernels.empty()) throw Error("dump: how this program is laid out on a GPU is known when it has run");
    return dumpOf(*program, *kernels.begin()->second, what);
  }

 private:
  CompiledProgram& kernelFor(std::int64_t chains) {
    auto& kernel = kernels[chains];
    if (!kernel) kernel = std::make_unique<CompiledProgram>(card, program, options.varying_argument, chains, options.threads_per_chain);
    return *kernel;
  }
  std::size_t positionBytes(std::size_t s) const { return std::size_t(stream_types[s].shape.num_elements()) * size_of(stream_types[s].dtype); }
  std::size_t streamBytes(std::size_t s, std::int64_t chains, std::int64_t capacity) const {
    return positionBytes(s) * std::size_t(chains) * std::size_t(capacity);
  }
  std::size_t heldByStreams() const {
    std::size_t bytes = 0;
    for (std::size_t s = 0; s < streams.size(); ++s) bytes += streamBytes(s, stream_chains, streams[s].capacity);
    return bytes;
  }
  /// Memory of streams is kept from run to run.
  void takeStreams(const std::vector<detail::Stream>& given, std::int64_t chains) {
    bool same = streams.size() == std::min(given.size(), stream_types.size()) && stream_chains == chains;
    for (std::size_t s = 0; same && s < streams.size(); ++s) same = streams[s].capacity == given[s].capacity;
    if (same) return;
    streams.clear();
    stream_chains = chains;
    for (std::size_t s = 0; s < given.size() && s < stream_types.size(); ++s)
      streams.push_back({share<Bundle>(card, streamBytes(s, chains, given[s].capacity)), given[s].capacity});
  }

  Card& card;
  ProgramPtr program;
  detail::LaneOptions options;
  std::vector<detail::TensorType> stream_types;
  std::map<std::int64_t, std::unique_ptr<CompiledProgram>> kernels;  // by the number of chains
  std::vector<DeviceStream> streams;
  std::int64_t stream_chains = 0;
  const CompileStats none{};
};

class GpuExecutor : public detail::Executor {
 public:
  explicit GpuExecutor(Card& card) : card(card) {}

  Shared<detail::Executable> compile(const ProgramPtr& p) override {
    if (auto* op = callOfHost(ir::traced(*p)))
      return share<HostExecutable>(p, "on the processors: " + ir::describe(op->getLoc()) + ": " + op->getName().getStringRef().str() +
                                          " calls a function of this process\n");
    return share<GpuExecutable>(card, p);
  }
  Shared<detail::LaneExecutable> compile_lanes(const ProgramPtr& p, const detail::LaneOptions& o) override {
    return share<GpuLaneExecutable>(card, p, o);
  }
  int pack_width(const detail::Program&, std::int64_t) const override { return 1; }

 private:
  Card& card;
};

}  // namespace

detail::Executor& executor(int index) {
  static std::mutex mutex;
  static auto* all = new std::map<int, Shared<detail::Executor>>;
  const std::lock_guard lock(mutex);
  auto& e = (*all)[index];
  if (!e) e = share<GpuExecutor>(card(index));
  return *e;
}

}  // namespace nuthatch::gpu
