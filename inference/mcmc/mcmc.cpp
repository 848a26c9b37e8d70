#include "nuthatch/mcmc.h"

#include "inference/mcmc/run.h"
#include "nuthatch/kernels/compound.h"

namespace nuthatch {
namespace {

void check_key(const Key& key, Where where) {
  if (!key.tensor().defined()) throw Error("MCMC: an empty Key is used; write Key(seed)", where);
}

}  // namespace

MCMC::MCMC(Kernel kernel, Where where) : MCMC(std::move(kernel), MCMCOptions(), where) {}
MCMC::MCMC(Model model, Where where) : MCMC(Compound(model, {}, where), where) {}
MCMC::MCMC(Model model, MCMCOptions options, Where where)
    : MCMC(Compound(model, {}, where), std::move(options), where) {}
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
  require(options_.max_time.count() >= 0, "max_time must not be negative");
  require(options_.max_gradients >= 0, "max_gradients must not be negative");
  require(options_.max_memory >= 1, "max_memory must be at least 1");
  require(!options_.each_dim.empty() && options_.each_dim != "chain" && options_.each_dim != "draw",
          "each_dim must be a name other than chain and draw");
  require(options_.lane_width == 0 || options_.lane_width == 1 || options_.lane_width == 4 || options_.lane_width == 8 ||
              options_.lane_width == 16,
          "lane_width is 1, 4, 8, 16 or 0 for automatic");
  require(!options_.interpret || !options_.device || !options_.device->is_gpu(), "the interpreter does not run on a GPU");
  const int group = options_.threads_per_chain;
  require(group == 0 || (group > 0 && group <= 32 && (group & (group - 1)) == 0) || (group > 32 && group <= 1024 && group % 32 == 0),
          "threads_per_chain is 1, 2, 4, 8, 16, 32, a multiple of 32 up to 1024, or 0 for automatic");
}

MCMCOptions::~MCMCOptions() = default;

Fit MCMC::run_bound(const Key& key, const detail::FitArguments& arguments, Where where) const {
  check_key(key, where);
  KernelSettings settings = kernel_.settings();
  for (int retries = 0;; ++retries) {
    mcmc::Run run(Kernel(kernel_.model(), settings), options_, arguments, where);
    run.start(key);
    Fit fit = run.finish();
    if (run.divergences() == 0 || !run.complete() || retries == options_.max_retries) return fit;
    settings.target_accept_prob = 1 - (1 - settings.target_accept_prob) / 4;
  }
}

Fit MCMC::warmup_bound(const Key& key, const detail::FitArguments& arguments, Where where) const {
  check_key(key, where);
  mcmc::Run run(kernel_, options_, arguments, where, /*warmup_only=*/true);
  run.start(key);
  return run.finish();
}

Fit MCMC::resume_bound(const SamplerState& state, const detail::FitArguments& arguments, Where where) const {
  mcmc::Run run(kernel_, options_, arguments, where);
  run.resume(state);
  return run.finish();
}

Fit MCMC::run_from_bound(const SamplerState& state, const Key& key, const detail::FitArguments& arguments,
                         Where where) const {
  check_key(key, where);
  MCMCOptions options = options_;
  options.num_warmup = 0;  // step size and metric are known
  mcmc::Run run(kernel_, options, arguments, where);
  run.start_from(state, key);
  return run.finish();
}

}  // namespace nuthatch
