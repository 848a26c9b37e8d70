#include "backends/driver/emulated.h"

#include "backends/cpu/compile.h"
#include "backends/runtime/thread_group.h"
#include "nuthatch/error.h"

namespace nuthatch::detail {
namespace {

class EmulatedExecutable : public LaneExecutable {
 public:
  EmulatedExecutable(ProgramPtr p, const LaneOptions& o, std::int64_t threads)
      : program(std::move(p)), threads(threads), code(cpu::compileGroup(*program, threads, o.varying_argument)) {}

  std::vector<Array> run(const std::vector<Array>& arguments, std::int64_t chains, int, const std::vector<Stream>& streams) override {
    std::vector<const void*> in;
    for (const auto& a : arguments) in.push_back(a.data.get());
    for (const auto& a : program->captures) in.push_back(a.data.get());
    std::vector<Array> results;
    std::vector<void*> out;
    for (const auto& t : program->results) {
      Shape shape{chains};
      shape.insert(shape.end(), t.shape.begin(), t.shape.end());
      results.emplace_back(t.dtype, shape);
      out.push_back(results.back().data.get());
    }
    std::vector<double> workspace(std::size_t(code.workspace_bytes / 8 + 1));
    for (std::int64_t chain = 0; chain < chains; ++chain)
      runtime::runGroup(threads, std::uint64_t(chain), [&](std::int64_t thread) {
        code.entry(in.data(), out.data(), workspace.data(), chain, 1, streams.data(), thread, threads);
      });
    return results;
  }
  const CompileStats& stats() const override { return statistics; }
  std::string dump(const std::string& what) const override {
    if (what == "warnings") return "";  // the processor's own code gives them
    throw Error("dump: '" + what + "' of a program for a group of threads");
  }

 private:
  ProgramPtr program;
  std::int64_t threads;
  cpu::GroupCode code;
  CompileStats statistics;
};

}  // namespace

Shared<LaneExecutable> compileEmulated(const ProgramPtr& p, const LaneOptions& o, std::int64_t threads) {
  return share<EmulatedExecutable>(p, o, threads);
}

}  // namespace nuthatch::detail
