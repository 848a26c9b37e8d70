#include "inference/mcmc/chain_program.h"

#include "inference/kernels/hamiltonian.h"
#include "inference/kernels/lanes.h"
#include "nuthatch/array.h"
#include "nuthatch/control.h"
#include "nuthatch/math.h"
#include "nuthatch/transform.h"

namespace nuthatch::mcmc {
namespace {

using kernels::update_if;

Tensor integer(std::int64_t x) { return full(Shape{}, Tensor(x)); }

/// Position of a statistic in the row of a draw; -1 when the kernel has none of that name.
int index_of(const std::vector<Statistic>& statistics, const std::string& name) {
  for (std::size_t i = 0; i < statistics.size(); ++i)
    if (statistics[i].name == name) return int(i);
  return -1;
}

/// The draw just completed: stored, learned from, counted.
ChainState end_of_draw(const Sampler& sampler, const RunPlan& plan, const Tensor& drawn, const Output& output,
                       const ChainState& before) {
  const auto statistics = sampler.kernel->statistics();
  ChainState s = before;
  const Tensor draw = s.chain.draw;
  Tensor warming_up = draw < plan.adaptation.num_warmup;

  Tensor eligible = draw >= plan.first_saved;
  Tensor skipped = s.counters.skipped + eligible.cast(i64);
  Tensor stored = eligible & (skipped == plan.thinning);
  emit_to_stream(position_stream, drawn & stored, s.counters.saved, output.position);
  emit_to_stream(stats_stream, drawn & stored, s.counters.saved, output.stats);
  s.counters.saved = s.counters.saved + stored.cast(i64);
  // Thinning begins anew after warm-up: whether warm-up is stored does not change which draws are.
  s.counters.skipped = select(stored | (draw + 1 == plan.adaptation.num_warmup), 0, skipped);

  const int steps = index_of(statistics, "n_steps"), diverging = index_of(statistics, "diverging");
  Tensor leapfrogs = steps < 0 ? integer(1) : output.stats[steps].cast(i64);
  s.counters.warmup_leapfrogs = s.counters.warmup_leapfrogs + select(warming_up, leapfrogs, 0);
  s.counters.leapfrogs = s.counters.leapfrogs + select(warming_up, 0, leapfrogs);
  if (diverging >= 0) {
    Tensor counted = (output.stats[diverging] > 0.5) & ~warming_up;
    s.counters.divergences = s.counters.divergences + counted.cast(i64);
  }

  const int symmetric = index_of(statistics, kSymmetricAcceptance);
  s.adaptation = update_if(warming_up, s.adaptation, [&](const Adaptation& a) {
    const Tensor late = symmetric < 0 ? Tensor() : output.stats[symmetric];
    return adapt(sampler.rules, plan.adaptation, a, {draw, output.stats[0], output.position, output.gradient, late});
  });
  s.chain.draw = draw + 1;
  Tensor used = s.counters.warmup_leapfrogs + s.counters.leapfrogs;
  s.chain.live = (s.chain.draw < plan.total) & (used < plan.max_leapfrogs);
  return s;
}

struct Slice {
  ChainState state;
  Tensor ticks;
  static constexpr auto fields = names("state", "ticks");
};

}  // namespace

Shape LogDensityFunction::data_shape(std::size_t i) const {
  const Shape& shape = data[i].shape();
  return is_own(i) ? Shape(std::vector<std::int64_t>(shape.begin() + 1, shape.end())) : shape;
}

ChainState begin_chain(const Sampler& sampler, const LogDensityFunction& model, const WindowSchedule& schedule,
                       const Key& chain_key, const Start& start, double step_size) {
  ChainState s;
  s.chain = {chain_key.tensor(), integer(0), full(Shape{}, Tensor(true)), {}};
  s.counters = {integer(0), integer(0), integer(0), integer(0), integer(0)};
  s.adaptation = begin_adaptation(sampler.rules, schedule, model.dim, step_size);
  s.kernel = sampler.kernel->init(s.chain, start, Target{model.dim, {}, {}});
  return s;
}

ChainState tick(const Sampler& sampler, const Target& target, const RunPlan& plan, const ChainState& before) {
  ChainState s = before;
  Chain chain = s.chain;
  chain.num_warmup = plan.adaptation.num_warmup;
  s.kernel = sampler.kernel->tick(chain, s.kernel, s.adaptation.tuning, target);
  Output output = sampler.kernel->output(s.kernel);
  s.chain.live = s.chain.live & ~output.failed;
  return update_if(output.drawn, s,
                   [&](const ChainState& x) { return end_of_draw(sampler, plan, output.drawn, output, x); });
}

ChainProgram trace_slice(const Sampler& sampler, const LogDensityFunction& model, const ChainState& example,
                         const RunPlan& plan) {
  const std::vector<Tensor> state = tree::flatten(example), shared = tree::flatten(plan);
  std::vector<detail::TensorType> types;
  auto append = [&](const std::vector<Tensor>& leaves) {
    for (const Tensor& x : leaves) types.push_back({x.dtype(), x.shape()});
  };
  append(state);
  append(shared);
  types.push_back({i64, {}});
  for (std::size_t i = 0; i < model.data.size(); ++i) types.push_back({model.data[i].dtype(), model.data_shape(i)});

  auto body = [&](const detail::Values& values) {
    std::vector<Tensor> arguments;
    for (const auto& v : values) arguments.push_back(detail::wrap(v));
    auto part = [&](std::size_t begin, std::size_t size) {
      return std::vector<Tensor>(arguments.begin() + begin, arguments.begin() + begin + size);
    };
    ChainState start = tree::unflatten(example, part(0, state.size()));
    RunPlan run = tree::unflatten(plan, part(state.size(), shared.size()));
    Tensor max_ticks = arguments[state.size() + shared.size()];
    std::vector<Tensor> data = part(state.size() + shared.size() + 1, model.data.size());
    Target target{model.dim, [&](const Tensor& position) {
                    if (model.value_and_grad) return model.value_and_grad(position, data);
                    return value_and_grad([&](const Tensor& z) { return model.log_density(z, data); })(position);
                  },
                  [&](const Tensor& position) { return model.log_density(position, data); }};
    Slice last = while_loop(
        Slice{start, integer(0)},
        [&](const Slice& s) { return lane_any(s.state.chain.live) & (s.ticks < max_ticks); },
        [&](const Slice& s) { return Slice{tick(sampler, target, run, s.state), s.ticks + 1}; });
    detail::Values results;
    for (const Tensor& x : tree::flatten(last.state)) results.push_back(detail::value(x));
    return results;
  };
  return {detail::trace_program(types, body, std::source_location::current()), state.size(), shared.size()};
}

}  // namespace nuthatch::mcmc
