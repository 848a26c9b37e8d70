#include "inference/mcmc/engine.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "nuthatch/array.h"

namespace nuthatch::mcmc {
namespace {

using Clock = std::chrono::steady_clock;

Tensor integer(std::int64_t x) { return full(Shape{}, Tensor(x)); }

std::vector<detail::Array> arrays(const std::vector<Tensor>& leaves) {
  std::vector<detail::Array> result;
  for (const Tensor& x : leaves) result.push_back(detail::value(x)->array);
  return result;
}

std::vector<Tensor> tensors(const States& states) {
  std::vector<Tensor> result;
  for (const auto& x : states) result.push_back(detail::wrap(detail::concrete(x)));
  return result;
}

/// A state read from a file is only memory: it must have the shapes this kernel and model will read.
void require_shapes_of(const ChainState& example, const States& states) {
  const auto expected = tree::flatten(example);
  bool same = states.size() == expected.size();
  for (std::size_t i = 0; same && i < states.size(); ++i) {
    Shape shape{states[0].shape.empty() ? 0 : states[0].shape[0]};
    shape.insert(shape.end(), expected[i].shape().begin(), expected[i].shape().end());
    same = states[i].dtype == expected[i].dtype() && states[i].shape == shape;
  }
  if (!same) throw Error("resume: this state belongs to another kernel or model");
}

}  // namespace

Engine::Engine(Sampler sampler, LogDensityFunction model, EngineOptions options)
    : sampler_(std::move(sampler)), model_(std::move(model)), options_(std::move(options)),
      schedule_(schedule_of(sampler_.rules, options_.num_warmup)) {}

std::int64_t Engine::saved_warmup_draws() const {
  return options_.save_warmup ? options_.num_warmup / options_.thinning : 0;
}

void Engine::start(const Key& key, const std::vector<Tensor>& positions, std::int64_t max_attempts,
                   double radius) {
  std::vector<std::vector<Tensor>> chains;
  for (std::size_t c = 0; c < positions.size(); ++c) {
    const Start at{positions[c], integer(max_attempts), full(Shape{}, Tensor(radius))};
    example_ = begin_chain(sampler_, model_, schedule_, fold_in(key, integer(std::int64_t(c))), at, options_.step_size);
    chains.push_back(tree::flatten(example_));
  }
  states_ = stack_states(chains);
  prepare();
}

void Engine::start_from(const Key& key, const States& states) {
  std::vector<std::vector<Tensor>> chains;
  for (std::int64_t c = 0; c < options_.num_chains; ++c) {
    // The structure of a state does not depend on where it starts.
    ChainState shape = begin_chain(sampler_, model_, schedule_, fold_in(key, integer(c)),
                                   {zeros(model_.dim), integer(1), full(Shape{}, Tensor(2.0))}, options_.step_size);
    if (c == 0) require_shapes_of(shape, states);
    const auto leaves = tensors(state_of_chain(states, c));
    const ChainState old = tree::unflatten(shape, leaves);
    const Start at{sampler_.kernel->output(old.kernel).position, integer(1), full(Shape{}, Tensor(2.0))};
    example_ = begin_chain(sampler_, model_, schedule_, fold_in(key, integer(c)), at, options_.step_size);
    example_.adaptation.tuning = old.adaptation.tuning;
    example_.adaptation.step = restart(old.adaptation.tuning.step_size);
    chains.push_back(tree::flatten(example_));
  }
  states_ = stack_states(chains);
  prepare();
}

void Engine::restore(States states, const DrawStore& draws) {
  example_ = begin_chain(sampler_, model_, schedule_, Key(0), {zeros(model_.dim), integer(1), full(Shape{}, Tensor(2.0))},
                         options_.step_size);
  require_shapes_of(example_, states);
  states_ = std::move(states);
  prepare();
  for (std::int64_t c = 0; c < draws.chains; ++c) {  // the new store may be longer
    auto copy = [&](const detail::Array& from, detail::Array& to) {
      if (from.shape != Shape{to.shape[0], draws.capacity, to.shape[2]})
        throw Error("resume: this state belongs to another kernel or model");
      const std::int64_t row = from.shape[2], kept = std::min(draws.capacity, draws_.capacity);
      std::memcpy(to.as<double>() + c * draws_.capacity * row, from.as<double>() + c * draws.capacity * row,
                  std::size_t(kept * row) * sizeof(double));
    };
    copy(draws.positions, draws_.positions);
    copy(draws.stats, draws_.stats);
  }
  ChainState all = typed_states();  // more draws may be wanted than when it stopped
  const auto draw = all.chain.draw.to_vector<std::int64_t>();
  std::vector<bool> live;
  for (const std::int64_t d : draw) live.push_back(d < options_.num_warmup + options_.num_samples);
  all.chain.live = Tensor(live);
  states_ = arrays(tree::flatten(all));
}

void Engine::prepare() {
  const RunPlan plan{adaptation_plan(schedule_, options_.target_accept_prob),
                     integer(options_.num_warmup + options_.num_samples),
                     integer(options_.save_warmup ? 0 : options_.num_warmup), integer(options_.thinning)};
  const auto begin = Clock::now();
  const ChainProgram program = trace_slice(sampler_, model_, example_, plan);
  trace_time = Clock::now() - begin;
  const SharedArguments shared{arrays(tree::flatten(plan)), arrays(model_.data)};
  const auto traced = Clock::now();
  if (options_.interpret) {
    runner_ = interpreted_runner(sampler_, program, shared, example_);
  } else {
    const int width = options_.lane_width > 0 ? options_.lane_width : lane_width(options_.num_chains, options_.threads, shared);
    runner_ = compiled_runner(program, shared, width, options_.threads);
  }
  compile_time = Clock::now() - traced;
  draws_ = make_draw_store(options_.num_chains, saved_warmup_draws() + options_.num_samples / options_.thinning,
                           model_.dim,
                           std::int64_t(sampler_.kernel->statistics().size()) * sampler_.kernel->walkers());
}

bool Engine::run(const std::function<bool(const std::vector<ChainReport>&)>& after_slice) {
  std::int64_t ticks = options_.slice_ticks > 0 ? options_.slice_ticks : options_.interpret ? 1 : 64;
  while (true) {
    const auto begin = Clock::now();
    runner_->run(states_, ticks, draws_);
    const std::chrono::duration<double> elapsed = Clock::now() - begin;
    run_time += elapsed;
    const auto now = reports();
    const bool going = after_slice(now);
    if (std::any_of(now.begin(), now.end(), [](const ChainReport& c) { return c.failed; })) return false;
    if (std::none_of(now.begin(), now.end(), [](const ChainReport& c) { return c.live; })) return true;
    if (!going || options_.stop.stop_requested()) return false;
    ticks = next_slice(ticks, elapsed.count());
  }
}

// Slices are long enough that their overhead vanishes and short enough that a person does not wait for an answer. No
// draw depends on their length.
std::int64_t Engine::next_slice(std::int64_t ticks, double seconds) const {
  if (options_.slice_ticks > 0) return options_.slice_ticks;
  const double factor = std::clamp(options_.slice_seconds / std::max(seconds, 1e-6), 0.1, 30.0);
  return std::clamp<std::int64_t>(std::int64_t(std::ceil(double(ticks) * factor)), 1, std::int64_t(1) << 40);
}

ChainState Engine::typed_states() const { return tree::unflatten(example_, tensors(states_)); }

std::vector<ChainReport> Engine::reports() const {
  const ChainState all = typed_states();
  const auto draw = all.chain.draw.to_vector<std::int64_t>(), divergences = all.counters.divergences.to_vector<std::int64_t>(),
             warmup = all.counters.warmup_leapfrogs.to_vector<std::int64_t>(),
             leapfrogs = all.counters.leapfrogs.to_vector<std::int64_t>(), saved = all.counters.saved.to_vector<std::int64_t>();
  const auto live = all.chain.live.to_vector<bool>(), failed = sampler_.kernel->output(all.kernel).failed.to_vector<bool>();
  const auto step_size = all.adaptation.tuning.step_size.to_vector<double>();
  std::vector<ChainReport> result;
  for (std::size_t c = 0; c < draw.size(); ++c)
    result.push_back({draw[c], warmup[c], leapfrogs[c], divergences[c], saved[c], live[c], failed[c], step_size[c]});
  return result;
}

}  // namespace nuthatch::mcmc
