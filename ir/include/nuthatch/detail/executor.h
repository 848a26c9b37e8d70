#pragma once
/// What compiles and runs programs. `ir` only knows this interface; backends/driver fills it at start-up.
#include "nuthatch/compile_stats.h"
#include "nuthatch/detail/emit.h"
#include "nuthatch/device.h"
#include "nuthatch/detail/shared.h"

namespace nuthatch::detail {

using nuthatch::CompileStats;

class Executable {
 public:
  virtual ~Executable() = default;
  /// The program's arguments, without its captures; returns the results.
  virtual std::vector<Array> run(const std::vector<Array>& arguments) = 0;
  virtual const CompileStats& stats() const = 0;
  virtual std::string dump(const std::string& what) const = 0;  // "ir", "plan", "llvm" or "asm"
};

/// How a program written for one chain is laid out over lanes.
struct LaneOptions {
  int width = 1;                       // lanes per pack: 1, 4, 8 or 16
  std::vector<bool> varying_argument;  // per argument: has a leading chain axis; others are shared
  std::vector<bool> varying_result;    // must be true where the value differs between chains
  std::int64_t chains = 0;             // how many there will be, for a GPU; 0: not known
  std::int64_t threads_per_chain = 0;  // on a GPU; 0: by the program and the number of chains
};

/// An output stream of `emit`: chain c, position i is stored at data + (c * capacity + i) * element_bytes.
struct Stream {
  std::byte* data = nullptr;
  std::int64_t capacity = 0;  // positions per chain; emits at or beyond it are dropped
};

class LaneExecutable {
 public:
  virtual ~LaneExecutable() = default;
  /// Runs all packs of `chains` chains on `threads` threads; threads that find no pack share loops over data. Varying
  /// arguments and results are [chains, ...].
  virtual std::vector<Array> run(const std::vector<Array>& arguments, std::int64_t chains, int threads,
                                 const std::vector<Stream>& streams) = 0;
  /// Of a program on a device: the first `rows` positions of every chain of stream k, [chains, rows, ...], after a run
  /// that was given no memory for the stream, only its capacity.
  virtual Array stream(std::size_t k, std::int64_t rows) const;
  virtual const CompileStats& stats() const = 0;
  virtual std::string dump(const std::string& what) const = 0;
};

class Executor {
 public:
  virtual ~Executor() = default;
  virtual Shared<Executable> compile(const ProgramPtr&) = 0;
  virtual Shared<LaneExecutable> compile_lanes(const ProgramPtr&, const LaneOptions&) = 0;
  /// Lanes per pack that suit a program of one chain and a number of chains.
  virtual int pack_width(const Program&, std::int64_t chains) const = 0;
};
/// The registered executor of the processors, or that of a GPU.
Executor& executor(const Device& = {});
/// Returns the one that was registered before.
Shared<Executor> register_executor(Shared<Executor>);

/// Runs a program in the reference interpreter (the meaning of the IR, and the eager path of region operations).
std::vector<Array> interpret(const Program&, const std::vector<Array>& arguments);

}  // namespace nuthatch::detail
