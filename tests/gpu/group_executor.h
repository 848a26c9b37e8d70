#pragma once
// An executor that runs chains by groups of threads on this processor and keeps the programs it was given.
#include "backends/driver/emulated.h"
#include "nuthatch/detail/executor.h"

namespace nuthatch::test {

struct KeptProgram {
  detail::ProgramPtr program;
  detail::LaneOptions options;
};

class GroupExecutor : public detail::Executor {
 public:
  GroupExecutor(std::int64_t threads, Shared<detail::Executor> rest) : threads(threads), rest(std::move(rest)) {}
  Shared<detail::Executable> compile(const detail::ProgramPtr& p) override { return rest->compile(p); }
  Shared<detail::LaneExecutable> compile_lanes(const detail::ProgramPtr& p, const detail::LaneOptions& o) override {
    programs.push_back({p, o});
    return threads ? detail::compileEmulated(p, o, threads) : rest->compile_lanes(p, o);
  }
  int pack_width(const detail::Program&, std::int64_t) const override { return 1; }
  std::vector<KeptProgram> programs;

 private:
  std::int64_t threads;
  Shared<detail::Executor> rest;
};

/// While it lives, chains run in groups of `threads` threads; 0: one after the other by the processor's own code.
class GroupScope {
 public:
  explicit GroupScope(std::int64_t threads) {
    before = detail::register_executor(nullptr);
    mine = share<GroupExecutor>(threads, before);
    detail::register_executor(mine);
  }
  ~GroupScope() { detail::register_executor(before); }
  GroupScope(const GroupScope&) = delete;
  GroupScope& operator=(const GroupScope&) = delete;
  const std::vector<KeptProgram>& programs() const { return mine->programs; }

 private:
  Shared<detail::Executor> before;
  Shared<GroupExecutor> mine;
};

}  // namespace nuthatch::test
