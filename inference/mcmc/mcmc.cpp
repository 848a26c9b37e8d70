#include "nuthatch/mcmc.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

#include "inference/mcmc/engine.h"
#include "inference/mcmc/progress_bar.h"
#include "inference/mcmc/results.h"
#include "inference/mcmc/starting_points.h"
#include "inference/mcmc/state_file.h"
#include "nuthatch/array.h"

namespace nuthatch {
namespace {

using namespace mcmc;

Sampler make_sampler(const KernelSettings& s, const LogDensity& density, std::int64_t chains) {
  AdaptationRules rules;
  rules.metric = s.metric.kind == Metric::Kind::dense ? MetricKind::dense : MetricKind::diagonal;
  rules.source = s.adaptation == "fisher" ? MetricSource::fisher : MetricSource::windows;
  rules.step_size = s.adapt_step_size;
  rules.mass_matrix = s.adapt_mass_matrix;
  rules.noisy_acceptance = s.noisy_acceptance;
  return {s.ensemble_rule ? s.ensemble_rule(density, chains) : s.rule(density), rules};
}

EngineOptions engine_options(const KernelSettings& s, const MCMCOptions& o, std::int64_t dim) {
  EngineOptions e;
  e.num_warmup = o.num_warmup;
  e.num_samples = o.num_samples;
  e.num_chains = s.ensemble_rule ? 1 : o.num_chains;
  e.thinning = o.thinning;
  e.save_warmup = o.save_warmup;
  e.target_accept_prob = dim == 1 && s.target_in_one_dimension > 0 ? s.target_in_one_dimension : s.target_accept_prob;
  e.step_size = s.step_size * (s.step_size_by_dimension ? 2.38 / std::sqrt(2.0 * double(dim)) : 1.0);
  e.threads = o.threads > 0 ? o.threads : num_threads();
  e.lane_width = o.lane_width;
  e.interpret = o.interpret;
  e.slice_ticks = o.slice_ticks;
  e.stop = o.stop;
  return e;
}

/// One fit from the model to the result.
class Run {
 public:
  Run(const Kernel& kernel, const MCMCOptions& options, const BoundModel& model, Where where)
      : kernel_(kernel), options_(options), where_(where), density_(model, kernel.settings().latents),
        sampler_(make_sampler(kernel.settings(), checked(density_), options.num_chains)),
        engine_(sampler_,
                {density_.dim() * sampler_.kernel->walkers(), density_.data(),
                 [this](const Tensor& z, const std::vector<Tensor>& data) { return density_(z, data); },
                 {}},
                engine_options(kernel.settings(), options, density_.dim())) {}

  void start(const Key& key) {
    const Init& init = kernel_.settings().init;
    const auto points = starting_points(init, density_, key, options_.num_chains);
    const bool ensemble = sampler_.kernel->walkers() > 1;
    engine_.start(key, ensemble ? std::vector<Tensor>{concat(points)} : points, max_attempts(init), init.radius);
    first_points_ = points;
  }
  void start_from(const Key& key, const States& states) { engine_.start_from(key, states); }
  /// The state must have been written for a model of this size.
  void check(const SamplerState& state) const {
    const auto dim = state.attrs.find("dim");
    if (dim != state.attrs.end() && dim->second != Attribute(density_.dim()))
      throw Error("MCMC: the state is of " + std::to_string(std::get<std::int64_t>(dim->second)) +
                      " unconstrained variables, the model has " + std::to_string(density_.dim()),
                  where_);
  }
  void restore(const StoredRun& stored) {
    engine_.restore(stored.states, stored.draws);
    if (stored.draws.chains > 0) return;
    const auto chains = engine_.reports();  // a complete run keeps no draws in its state: the fit has the new ones
    first_new_ = std::min_element(chains.begin(), chains.end(), [](const auto& a, const auto& b) {
                   return a.saved < b.saved;
                 })->saved;
  }

  /// After finish(): divergences of the sampling phase, and whether nothing stopped the run.
  std::int64_t divergences() const {
    std::int64_t total = 0;
    for (const ChainReport& c : engine_.reports()) total += c.divergences;
    return total;
  }
  bool complete() const {
    const auto chains = engine_.reports();
    return std::none_of(chains.begin(), chains.end(), [](const ChainReport& c) { return c.live; });
  }

  Fit finish() {
    const bool shown = options_.progress.value_or(stderr_is_terminal());
    const std::int64_t total = options_.num_warmup + options_.num_samples;
    ProgressBar bar(shown, options_.num_warmup, total);
    const bool complete = engine_.run([&](const std::vector<ChainReport>& chains) {
      bar.update(chains);
      checkpoint();
      return report(chains, total);
    });
    bar.finish();
    const auto chains = engine_.reports();
    for (std::size_t c = 0; c < chains.size(); ++c)
      if (chains[c].failed) fail(c);
    return result(chains, complete, shown);
  }

 private:
  const LogDensity& checked(const LogDensity& density) const {
    const std::string& kernel = kernel_.settings().name;
    for (const Tensor& x : density.data())
      if (!x.is_concrete())
        throw Error(kernel + ": an argument of the model is a traced value; inference runs outside traced functions",
                    where_);
    if (density.dim() == 0) throw Error(kernel + ": the model has no latent variable to sample", where_);
    std::set<std::string> names;
    for (const auto& site : density.sites()) names.insert(check_name(site));
    for (const auto& site : density.deterministics()) names.insert(check_name(site));
    const auto require = [&](const std::string& name, const char* option) {
      if (!names.contains(name))
        throw Error(kernel + ": " + option + " names \"" + name + "\", which is not a site of the model", where_);
    };
    for (const std::string& name : options_.exclude) require(name, ".exclude");
    for (const auto& [name, value] : kernel_.settings().init.values) require(name, ".init");
    return density;
  }
  /// The first dimensions of every stored variable have these names.
  static const std::string& check_name(const SiteInfo& site) {
    if (site.name == "chain" || site.name == "draw")
      throw Error("\"" + site.name + "\" is the name of a dimension of the results; give the site another name",
                  site.where);
    return site.name;
  }

  bool report(const std::vector<ChainReport>& chains, std::int64_t total) const {
    if (!options_.on_progress) return true;
    bool going = true;
    for (std::size_t c = 0; c < chains.size(); ++c) {
      const ChainReport& r = chains[c];
      going &= options_.on_progress({int(c), r.draw, total, r.draw < options_.num_warmup, r.divergences,
                                     r.leapfrogs + r.warmup_leapfrogs, r.step_size});
    }
    return going;
  }

  void checkpoint() {
    if (options_.checkpoint.empty()) return;
    const auto now = std::chrono::steady_clock::now();
    const bool first = !last_checkpoint_;
    if (!first && now - *last_checkpoint_ < options_.checkpoint_every) return;
    last_checkpoint_ = now;
    try {
      state(/*with_draws=*/true).save(options_.checkpoint);
      checkpoint_problem_.clear();
    } catch (const Error& e) {
      if (first) throw;  // a wrong path is noticed at once; a disk that fills up later must not cost the draws
      checkpoint_problem_ = std::string("the checkpoint is not up to date: ") + e.what();
    }
  }

  SamplerState state(bool with_draws) const {
    SamplerState s;
    s.bytes = to_bytes({engine_.states(), with_draws ? engine_.draws() : DrawStore{}, options_.num_warmup,
                        options_.thinning, options_.save_warmup});
    s.attrs["sampler"] = sampler_.kernel->name();
    s.attrs["dim"] = density_.dim();
    s.attrs["complete"] = !with_draws;
    return s;
  }

  [[noreturn]] void fail(std::size_t chain) const {
    const Init& init = kernel_.settings().init;
    const bool one = max_attempts(init) == 1 || first_points_.empty();
    const std::string what = one ? "the log density or its gradient is not finite at the starting point"
                                 : "no finite starting point in " + std::to_string(max_attempts(init)) + " attempts";
    const Tensor z = first_points_.empty() ? zeros(density_.dim()) : first_points_[chain];
    throw Error(kernel_.settings().name + ": " + what + " (chain " + std::to_string(chain) + ")\n" +
                    explain_failed_start(density_, z) +
                    "\n  give another start with .init = init_to_value(...), or look closer with trace(substitute(...))",
                where_);
  }

  Fit result(const std::vector<ChainReport>& chains, bool complete, bool shown) {
    const std::int64_t warm = engine_.saved_warmup_draws();
    std::int64_t saved = engine_.draws().capacity;
    for (const ChainReport& c : chains) saved = std::min(saved, c.saved);  // interrupted: what all chains have
    const std::int64_t first = std::min(std::max(warm, first_new_), saved);
    Fit fit;
    const int threads = options_.threads > 0 ? options_.threads : num_threads();
    const std::int64_t walkers = sampler_.kernel->walkers();
    const DrawStore kept = by_walker(part_of(engine_.draws(), first, saved), walkers);
    fill_posterior(fit.posterior, density_, kept, options_.exclude, threads, options_.interpret);
    fill_sample_stats(fit.sample_stats, sampler_.kernel->statistics(), kept);
    if (warm > 0 && first_new_ == 0) {
      const DrawStore warmup = by_walker(part_of(engine_.draws(), 0, first), walkers);
      fill_posterior(fit.warmup_posterior, density_, warmup, options_.exclude, threads, options_.interpret);
      fill_sample_stats(fit.warmup_sample_stats, sampler_.kernel->statistics(), warmup);
    }
    fill_observed_data(fit.observed_data, density_);
    describe(fit, chains, complete);
    if (saved - first >= 4) fit.warnings = fit.diagnose().messages;
    if (!checkpoint_problem_.empty()) fit.warnings.push_back(checkpoint_problem_);
    if (!complete) fit.warnings.insert(fit.warnings.begin(), "the run was stopped before it was complete");
    if (shown)
      for (const std::string& w : fit.warnings) std::fprintf(stderr, "%s: %s\n", sampler_.kernel->name().c_str(), w.c_str());
    return fit;
  }

  void describe(Fit& fit, const std::vector<ChainReport>& chains, bool complete) const {
    std::int64_t warmup = 0, leapfrogs = 0;
    for (const ChainReport& c : chains) {
      warmup += c.warmup_leapfrogs;
      leapfrogs += c.leapfrogs;
    }
    const double run = engine_.run_time.count(), all = std::max(1.0, double(warmup + leapfrogs));
    Timing timing;
    timing.trace = engine_.trace_time;
    timing.compile = engine_.compile_time;
    timing.warmup = Seconds(run * double(warmup) / all);
    timing.sampling = Seconds(run * double(leapfrogs) / all);
    fit.set_timing(timing);
    fit.attrs["sampler"] = sampler_.kernel->name();
    fit.attrs["num_warmup"] = options_.num_warmup;
    fit.attrs["num_samples"] = options_.num_samples;
    fit.attrs["thinning"] = options_.thinning;
    fit.attrs["complete"] = complete;
    fit.attrs["sampling_time"] = timing.sampling.count();
    fit.attrs["warmup_time"] = timing.warmup.count();
    fit.attrs["trace_time"] = engine_.trace_time.count();
    fit.attrs["compile_time"] = engine_.compile_time.count();
    fit.attrs["leapfrogs"] = warmup + leapfrogs;
    fit.attrs["nanoseconds_per_leapfrog"] = 1e9 * run / all;

    fit.set_state(state(/*with_draws=*/!complete));
  }

  Kernel kernel_;
  MCMCOptions options_;
  Where where_;
  LogDensity density_;
  Sampler sampler_;
  Engine engine_;
  std::vector<Tensor> first_points_;
  std::int64_t first_new_ = 0;
  std::optional<std::chrono::steady_clock::time_point> last_checkpoint_;
  std::string checkpoint_problem_;
};

/// The stored run, when it fits kernel, model and options.
StoredRun stored_run(const SamplerState& state, const KernelSettings& settings, const MCMCOptions& options, bool same_schedule,
                     Where where) {
  if (state.empty()) throw Error("MCMC: this sampler state is empty", where);
  const std::string& kernel = settings.name;
  const auto sampler = state.attrs.find("sampler");
  if (sampler != state.attrs.end() && sampler->second != Attribute(kernel))
    throw Error("MCMC: the state was written by " + std::get<std::string>(sampler->second) + ", not " + kernel, where);
  StoredRun run = from_bytes(state.bytes);
  const std::int64_t chains = settings.ensemble_rule ? 1 : options.num_chains;
  if (run.states.empty() || run.states[0].shape.empty() || run.states[0].shape[0] != chains)
    throw Error("MCMC: the state has " + std::to_string(run.states.empty() ? 0 : run.states[0].shape[0]) +
                    " chains, num_chains is " + std::to_string(options.num_chains),
                where);
  if (same_schedule && (run.num_warmup != options.num_warmup || run.thinning != options.thinning ||
                        run.save_warmup != options.save_warmup))
    throw Error("MCMC: to resume, num_warmup, thinning and save_warmup must be what they were: " +
                    std::to_string(run.num_warmup) + ", " + std::to_string(run.thinning) + ", " +
                    (run.save_warmup ? "true" : "false"),
                where);
  return run;
}

}  // namespace

MCMC::MCMC(Kernel kernel, MCMCOptions options, Where where)
    : kernel_(std::move(kernel)), options_(std::move(options)), where_(where) {
  const auto require = [&](bool good, const char* message) {
    if (!good) throw Error(std::string("MCMC: ") + message, where);
  };
  require(options_.num_chains >= 1, "num_chains must be at least 1");
  require(options_.num_samples >= 1, "num_samples must be at least 1");
  require(options_.num_warmup >= 0, "num_warmup must not be negative");
  require(options_.thinning >= 1, "thinning must be at least 1");
  require(options_.num_samples >= options_.thinning, "thinning leaves no draw: it is larger than num_samples");
  require(options_.threads >= 0, "threads must not be negative");
  require(options_.max_retries >= 0, "max_retries must not be negative");
  require(options_.slice_ticks >= 0, "slice_ticks must not be negative");
  require(options_.lane_width == 0 || options_.lane_width == 1 || options_.lane_width == 4 || options_.lane_width == 8,
          "lane_width is 1, 4, 8 or 0 for automatic");
}

Fit MCMC::run_bound(const Key& key, const BoundModel& model, Where where) const {
  if (!key.tensor().defined()) throw Error("MCMC: an empty Key is used; write Key(seed)", where);
  KernelSettings settings = kernel_.settings();
  for (int retries = 0;; ++retries) {
    const Kernel kernel(kernel_.model(), settings);
    Run run(kernel, options_, model, where);
    run.start(key);
    Fit fit = run.finish();
    if (run.divergences() == 0 || !run.complete() || retries == options_.max_retries) return fit;
    settings.target_accept_prob = 1 - (1 - settings.target_accept_prob) / 4;
  }
}

Fit MCMC::resume_bound(const SamplerState& state, const BoundModel& model, Where where) const {
  const StoredRun stored = stored_run(state, kernel_.settings(), options_, true, where);
  Run run(kernel_, options_, model, where);
  run.check(state);
  run.restore(stored);
  return run.finish();
}

Fit MCMC::run_from_bound(const SamplerState& state, const Key& key, const BoundModel& model, Where where) const {
  if (!key.tensor().defined()) throw Error("MCMC: an empty Key is used; write Key(seed)", where);
  const StoredRun stored = stored_run(state, kernel_.settings(), options_, false, where);
  MCMCOptions options = options_;
  options.num_warmup = 0;  // step size and metric are known
  Run run(kernel_, options, model, where);
  run.check(state);
  run.start_from(key, stored.states);
  return run.finish();
}

}  // namespace nuthatch
