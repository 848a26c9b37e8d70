#include "inference/mcmc/runner.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <sstream>

namespace nuthatch::mcmc {
namespace {

using detail::Array;

std::size_t row_bytes(const Array& x) { return x.shape[0] == 0 ? 0 : x.bytes() / std::size_t(x.shape[0]); }

void set_row(Array& x, std::int64_t chain, const Array& row) {
  std::memcpy(x.data.get() + std::size_t(chain) * row_bytes(x), row.data.get(), row_bytes(x));
}

Array integer(std::int64_t value) {
  Array a(i64, {});
  a.as<std::int64_t>()[0] = value;
  return a;
}

class CompiledRunner : public Runner {
 public:
  CompiledRunner(const ChainProgram& program, const SharedArguments& shared, int width, int threads)
      : program_(program), shared_(shared), threads_(threads) {
    detail::LaneOptions options = lane_options(program, shared);
    options.width = width;
    executable_ = detail::executor().compile_lanes(program.program, options);
  }

  void run(States& states, std::int64_t max_ticks, DrawStore& store) override {
    states = executable_->run(run_arguments(states, shared_, max_ticks), store.chains, threads_,
                              {{store.positions.data.get(), store.capacity}, {store.stats.data.get(), store.capacity}});
  }
  void set_plan(std::vector<Array> plan) override { shared_.plan = std::move(plan); }
  detail::CompileStats stats() const override { return executable_->stats(); }
  std::vector<std::string> warnings() const override {
    std::istringstream text(executable_->dump("warnings"));
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
  }

 private:
  ChainProgram program_;
  SharedArguments shared_;
  int threads_;
  Shared<detail::LaneExecutable> executable_;
};

/// The interpreter has no output streams: after each tick the draw is read from the state, where the counter of stored
/// draws says that there is one.
class InterpretedRunner : public Runner {
 public:
  InterpretedRunner(const Sampler& sampler, const ChainProgram& program, const SharedArguments& shared,
                    const ChainState& example)
      : sampler_(sampler), program_(program), shared_(shared), example_(example) {}

  void run(States& states, std::int64_t max_ticks, DrawStore& store) override {
    for (std::int64_t chain = 0; chain < store.chains; ++chain) {
      std::vector<Array> leaves = state_of_chain(states, chain);
      SharedArguments own = shared_;
      for (std::size_t i = 0; i < own.own_data.size(); ++i)
        if (own.own_data[i]) own.data[i] = state_of_chain({own.data[i]}, chain).front();
      for (std::int64_t n = 0; n < max_ticks; ++n) {
        const ChainState before = typed(leaves);
        if (!before.chain.live.item<bool>()) break;
        leaves = detail::interpret(*program_.program, run_arguments(leaves, own, 1));
        const ChainState after = typed(leaves);
        const auto position = before.counters.saved.item<std::int64_t>();
        if (after.counters.saved.item<std::int64_t>() > position) keep(store, chain, position, after);
      }
      for (std::size_t i = 0; i < leaves.size(); ++i) set_row(states[i], chain, leaves[i]);
    }
  }
  void set_plan(std::vector<Array> plan) override { shared_.plan = std::move(plan); }

 private:
  ChainState typed(const std::vector<Array>& leaves) const {
    std::vector<Tensor> tensors;
    for (const Array& a : leaves) tensors.push_back(detail::wrap(detail::concrete(a)));
    return tree::unflatten(example_, tensors);
  }
  void keep(DrawStore& store, std::int64_t chain, std::int64_t position, const ChainState& s) const {
    const Output output = sampler_.kernel->output(s.kernel);
    auto write = [&](Array& to, const Tensor& row) {
      const auto values = row.to_vector<double>();
      std::copy(values.begin(), values.end(),
                to.as<double>() + (chain * store.capacity + position) * std::int64_t(values.size()));
    };
    write(store.positions, output.position);
    write(store.stats, output.stats);
  }

  Sampler sampler_;
  ChainProgram program_;
  SharedArguments shared_;
  ChainState example_;
};

}  // namespace

std::vector<Array> run_arguments(const States& states, const SharedArguments& shared, std::int64_t max_ticks) {
  std::vector<Array> arguments = states;
  auto append = [&](const std::vector<Array>& more) { arguments.insert(arguments.end(), more.begin(), more.end()); };
  append(shared.plan);
  arguments.push_back(integer(max_ticks));
  append(shared.data);
  return arguments;
}

detail::LaneOptions lane_options(const ChainProgram& program, const SharedArguments& shared) {
  detail::LaneOptions options;
  options.varying_argument.assign(program.program->arguments.size(), false);
  std::fill_n(options.varying_argument.begin(), program.num_state, true);
  std::copy(shared.own_data.begin(), shared.own_data.end(), options.varying_argument.end() - std::ptrdiff_t(shared.data.size()));
  options.varying_result.assign(program.num_state, true);
  return options;
}

DrawStore make_draw_store(std::int64_t chains, std::int64_t capacity, std::int64_t dim, std::int64_t num_stats) {
  return {Array(f64, {chains, capacity, dim}), Array(f64, {chains, capacity, num_stats}), chains, capacity};
}

States stack_states(const std::vector<std::vector<Tensor>>& chains) {
  States states;
  for (std::size_t leaf = 0; leaf < chains.front().size(); ++leaf) {
    const Tensor& first = chains.front()[leaf];
    Shape shape{std::int64_t(chains.size())};
    shape.insert(shape.end(), first.shape().begin(), first.shape().end());
    Array all(first.dtype(), shape);
    for (std::size_t c = 0; c < chains.size(); ++c) set_row(all, std::int64_t(c), detail::value(chains[c][leaf])->array);
    states.push_back(std::move(all));
  }
  return states;
}

std::vector<Array> state_of_chain(const States& states, std::int64_t chain) {
  std::vector<Array> leaves;
  for (const Array& x : states) {
    Array row(x.dtype, Shape(std::vector<std::int64_t>(x.shape.begin() + 1, x.shape.end())));
    std::memcpy(row.data.get(), x.data.get() + std::size_t(chain) * row_bytes(x), row_bytes(x));
    leaves.push_back(std::move(row));
  }
  return leaves;
}

int lane_width(const ChainProgram& program, std::int64_t chains, int threads, const SharedArguments& shared) {
  if (const char* text = std::getenv("NUTHATCH_LANES"); text && *text) {
    for (const int width : {1, 4, 8, 16})
      if (text == std::to_string(width)) return width;
    throw Error("NUTHATCH_LANES is `" + std::string(text) + "`; it must be 1, 4, 8 or 16");
  }
  // Over large data one chain fills the vector registers by itself, and chains that share a pack share a core. Data that
  // no cache holds are better read once for all chains, by all threads.
  constexpr std::int64_t kLargeData = 5000, kBeyondCaches = 2'000'000;
  std::int64_t data = 0;
  for (const Array& x : shared.data) data += x.num_elements();
  if (data > kLargeData && data < kBeyondCaches && chains <= threads) return 1;
  return detail::executor().pack_width(*program.program, chains);
}

std::unique_ptr<Runner> compiled_runner(const ChainProgram& program, const SharedArguments& shared, int width,
                                        int threads) {
  return std::make_unique<CompiledRunner>(program, shared, width, threads);
}

std::unique_ptr<Runner> interpreted_runner(const Sampler& sampler, const ChainProgram& program,
                                           const SharedArguments& shared, const ChainState& example) {
  return std::make_unique<InterpretedRunner>(sampler, program, shared, example);
}

}  // namespace nuthatch::mcmc
