#pragma once
// Programs as kernels on the simulated device, with the interface of those that run on the processor. They emit no draws.
#include "backends/gpu/ptx.h"
#include "ir/trace/program.h"
#include "nuthatch/detail/executor.h"
#include "tests/gpu/simulated_driver.h"

namespace nuthatch::test {

class DeviceProgram : public detail::LaneExecutable {
 public:
  DeviceProgram(detail::ProgramPtr p, gpu::PtxOptions o)
      : program(std::move(p)), varying(o.varying_argument), unit(o.unit), ptx(gpu::compilePtx(ir::traced(*program), o)), kernel(ptx.text, ptx.kernel.c_str()) {
    constexpr int kMaxDynamicShared = 8;
    kernel.shared = unsigned(ptx.shared_bytes);
    SimulatedDriver::get()("cuFuncSetAttribute", kernel.function, kMaxDynamicShared, int(ptx.shared_bytes));
  }

  std::vector<detail::Array> run(const std::vector<detail::Array>& arguments, std::int64_t chains, int, const std::vector<detail::Stream>&) override {
    std::vector<DeviceBytes> memory;
    std::vector<unsigned long long> in, out;
    std::vector<detail::Array> results;
    auto push = [&](const void* from, std::size_t bytes) { return memory.emplace_back(from, bytes).address; };
    for (const auto& a : arguments) in.push_back(push(a.data.get(), a.bytes()));
    for (const auto& a : program->captures) in.push_back(push(a.data.get(), a.bytes()));
    for (const auto& t : program->results) {
      Shape shape{chains};
      shape.insert(shape.end(), t.shape.begin(), t.shape.end());
      results.emplace_back(t.dtype, shape);
      out.push_back(memory.emplace_back(results.back().bytes()).address);
    }
    const auto where = push(nullptr, 0);
    const DeviceBytes workspace(std::size_t(ptx.workspace_bytes * chains));
    if (unit != gpu::Unit::grid) {
      const auto blocks = unsigned((chains + ptx.chains_per_block - 1) / ptx.chains_per_block);
      kernel.launch(blocks, unsigned(ptx.block_threads), push(in.data(), 8 * in.size()), push(out.data(), 8 * out.size()), workspace.address, chains, where);
    } else {
      for (std::int64_t c = 0; c < chains; ++c) {  // each alone
        auto mine = in;
        for (std::size_t k = 0; k < arguments.size(); ++k)
          if (varying[k]) mine[k] += static_cast<unsigned long long>(c) * arguments[k].bytes() / static_cast<unsigned long long>(chains);
        auto to = out;
        for (std::size_t k = 0; k < to.size(); ++k) to[k] += static_cast<unsigned long long>(c) * results[k].bytes() / static_cast<unsigned long long>(chains);
        const auto ins = push(mine.data(), 8 * mine.size()), outs = push(to.data(), 8 * to.size());
        kernel.launchTogether(3, unsigned(ptx.block_threads), ins, outs, workspace.address, std::int64_t(1), where);
      }
    }
    for (std::size_t k = 0; k < results.size(); ++k) readDevice(out[k], results[k].data.get(), results[k].bytes());
    return results;
  }
  const detail::CompileStats& stats() const override { return statistics; }
  std::string dump(const std::string&) const override { return ""; }

 private:
  detail::ProgramPtr program;
  std::vector<bool> varying;
  gpu::Unit unit;
  gpu::PtxProgram ptx;
  DeviceKernel kernel;
  detail::CompileStats statistics;
};

/// Segments of `threads` neighbours of a warp, a block or a grid of 64-thread blocks.
inline Shared<detail::LaneExecutable> compileForDevice(const detail::ProgramPtr& p, const detail::LaneOptions& o, gpu::Unit unit, std::int64_t threads,
                                                       gpu::Memory memory = gpu::Memory::automatic) {
  gpu::PtxOptions options{.unit = unit, .threads = threads, .block = unit == gpu::Unit::grid ? 64 : 128, .varying_argument = o.varying_argument, .memory = memory};
  return share<DeviceProgram>(p, options);
}

}  // namespace nuthatch::test
