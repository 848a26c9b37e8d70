#include "inference/mcmc/run.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <set>

#include "inference/mcmc/ess_so_far.h"
#include "inference/mcmc/predicted_memory.h"
#include "inference/mcmc/progress_bar.h"
#include "inference/mcmc/starting_points.h"
#include "nuthatch/predictive.h"
#include "nuthatch/array.h"

namespace nuthatch::mcmc {
namespace {

MetricKind metric_kind(const KernelSettings& s, const LogDensity& density) {
  // A leapfrog costs 3 dim^2 operations more, an estimate 50 dim^3: up to here the second is small. The first must be
  // small beside the gradient, of which the amount of data gives an idea. In five dimensions it never matters.
  constexpr std::int64_t kDenseUpTo = 20, kAlwaysUpTo = 5;
  const std::int64_t dim = density.dim();
  std::int64_t elements = 0;
  for (const Tensor& x : density.data()) elements += x.size();
  const bool cheap = dim <= kAlwaysUpTo || (dim <= kDenseUpTo && dim * dim <= 2 * elements);
  const bool small = cheap && density.continuous_dim() == dim && s.adaptation == "fisher";
  switch (s.metric.kind) {
    case Metric::Kind::dense: return MetricKind::dense;
    case Metric::Kind::low_rank: return MetricKind::low_rank;
    case Metric::Kind::automatic: return small ? MetricKind::dense : MetricKind::diagonal;
    default: return MetricKind::diagonal;
  }
}

/// The group of every coordinate of a block-dense metric.
std::vector<std::int64_t> groups_of(const KernelSettings& s, const LogDensity& density, Where where) {
  if (s.metric.blocks.empty()) return {};
  std::vector<std::int64_t> group(std::size_t(density.dim()));
  std::iota(group.begin(), group.end(), std::int64_t(s.metric.blocks.size()));  // coordinates by themselves
  for (std::size_t g = 0; g < s.metric.blocks.size(); ++g)
    for (const std::string& name : s.metric.blocks[g]) {
      const auto& sites = density.sites();
      const auto site = std::find_if(sites.begin(), sites.end(), [&](const LatentSite& x) { return x.name == name; });
      if (site == sites.end())
        throw Error(s.name + ": block_dense names \"" + name + "\", which is not a latent site of the model", where);
      std::fill_n(group.begin() + site->offset, site->size, std::int64_t(g));
    }
  return group;
}

Sampler make_sampler(const KernelSettings& s, const LogDensity& density, std::int64_t chains, Where where) {
  AdaptationRules rules;
  rules.metric = metric_kind(s, density);
  rules.groups = groups_of(s, density, where);
  rules.rank = s.metric.rank;
  rules.cutoff = s.metric.cutoff;
  rules.source = s.adaptation == "fisher" ? MetricSource::fisher : MetricSource::windows;
  rules.step_size = s.adapt_step_size;
  rules.mass_matrix = s.adapt_mass_matrix;
  rules.noisy_acceptance = s.noisy_acceptance;
  return {s.ensemble_rule ? s.ensemble_rule(density, chains) : s.rule(density), rules};
}

/// The first dimensions of every stored variable have these names.
const std::string& check_name(const SiteInfo& site) {
  if (site.name == "chain" || site.name == "draw")
    throw Error("\"" + site.name + "\" is the name of a dimension of the results; give the site another name", site.where);
  return site.name;
}

}  // namespace

Run::Run(const Kernel& kernel, const MCMCOptions& options, const detail::FitArguments& arguments, Where where,
         bool warmup_only)
    : kernel_(kernel), options_(options), where_(where), warmup_only_(warmup_only), sets_(kernel, options, arguments, where) {
  check();
  sampler_ = make_sampler(kernel.settings(), density(), options.num_chains, where);
  if (options.pooled_adaptation) check_pooled();
  sampler_.rules.pooled = options.pooled_adaptation;
  check_fields();
}

std::int64_t Run::num_chains() const {
  return kernel_.settings().ensemble_rule ? 1 : options_.num_chains * sets_.size();
}

void Run::check() const {
  const std::string& kernel = kernel_.settings().name;
  for (const Tensor& x : density().data())
    if (!x.is_concrete())
      throw Error(kernel + ": an argument of the model is a traced value; inference runs outside traced functions", where_);
  if (density().dim() == 0) throw Error(kernel + ": the model has no latent variable to sample", where_);
  std::set<std::string> names;
  for (const auto& site : density().sites()) names.insert(check_name(site));
  for (const auto& site : density().deterministics()) names.insert(check_name(site));
  const auto require = [&](const std::string& name, const char* option) {
    if (!names.contains(name))
      throw Error(kernel + ": " + option + " names \"" + name + "\", which is not a site of the model", where_);
  };
  for (const std::string& name : options_.exclude) require(name, ".exclude");
  if (options_.log_likelihood || options_.log_prior) check_densities(kernel);
  if (kernel_.settings().init.kind == Init::Kind::value)
    for (const auto& [name, value] : kernel_.settings().init.values) require(name, ".init");
}

/// What could not be computed from the draws is an error before there are any.
void Run::check_densities(const std::string& kernel) const {
  const char* option = options_.log_likelihood ? ".log_likelihood" : ".log_prior";
  if (sets_.stacked())
    throw Error(kernel + ": " + option + " is for one data set; use log_likelihood(model, fit.each(...), arguments...)", where_);
  if (options_.log_likelihood && density().observations().empty())
    throw Error(kernel + ": .log_likelihood is asked for, but the model has no observation with data", where_);
  for (const auto& site : density().sites())
    if (std::find(options_.exclude.begin(), options_.exclude.end(), site.name) != options_.exclude.end())
      throw Error(kernel + ": " + option + " needs the draws of \"" + site.name + "\", which .exclude leaves out", where_);
}

void Run::check_pooled() const {
  const KernelSettings& s = kernel_.settings();
  const auto refuse = [&](const std::string& why) { throw Error(s.name + ": .pooled_adaptation: " + why, where_); };
  if (s.ensemble_rule) refuse("the chains of this kernel work together already");
  if (!s.adapt_step_size && !s.adapt_mass_matrix) refuse("this kernel has no step size and no metric that warm-up adapts");
  if (sets_.stacked()) refuse("it is for one data set; the fits of several must not learn from each other");
}

void Run::fill_densities(Fit& fit) const {
  if (sets_.stacked()) return;
  const BoundModel& model = density().model();
  fit.set_model(model);
  if (fit.posterior.empty() || fit.posterior.variables().front().size("draw") == 0) return;
  if (options_.log_likelihood) fit.log_likelihood = log_likelihood_of(model, fit, where_).log_likelihood;
  if (options_.log_prior) fit.log_prior = log_prior_of(model, fit, where_).log_prior;
}

void Run::check_fields() {
  fields_.statistics = sampler_.kernel->statistics();
  for (const std::string& name : options_.extra_fields) {
    const bool known = std::any_of(fields_.statistics.begin(), fields_.statistics.end(),
                                   [&](const Statistic& s) { return s.name == name; });
    if (name == "unconstrained_draw") fields_.unconstrained = true;
    else if (name == "gradient") fields_.gradient = true;
    else if (!known) {
      std::string names = "unconstrained_draw, gradient";
      for (const Statistic& s : fields_.statistics) names += ", " + s.name;
      throw Error("MCMC: .extra_fields names \"" + name + "\"; " + sampler_.kernel->name() + " has " + names, where_);
    }
  }
}

/// Of the draws, which are what grows with a run; the program checks its own when it starts.
void Run::check_memory() const {
  const auto elements = [](const Shape& shape) {
    double n = 1;
    for (const std::int64_t extent : shape) n *= double(extent);
    return n;
  };
  const auto all = [&](const auto& sites) {
    double n = 0;
    for (const auto& site : sites)
      if (std::find(options_.exclude.begin(), options_.exclude.end(), site.name) == options_.exclude.end()) n += elements(site.shape);
    return n;
  };
  const std::int64_t draws = ((options_.save_warmup ? options_.num_warmup : 0) + num_samples()) / options_.thinning;
  const double held = stream_ ? double(stream_->buffer_draws()) : double(draws), walkers = double(this->walkers());
  const double statistics = double(fields_.statistics.size());
  DrawMemory memory;
  memory.stored = 8 * held * walkers * (double(density().dim()) + statistics);
  memory.results = 8 * double(draws) * walkers * (all(density().sites()) + all(density().deterministics()) + statistics);
  if (stream_) memory.results = std::min(memory.results, double(options_.max_memory) / double(num_chains()));
  double densities = 0;
  if (options_.log_likelihood)
    for (const auto& site : density().observations()) densities += elements(site.shape);
  if (options_.log_prior)
    for (const auto& site : density().sites()) densities += elements(site.shape);
  memory.log_densities = 8 * double(draws) * walkers * densities;
  require_memory_for_draws(memory, num_chains(), draws, stream_.has_value(), where_);
}

EngineOptions Run::engine_options() const {
  const KernelSettings& s = kernel_.settings();
  const std::int64_t dim = density().dim();
  EngineOptions e;
  e.num_warmup = options_.num_warmup;
  e.num_samples = num_samples();
  e.num_chains = num_chains();
  e.thinning = options_.thinning;
  e.save_warmup = options_.save_warmup;
  e.target_accept_prob = dim == 1 && s.target_in_one_dimension > 0 ? s.target_in_one_dimension : s.target_accept_prob;
  e.step_size = s.step_size * (s.step_size_by_dimension ? 2.38 / std::sqrt(2.0 * double(dim)) : 1.0);
  e.threads = options_.threads > 0 ? options_.threads : num_threads();
  e.lane_width = options_.lane_width;
  e.interpret = options_.interpret;
  e.device = options_.device ? *options_.device : default_device();
  e.threads_per_chain = options_.threads_per_chain;
  if (e.device.is_gpu()) e.slice_seconds = 0.1;  // between slices it waits
  e.slice_ticks = options_.slice_ticks;
  e.max_leapfrogs = options_.max_gradients;
  e.buffer_draws = stream_ ? stream_->buffer_draws() : 0;
  e.stop = options_.stop;
  return e;
}

void Run::make_engine(const std::vector<std::int64_t>& dropped) {
  const int threads = options_.threads > 0 ? options_.threads : num_threads();
  values_.emplace(density(), options_.exclude, fields_.gradient, threads, options_.interpret);
  if (!options_.stream_to.empty()) {
    StreamOptions stream{options_.stream_to.string()};
    stream.warmup_draws = options_.save_warmup ? options_.num_warmup / options_.thinning : 0;
    stream.draws = options_.num_samples / options_.thinning;
    stream.chains = num_chains(), stream.walkers = walkers();
    stream_.emplace(stream, sets_, *values_, fields_);
    Attributes attrs = attributes();
    attrs["complete"] = false;
    stream_->open(attrs, dropped);
  }
  check_memory();
  engine_.emplace(sampler_, sets_.target(options_.num_chains, walkers()), engine_options());
}

/// Those of data set i are the keys of a run with key fold_in(key, i) alone.
std::vector<Key> Run::chain_keys(const Key& key) const {
  std::vector<Key> keys;
  for (std::int64_t s = 0; s < sets_.size(); ++s) {
    const Key own = sets_.stacked() ? fold_in(key, Tensor(s)) : key;
    for (std::int64_t c = 0; c < num_chains() / sets_.size(); ++c) keys.push_back(chain_key(own, c));
  }
  return keys;
}

void Run::start(const Key& key) {
  const Init& init = kernel_.settings().init;
  for (std::int64_t s = 0; s < sets_.size(); ++s) {
    const Key own = sets_.stacked() ? fold_in(key, Tensor(s)) : key;
    for (Tensor& point : starting_points(init, sets_.densities()[std::size_t(s)], own, options_.num_chains))
      first_points_.push_back(std::move(point));
  }
  make_engine({});
  engine_->start(chain_keys(key), walkers() > 1 ? std::vector<Tensor>{concat(first_points_)} : first_points_,
                 max_attempts(init), init.radius);
}

StoredRun Run::stored(const SamplerState& state, bool same_schedule) const {
  if (state.empty()) throw Error("MCMC: this sampler state is empty", where_);
  const std::string& kernel = kernel_.settings().name;
  const auto sampler = state.attrs.find("sampler");
  if (sampler != state.attrs.end() && sampler->second != Attribute(sampler_.kernel->name()))
    throw Error("MCMC: the state was written by " + std::get<std::string>(sampler->second) + ", not " + kernel, where_);
  StoredRun run = from_bytes(state.bytes);
  const std::int64_t chains = run.states.empty() || run.states[0].shape.empty() ? 0 : run.states[0].shape[0];
  if (chains != num_chains())
    throw Error("MCMC: the state has " + std::to_string(chains) + " chains, this run has " + std::to_string(num_chains()) +
                    (sets_.stacked() ? " over all data sets" : "; set num_chains"),
                where_);
  if (same_schedule && (run.num_warmup != options_.num_warmup || run.thinning != options_.thinning ||
                        run.save_warmup != options_.save_warmup))
    throw Error("MCMC: to resume, num_warmup, thinning and save_warmup must be what they were: " +
                    std::to_string(run.num_warmup) + ", " + std::to_string(run.thinning) + ", " +
                    (run.save_warmup ? "true" : "false"),
                where_);
  const auto dim = state.attrs.find("dim");
  if (dim != state.attrs.end() && dim->second != Attribute(density().dim()))
    throw Error("MCMC: the state is of " + std::to_string(std::get<std::int64_t>(dim->second)) +
                    " unconstrained variables, the model has " + std::to_string(density().dim()),
                where_);
  return run;
}

void Run::start_from(const SamplerState& state, const Key& key) {
  const StoredRun run = stored(state, false);
  make_engine({});
  engine_->start_from(chain_keys(key), run.states);
}

void Run::resume(const SamplerState& state) {
  const StoredRun run = stored(state, true);
  const auto had_draws = state.attrs.find("has_draws");
  if (!options_.stream_to.empty() && run.draws.chains == 0 && had_draws != state.attrs.end() &&
      had_draws->second == Attribute(true))
    throw Error("MCMC: .stream_to goes on with the state of a run that streamed, or with a checkpoint; this state has none "
                "of the draws of its run",
                where_);
  make_engine(run.draws.dropped);
  engine_->restore(run.states, run.draws);
  if (run.draws.chains > 0) return;
  const auto chains = engine_->reports();  // a complete run keeps no draws in its state: the fit has the new ones
  first_new_ = std::min_element(chains.begin(), chains.end(), [](const auto& a, const auto& b) {
                 return a.saved < b.saved;
               })->saved;
}

std::int64_t Run::divergences() const {
  std::int64_t total = 0;
  for (const ChainReport& c : engine_->reports()) total += c.divergences;
  return total;
}

bool Run::complete() const {
  const auto chains = engine_->reports();
  return std::all_of(chains.begin(), chains.end(),
                     [&](const ChainReport& c) { return c.draw >= options_.num_warmup + num_samples(); });
}

bool Run::out_of_time() const {
  return options_.max_time.count() > 0 &&
         std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count() >= options_.max_time.count();
}

Fit Run::finish() {
  const bool shown = options_.progress.value_or(stderr_is_terminal());
  ProgressBar bar(shown, options_.num_warmup, options_.num_warmup + num_samples());
  EssSoFar ess(engine_->saved_warmup_draws(), walkers());
  const bool watched = shown || options_.on_progress;
  if (shown && sampler_.kernel->description() != sampler_.kernel->name())
    std::fprintf(stderr, "%s: %s\n", sampler_.kernel->name().c_str(), sampler_.kernel->description().c_str());
  const auto after_slice = [&](const std::vector<ChainReport>& chains) {
    if (watched) ess.collect(*engine_);
    if (stream_) stream_->take(*engine_, false);
    checkpoint(false);
    const double so_far = watched ? ess.value() : 0;
    bar.update(chains, so_far);
    if (!report(chains, so_far)) return false;
    if (!out_of_time()) return true;
    stop_reason_ = "the run was stopped by max_time before it was complete";
    return false;
  };
  const auto before = engine_->reports();
  if (std::any_of(before.begin(), before.end(), [](const ChainReport& c) { return c.live; })) {
    try {
      engine_->run(after_slice);
    } catch (const Error&) {
      save_stored_draws();
      throw;
    }
  }
  bar.finish();
  const auto chains = engine_->reports();
  for (std::size_t c = 0; c < chains.size(); ++c)
    if (chains[c].failed) fail(c);
  if (stream_) stream_->take(*engine_, true);
  checkpoint(true);
  return result(chains, shown);
}

bool Run::report(const std::vector<ChainReport>& chains, double ess) const {
  if (!options_.on_progress) return true;
  bool going = true;
  const std::int64_t total = options_.num_warmup + num_samples();
  for (std::size_t c = 0; c < chains.size(); ++c) {
    const ChainReport& r = chains[c];
    going &= options_.on_progress({int(c), r.draw, total, r.draw < options_.num_warmup, r.divergences,
                                   r.leapfrogs + r.warmup_leapfrogs, r.step_size, ess});
  }
  return going;
}

/// After a failure: draws that wait in memory go to the store. The failure is what the caller is told.
void Run::save_stored_draws() noexcept {
  try {
    if (stream_) stream_->take(*engine_, true);
  } catch (...) {
  }
}

void Run::checkpoint(bool the_end) {
  if (options_.checkpoint.empty()) return;
  const auto now = std::chrono::steady_clock::now();
  const bool first = !last_checkpoint_;
  if (!first && !the_end && now - *last_checkpoint_ < options_.checkpoint_every) return;
  last_checkpoint_ = now;
  try {
    if (stream_) stream_->flush();  // the state relies on the draws that it does not have
    state(/*with_draws=*/true).save(options_.checkpoint);
    checkpoint_problem_.clear();
  } catch (const Error& e) {
    if (first) throw;  // a wrong path is noticed at once; a disk that fills up later must not cost the draws
    checkpoint_problem_ = std::string("the checkpoint is not up to date: ") + e.what();
  }
}

SamplerState Run::state(bool with_draws) const {
  SamplerState s;
  s.bytes = to_bytes({engine_->stored_states(), with_draws ? engine_->stored_draws() : DrawStore{}, options_.num_warmup,
                      options_.thinning, options_.save_warmup});
  s.attrs["sampler"] = sampler_.kernel->name();
  s.attrs["dim"] = density().dim();
  s.attrs["complete"] = complete();
  const auto chains = engine_->reports();
  s.attrs["has_draws"] = std::any_of(chains.begin(), chains.end(), [](const ChainReport& c) { return c.saved > 0; });
  return s;
}

void Run::fail(std::size_t chain) const {
  const Init& init = kernel_.settings().init;
  const bool one = max_attempts(init) == 1 || first_points_.empty();
  const std::string what = one ? "the log density or its gradient is not finite at the starting point"
                               : "no finite starting point in " + std::to_string(max_attempts(init)) + " attempts";
  const std::size_t set = chain / std::size_t(num_chains() / sets_.size());
  const std::string of = sets_.stacked() ? " of " + sets_.dim() + " " + sets_.labels().text(std::int64_t(set)) : "";
  const Tensor z = first_points_.empty() ? zeros(density().dim()) : first_points_[chain];
  throw Error(kernel_.settings().name + ": " + what + " (chain " + std::to_string(chain) + of + ")\n" +
                  explain_failed_start(sets_.densities()[set], z) +
                  "\n  give another start with .init = init_to_value(...), or look closer with trace(substitute(...))",
              where_);
}

void Run::fill(Fit& fit, const std::vector<ChainReport>& chains) {
  if (stream_) {
    thinned_by_ = stream_->read(fit, options_.max_memory);
    return;
  }
  const std::int64_t warm = engine_->saved_warmup_draws();
  std::int64_t saved = engine_->draws().capacity;
  for (const ChainReport& c : chains) saved = std::min(saved, c.saved);  // interrupted: what all chains have
  const std::int64_t first = std::min(std::max(warm, first_new_), saved);
  const auto part = [&](std::int64_t begin, std::int64_t end, Dataset& posterior, Dataset& statistics) {
    fill_draws(posterior, statistics, sets_, *values_, fields_, by_walker(part_of(engine_->draws(), begin, end), walkers()));
  };
  if (!warmup_only_) part(first, saved, fit.posterior, fit.sample_stats);
  if (warm > 0 && first_new_ == 0) part(0, std::min(warm, saved), fit.warmup_posterior, fit.warmup_sample_stats);
}

Fit Run::result(const std::vector<ChainReport>& chains, bool shown) {
  Fit fit;
  fill(fit, chains);
  fill_observed_data(fit.observed_data, sets_);
  fill_densities(fit);
  describe(fit);
  const auto drawn = fit.posterior.empty() ? 0 : fit.posterior.variables().front().size("draw");
  if (drawn >= 4)
    for (std::string& message : fit.diagnose().messages) fit.warnings.push_back(std::move(message));
  if (!complete()) {
    if (stop_reason_.empty() && options_.max_gradients > 0 &&
        std::none_of(chains.begin(), chains.end(), [](const ChainReport& c) { return c.live; }))
      stop_reason_ = "the run was stopped by max_gradients before it was complete";
    if (stop_reason_.empty()) stop_reason_ = "the run was stopped before it was complete";
    fit.warnings.insert(fit.warnings.begin(), stop_reason_);
  }
  fit.set_state(state(/*with_draws=*/stream_ || warmup_only_ || !complete()));
  if (stream_) stream_->finish(attributes(), fit.warnings, fit.state());
  if (thinned_by_ > 1)
    fit.warnings.push_back("the fit has one in " + std::to_string(thinned_by_) + " draws; all are in " +
                           options_.stream_to.string());
  if (!checkpoint_problem_.empty()) fit.warnings.push_back(checkpoint_problem_);
  for (const std::string& line : engine_->warnings()) fit.warnings.push_back(line);
  if (shown)
    for (const std::string& w : fit.warnings) std::fprintf(stderr, "%s: %s\n", sampler_.kernel->name().c_str(), w.c_str());
  return fit;
}

Attributes Run::attributes() const {
  Attributes attrs;
  attrs["sampler"] = sampler_.kernel->name();
  if (sampler_.kernel->description() != sampler_.kernel->name()) attrs["steps"] = sampler_.kernel->description();
  attrs["num_warmup"] = options_.num_warmup;
  attrs["num_samples"] = num_samples();
  attrs["thinning"] = options_.thinning;
  if (const Device device = engine_options().device; device.is_gpu()) attrs["device"] = name(device);
  if (!engine_) return attrs;
  if (const std::string layout = engine_->layout(); !layout.empty()) attrs["device_layout"] = layout;
  attrs["complete"] = complete();
  std::int64_t leapfrogs = 0;
  for (const ChainReport& c : engine_->reports()) leapfrogs += c.warmup_leapfrogs + c.leapfrogs;
  attrs["leapfrogs"] = leapfrogs;
  return attrs;
}

void Run::describe(Fit& fit) const {
  std::int64_t warmup = 0, leapfrogs = 0;
  for (const ChainReport& c : engine_->reports()) {
    warmup += c.warmup_leapfrogs;
    leapfrogs += c.leapfrogs;
  }
  const double run = engine_->run_time.count(), all = std::max(1.0, double(warmup + leapfrogs));
  Timing timing;
  timing.trace = engine_->trace_time;
  timing.compile = engine_->compile_time;
  timing.warmup = Seconds(run * double(warmup) / all);
  timing.sampling = Seconds(run * double(leapfrogs) / all);
  fit.set_timing(timing);
  fit.attrs = attributes();
  fit.attrs["sampling_time"] = timing.sampling.count();
  fit.attrs["warmup_time"] = timing.warmup.count();
  fit.attrs["trace_time"] = engine_->trace_time.count();
  fit.attrs["compile_time"] = engine_->compile_time.count();
  fit.attrs["nanoseconds_per_leapfrog"] = 1e9 * run / all;
}

}  // namespace nuthatch::mcmc
