#include "inference/mcmc/engine.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "inference/mcmc/device_runner.h"
#include "inference/mcmc/pooled.h"
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
      schedule_(schedule_of(sampler_.rules, options_.num_warmup)) {
  if (sampler_.rules.pooled && options_.num_warmup > 0) meetings_ = meeting_points(sampler_.rules, schedule_);
}

std::int64_t Engine::saved_warmup_draws() const {
  return options_.save_warmup ? options_.num_warmup / options_.thinning : 0;
}

Key chain_key(const Key& run, std::int64_t chain) { return fold_in(run, integer(chain)); }

void Engine::start(const Key& key, const std::vector<Tensor>& positions, std::int64_t max_attempts,
                   double radius) {
  std::vector<Key> keys;
  for (std::size_t c = 0; c < positions.size(); ++c) keys.push_back(chain_key(key, std::int64_t(c)));
  start(keys, positions, max_attempts, radius);
}

void Engine::start(const std::vector<Key>& keys, const std::vector<Tensor>& positions, std::int64_t max_attempts,
                   double radius) {
  std::vector<std::vector<Tensor>> chains;
  for (std::size_t c = 0; c < positions.size(); ++c) {
    const Start at{positions[c], integer(max_attempts), full(Shape{}, Tensor(radius))};
    example_ = begin_chain(sampler_, model_, schedule_, keys[c], at, options_.step_size);
    chains.push_back(tree::flatten(example_));
  }
  states_ = stack_states(chains);
  prepare();
}

void Engine::start_from(const std::vector<Key>& keys, const States& states) {
  std::vector<std::vector<Tensor>> chains;
  for (std::int64_t c = 0; c < options_.num_chains; ++c) {
    // The structure of a state does not depend on where it starts.
    const Key& key = keys[std::size_t(c)];
    ChainState shape = begin_chain(sampler_, model_, schedule_, key,
                                   {zeros(model_.dim), integer(1), full(Shape{}, Tensor(2.0))}, options_.step_size);
    if (c == 0) require_shapes_of(shape, states);
    const auto leaves = tensors(state_of_chain(states, c));
    const ChainState old = tree::unflatten(shape, leaves);
    const Start at{sampler_.kernel->output(old.kernel).position, integer(1), full(Shape{}, Tensor(2.0))};
    example_ = begin_chain(sampler_, model_, schedule_, key, at, options_.step_size);
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
  const bool elsewhere = std::any_of(draws.dropped.begin(), draws.dropped.end(), [](std::int64_t n) { return n > 0; });
  if (elsewhere && options_.buffer_draws == 0)
    throw Error("resume: the draws of this state are in a store; give its name with .stream_to");
  if (draws.chains > 0 && options_.buffer_draws > 0) {
    if (draws.capacity + options_.buffer_draws > draws_.capacity)  // it was no stream before
      draws_ = make_draw_store(draws_.chains, draws.capacity + options_.buffer_draws, draws_.positions.shape[2],
                               draws_.stats.shape[2]);
    draws_.dropped = draws.dropped;
    draws_.dropped.resize(std::size_t(draws_.chains), 0);
  }
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
  const auto draw = all.chain.draw.to_vector<std::int64_t>(),
             used = (all.counters.warmup_leapfrogs + all.counters.leapfrogs).to_vector<std::int64_t>();
  std::vector<bool> live;
  for (std::size_t c = 0; c < draw.size(); ++c)
    live.push_back(draw[c] < options_.num_warmup + options_.num_samples &&
                   (options_.max_leapfrogs == 0 || used[c] < options_.max_leapfrogs));
  all.chain.live = Tensor(live);
  states_ = arrays(tree::flatten(all));
  begin_stretch();
}

void Engine::prepare() {
  plan_ = {adaptation_plan(schedule_, options_.target_accept_prob), integer(options_.num_warmup + options_.num_samples),
           integer(options_.save_warmup ? 0 : options_.num_warmup), integer(options_.thinning),
           integer(options_.max_leapfrogs > 0 ? options_.max_leapfrogs : std::numeric_limits<std::int64_t>::max())};
  const auto begin = Clock::now();
  const ChainProgram program = trace_slice(sampler_, model_, example_, plan_);
  trace_time = Clock::now() - begin;
  const SharedArguments shared{arrays(tree::flatten(plan_)), arrays(model_.data), model_.own_data};
  const auto traced = Clock::now();
  if (options_.interpret) {
    runner_ = interpreted_runner(sampler_, program, shared, example_);
  } else if (options_.device.is_gpu()) {
    runner_ = device_runner(program, shared, example_, options_.device, options_.num_chains, options_.threads_per_chain);
  } else {
    const int width = options_.lane_width > 0 ? options_.lane_width
                                              : lane_width(program, options_.num_chains, options_.threads, shared);
    runner_ = compiled_runner(program, shared, width, options_.threads);
  }
  compile_time = Clock::now() - traced;
  const std::int64_t all_draws = saved_warmup_draws() + options_.num_samples / options_.thinning;
  draws_ = make_draw_store(options_.num_chains, options_.buffer_draws > 0 ? options_.buffer_draws : all_draws, model_.dim,
                           std::int64_t(sampler_.kernel->statistics().size()) * sampler_.kernel->walkers());
  begin_stretch();
}

/// Whether it has draws left to make, now or after the next meeting.
bool Engine::goes_on(const ChainReport& c) const {
  const bool has_gradients = options_.max_leapfrogs == 0 || c.warmup_leapfrogs + c.leapfrogs < options_.max_leapfrogs;
  return !c.failed && has_gradients && c.draw < options_.num_warmup + options_.num_samples;
}

// Chains of a pooled warm-up run from meeting to meeting: there the program takes them for finished. A meeting is held as
// soon as the last chain is there, so that states between slices are never those of chains that have all arrived.
void Engine::begin_stretch() {
  if (meetings_.empty()) return;
  const auto chains = reports();
  std::int64_t slowest = std::numeric_limits<std::int64_t>::max();
  for (const ChainReport& c : chains)
    if (goes_on(c)) slowest = std::min(slowest, c.draw);
  const auto next = std::upper_bound(meetings_.begin(), meetings_.end(), slowest);
  next_meeting_ = next == meetings_.end() ? 0 : *next;
  const std::int64_t total = options_.num_warmup + options_.num_samples, until = next_meeting_ > 0 ? next_meeting_ : total;
  RunPlan stretch = plan_;
  stretch.total = integer(until);
  runner_->set_plan(arrays(tree::flatten(stretch)));
  ChainState all = typed_states();
  std::vector<bool> live;
  for (const ChainReport& c : chains) live.push_back(goes_on(c) && c.draw < until);
  all.chain.live = Tensor(live);
  states_ = arrays(tree::flatten(all));
}

bool Engine::all_wait() const {
  const auto live = typed_states().chain.live.to_vector<bool>();
  return next_meeting_ > 0 && std::find(live.begin(), live.end(), true) == live.end();
}

void Engine::hold_meeting() {
  ChainState all = typed_states();
  all.adaptation = meet(sampler_.rules, plan_.adaptation, all.adaptation, sampler_.kernel->output(all.kernel).gradient,
                        next_meeting_);
  states_ = arrays(tree::flatten(all));
  begin_stretch();
}

bool Engine::run(const std::function<bool(const std::vector<ChainReport>&)>& after_slice) {
  std::int64_t ticks = options_.slice_ticks > 0 ? options_.slice_ticks : options_.interpret ? 1 : 64;
  while (true) {
    const auto begin = Clock::now();
    move_stored_draws(-1);
    try {
      runner_->run(states_, std::min(ticks, max_ticks()), draws_);
    } catch (...) {
      move_stored_draws(+1);  // as before the slice: what is stored can still be saved
      throw;
    }
    move_stored_draws(+1);
    const std::chrono::duration<double> elapsed = Clock::now() - begin;
    run_time += elapsed;
    if (all_wait()) hold_meeting();
    const auto now = reports();
    const bool going = after_slice(now);
    if (std::any_of(now.begin(), now.end(), [](const ChainReport& c) { return c.failed; })) return false;
    if (std::none_of(now.begin(), now.end(), [](const ChainReport& c) { return c.live; })) return true;
    if (!going || options_.stop.stop_requested()) return false;
    ticks = next_slice(ticks, elapsed.count());
  }
}

// Slices are long enough that their overhead vanishes and short enough that a person does not wait for an answer. No
// draw depends on their length. What a loop need not repeat (sums over data, factorisations of constant matrices) is
// computed at the beginning of each: where that takes long, slices are ten times as long.
std::int64_t Engine::next_slice(std::int64_t ticks, double seconds) {
  if (options_.slice_ticks > 0) return options_.slice_ticks;
  constexpr double kShort = 0.2;
  FirstSlice& first = first_slice_;
  double wanted = std::max(options_.slice_seconds, 10 * first.preparation), least = 0.1;
  if (first.ticks == 0) {
    first.ticks = ticks, first.seconds = seconds;
    if (seconds < kShort) least = 4;  // long enough to tell preparation and ticks apart
  } else if (first.preparation == 0 && ticks >= 2 * first.ticks) {
    const double tick = (seconds - first.seconds) / double(ticks - first.ticks);
    first.preparation = std::clamp(first.seconds - tick * double(first.ticks), 0.0, first.seconds);
    wanted = std::max(wanted, 10 * first.preparation);
  }
  const double factor = std::clamp(wanted / std::max(seconds, 1e-6), least, 30.0);
  return std::clamp<std::int64_t>(std::int64_t(std::ceil(double(ticks) * factor)), 1, std::int64_t(1) << 40);
}

/// Programs count stored draws from the beginning of the store.
void Engine::move_stored_draws(int sign) {
  if (draws_.dropped.empty()) return;
  ChainState all = typed_states();
  all.counters.saved = all.counters.saved + Tensor(draws_.dropped) * std::int64_t(sign);
  states_ = arrays(tree::flatten(all));
}

/// So many that no draw finds the store full: a tick completes one draw at most. Called with counters moved.
std::int64_t Engine::max_ticks() const {
  constexpr std::int64_t no_limit = std::numeric_limits<std::int64_t>::max();
  if (options_.buffer_draws == 0) return no_limit;
  std::int64_t room = draws_.capacity;
  for (const ChainReport& c : reports())
    if (c.live) room = std::min(room, draws_.capacity - c.saved);
  if (room < 1) throw Error("MCMC: nobody takes the draws out of a full buffer");
  return options_.thinning > no_limit / room ? no_limit : (room - 1) * options_.thinning + 1;
}

States Engine::stored_states() const {
  const auto reported = reports();
  std::vector<std::vector<Tensor>> chains;
  for (std::size_t c = 0; c < reported.size(); ++c) {
    chains.push_back(tensors(state_of_chain(states_, std::int64_t(c))));
    if (reported[c].live) continue;
    ChainState s = tree::unflatten(example_, chains.back());
    s.kernel = sampler_.kernel->at_rest(s.kernel);
    chains.back() = tree::flatten(s);
  }
  return stack_states(chains);
}

DrawStore Engine::stored_draws() const {
  const auto chains = reports();
  std::int64_t rows = 0;
  for (std::size_t c = 0; c < chains.size(); ++c)
    rows = std::max(rows, chains[c].saved - draws_.dropped_of(std::int64_t(c)));
  DrawStore out = make_draw_store(draws_.chains, rows, draws_.positions.shape[2], draws_.stats.shape[2]);
  out.dropped = draws_.dropped;
  const auto copy = [&](const detail::Array& from, detail::Array& to) {
    const std::int64_t row = to.shape[2];
    std::fill_n(to.as<double>(), to.num_elements(), 0.0);
    for (std::int64_t c = 0; c < draws_.chains; ++c)
      std::copy_n(from.as<double>() + c * draws_.capacity * row,
                  (chains[std::size_t(c)].saved - draws_.dropped_of(c)) * row, to.as<double>() + c * rows * row);
  };
  copy(draws_.positions, out.positions);
  copy(draws_.stats, out.stats);
  return out;
}

void Engine::drop(std::int64_t chain, std::int64_t rows) {
  const std::int64_t kept = draws_.capacity - rows;
  for (detail::Array* x : {&draws_.positions, &draws_.stats}) {
    const std::int64_t row = x->shape[2];
    double* begin = x->as<double>() + chain * draws_.capacity * row;
    std::memmove(begin, begin + rows * row, std::size_t(kept * row) * sizeof(double));
  }
  draws_.dropped.resize(std::size_t(draws_.chains), 0);
  draws_.dropped[std::size_t(chain)] += rows;
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
  if (next_meeting_ > 0)
    for (ChainReport& c : result) c.live = goes_on(c);  // it waits for others
  return result;
}

}  // namespace nuthatch::mcmc
