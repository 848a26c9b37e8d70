#include "inference/mcmc/device_runner.h"

#include <algorithm>
#include <cstring>

namespace nuthatch::mcmc {
namespace {

using detail::Array;

/// Of the draws that wait on the device until a slice ends.
constexpr double kBufferBytes = 512e6;
constexpr std::int64_t kLeastBuffer = 16;

class DeviceRunner : public Runner {
 public:
  DeviceRunner(const ChainProgram& program, const SharedArguments& shared, const ChainState& example, const Device& device,
               std::int64_t chains, int threads_per_chain)
      : shared_(shared), example_(example) {
    auto options = lane_options(program, shared);
    options.chains = chains;
    options.threads_per_chain = threads_per_chain;
    executable_ = detail::executor(device).compile_lanes(program.program, options);
  }

  void run(States& states, std::int64_t max_ticks, DrawStore& store) override {
    const std::int64_t capacity = buffer_of(store);
    // A tick completes one draw at most: so many find room in any case, where there is not room for all draws of the run.
    const std::int64_t at_once = capacity == store.capacity ? max_ticks : std::min(max_ticks, capacity);
    for (std::int64_t done = 0; done < max_ticks; done += at_once) {
      if (done > 0 && !any_live(states)) return;
      slice(states, std::min(at_once, max_ticks - done), capacity, store);
    }
  }
  void set_plan(std::vector<Array> plan) override { shared_.plan = std::move(plan); }
  detail::CompileStats stats() const override { return executable_->stats(); }
  std::string layout() const override { return executable_->dump("layout"); }

 private:
  static std::int64_t buffer_of(const DrawStore& store) {
    const double row = double(store.positions.shape[2] + store.stats.shape[2]) * sizeof(double) * double(store.chains);
    return std::clamp(std::int64_t(kBufferBytes / std::max(row, 1.0)), std::min(kLeastBuffer, store.capacity), store.capacity);
  }

  ChainState typed(const States& states) const {
    std::vector<Tensor> tensors;
    for (const Array& a : states) tensors.push_back(detail::wrap(detail::concrete(a)));
    return tree::unflatten(example_, tensors);
  }
  void set_saved(States& states, const Tensor& saved) const {
    ChainState all = typed(states);
    all.counters.saved = saved;
    const auto leaves = tree::flatten(all);
    for (std::size_t i = 0; i < leaves.size(); ++i) states[i] = detail::value(leaves[i])->array;
  }
  std::vector<std::int64_t> saved_of(const States& states) const { return typed(states).counters.saved.to_vector<std::int64_t>(); }
  bool any_live(const States& states) const {
    const auto live = typed(states).chain.live.to_vector<bool>();
    return std::find(live.begin(), live.end(), true) != live.end();
  }

  /// The program counts stored draws from the beginning of the buffer.
  void slice(States& states, std::int64_t ticks, std::int64_t capacity, DrawStore& store) {
    std::vector<std::int64_t> before = saved_of(states);
    set_saved(states, Tensor(std::vector<std::int64_t>(before.size(), 0)));
    try {
      states = executable_->run(run_arguments(states, shared_, ticks), store.chains, 1, {{nullptr, capacity}, {nullptr, capacity}});
    } catch (...) {
      set_saved(states, Tensor(before));
      throw;
    }
    const auto drawn = saved_of(states);
    const std::int64_t most = drawn.empty() ? 0 : *std::max_element(drawn.begin(), drawn.end());
    collect(0, most, drawn, before, store.positions);
    collect(1, most, drawn, before, store.stats);
    for (std::size_t c = 0; c < before.size(); ++c) before[c] += drawn[c];
    set_saved(states, Tensor(before));
  }

  void collect(std::size_t stream, std::int64_t most, const std::vector<std::int64_t>& drawn, const std::vector<std::int64_t>& before,
               Array& to) const {
    const std::int64_t capacity = to.shape[1], row = to.shape[2];
    if (most == 0 || row == 0) return;
    const Array from = executable_->stream(stream, most);
    for (std::size_t c = 0; c < drawn.size(); ++c) {
      const std::int64_t room = std::clamp<std::int64_t>(capacity - before[c], 0, drawn[c]);
      std::memcpy(to.as<double>() + (std::int64_t(c) * capacity + before[c]) * row, from.as<double>() + std::int64_t(c) * most * row,
                  std::size_t(room * row) * sizeof(double));
    }
  }

  SharedArguments shared_;
  ChainState example_;
  Shared<detail::LaneExecutable> executable_;
};

}  // namespace

std::unique_ptr<Runner> device_runner(const ChainProgram& program, const SharedArguments& shared, const ChainState& example,
                                      const Device& device, std::int64_t chains, int threads_per_chain) {
  return std::make_unique<DeviceRunner>(program, shared, example, device, chains, threads_per_chain);
}

}  // namespace nuthatch::mcmc
