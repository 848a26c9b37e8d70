#pragma once
// An executor that cuts the programs of chains and runs their schedules on this processor.
#include "tests/gpu/schedule_reference.h"

namespace nuthatch::test {

class CutChains : public detail::LaneExecutable {
 public:
  CutChains(detail::ProgramPtr p, gpu::Schedule s, detail::Executor& e) : program(std::move(p)), runner(std::move(s), e) {}
  std::vector<Array> run(const std::vector<Array>& arguments, std::int64_t chains, int, const std::vector<detail::Stream>& streams) override {
    std::vector<Array> all = arguments;
    all.insert(all.end(), program->captures.begin(), program->captures.end());
    return runner.run(all, chains, streams);
  }
  const CompileStats& stats() const override { return statistics; }
  std::string dump(const std::string&) const override { return ""; }

 private:
  detail::ProgramPtr program;
  ReferenceRunner runner;
  CompileStats statistics;
};

class CutExecutor : public detail::Executor {
 public:
  CutExecutor(gpu::CutOptions o, Shared<detail::Executor> rest) : options(std::move(o)), rest(std::move(rest)) {}
  Shared<detail::Executable> compile(const detail::ProgramPtr& p) override { return rest->compile(p); }
  Shared<detail::LaneExecutable> compile_lanes(const detail::ProgramPtr& p, const detail::LaneOptions& o) override {
    options.varying_argument = o.varying_argument;
    schedules.push_back(gpu::cut(p, options));
    return share<CutChains>(p, schedules.back(), *rest);
  }
  int pack_width(const detail::Program&, std::int64_t) const override { return 1; }
  std::vector<gpu::Schedule> schedules;

 private:
  gpu::CutOptions options;
  Shared<detail::Executor> rest;
};

/// While it lives, programs of chains are cut.
class CutScope {
 public:
  explicit CutScope(gpu::CutOptions o) {
    before = detail::register_executor(nullptr);
    mine = share<CutExecutor>(std::move(o), before);
    detail::register_executor(mine);
  }
  ~CutScope() { detail::register_executor(before); }
  CutScope(const CutScope&) = delete;
  CutScope& operator=(const CutScope&) = delete;
  const std::vector<gpu::Schedule>& schedules() const { return mine->schedules; }

 private:
  Shared<detail::Executor> before;
  Shared<CutExecutor> mine;
};

}  // namespace nuthatch::test
