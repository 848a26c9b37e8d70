#include "nuthatch/predictive.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "inference/fit/site_dims.h"
#include "inference/predictive/simulation.h"
#include "nuthatch/array.h"
#include "nuthatch/detail/executor.h"
#include "nuthatch/detail/missing_values.h"
#include "nuthatch/discrete.h"
#include "nuthatch/infer_discrete.h"
#include "nuthatch/log_density.h"
#include "nuthatch/threads.h"

namespace nuthatch {
namespace {

using detail::Array;
using predictive::Role;
using predictive::SimulatedSite;
using predictive::Simulation;

/// What is asked of a run.
enum class Wanted { predictions, log_likelihood, log_prior, recovered };

/// Draws of latent sites, chains joined: arrays [rows, ...].
struct Draws {
  std::int64_t chains = 1, per_chain = 0;
  std::vector<std::string> names;
  std::vector<Array> values;
  std::int64_t rows() const { return chains * per_chain; }
};

Shape without_first(const Shape& s) { return Shape(std::vector<std::int64_t>(s.begin() + 1, s.end())); }

/// The variables of a group that have dimensions chain and draw.
Draws joined(const Dataset& group) {
  Draws result;
  for (const DataArray& variable : group.variables()) {
    if (!variable.has_dim("chain") || !variable.has_dim("draw")) continue;
    Array values = variable.with_leading({"chain", "draw"}).values();
    result.chains = values.shape[0];
    result.per_chain = values.shape[1];
    Shape shape{result.rows()};
    shape.insert(shape.end(), values.shape.begin() + 2, values.shape.end());
    values.shape = shape;
    result.names.push_back(variable.name());
    result.values.push_back(std::move(values));
  }
  return result;
}

/// One key per draw, [rows, 2]: a function of the draw's number.
Array keys_of(const Key& key, std::int64_t begin, std::int64_t end) {
  std::vector<std::int64_t> numbers;
  for (std::int64_t i = begin; i < end; ++i) numbers.push_back(i);
  const Key batch = Key::from_tensor(broadcast_to(key.tensor(), Shape{end - begin, 2}));
  return detail::value(fold_in(batch, Tensor(numbers)).tensor())->array;
}

Array rows_of(const Array& x, std::int64_t begin, std::int64_t end) {
  if (begin == 0 && end == x.shape[0]) return x;
  Shape shape = x.shape;
  shape[0] = end - begin;
  Array part(x.dtype, shape);
  const std::size_t row = x.bytes() / std::size_t(x.shape[0]);
  std::memcpy(part.data.get(), x.data.get() + std::size_t(begin) * row, std::size_t(end - begin) * row);
  return part;
}

/// A model, the values of some of its latent sites by draw, and which of its sites are wanted.
class DrawProgram {
 public:
  /// `complete`: every latent site must be among the draws.
  DrawProgram(const BoundModel& model, const Draws& draws, const PredictiveOptions& options, bool complete,
              Wanted wanted, Where where)
      : model_(model), draws_(draws), drawn_(options.resample.begin(), options.resample.end()), complete_(complete),
        where_(where) {
    if (options.log_likelihood) weighed_ = Role::observed;
    if (wanted == Wanted::log_prior) weighed_ = Role::given;
    types_.push_back({ui32, {2}});
    for (const Array& x : draws_.values) types_.push_back({x.dtype, without_first(x.shape)});
    discover();
    choose(options, wanted);
  }

  std::vector<SimulatedSite> sites;      // what is returned, in order of execution
  std::vector<SimulatedSite> weighed;     // sites whose log densities are returned
  std::vector<SimulatedSite> observed;    // sites with data
  Values data;                            // and their values

  /// Values [rows, ...] of `sites`, then log densities of `weighed`.
  std::vector<Array> run(const Key& key, std::int64_t rows, std::int64_t batch, int threads) const {
    const detail::ProgramPtr program = trace();
    const std::vector<Tensor> data = model_.data();
    detail::LaneOptions lanes;
    lanes.width = rows >= 8 ? 8 : rows >= 4 ? 4 : 1;
    lanes.varying_argument.assign(types_.size() + data.size(), false);
    std::fill_n(lanes.varying_argument.begin(), types_.size(), true);
    lanes.varying_result.assign(program->results.size(), true);
    const auto executable = detail::executor().compile_lanes(program, lanes);
    std::vector<Array> results;
    for (const detail::TensorType& type : program->results) {
      Shape shape{rows};
      shape.insert(shape.end(), type.shape.begin(), type.shape.end());
      results.emplace_back(type.dtype, shape);
    }
    for (std::int64_t begin = 0; begin < rows; begin += batch) {
      const std::int64_t end = std::min(rows, begin + batch);
      std::vector<Array> arguments{keys_of(key, begin, end)};
      for (const Array& x : draws_.values) arguments.push_back(rows_of(x, begin, end));
      for (const Tensor& x : data) arguments.push_back(detail::value(x)->array);
      const std::vector<Array> part = executable->run(arguments, end - begin, threads, {});
      if (batch >= rows) return part;
      for (std::size_t k = 0; k < part.size(); ++k)
        std::memcpy(results[k].data.get() + part[k].bytes() / std::size_t(end - begin) * std::size_t(begin),
                    part[k].data.get(), part[k].bytes());
    }
    return results;
  }

 private:
  /// One run under the handler; `arguments` are the key and the values of a draw.
  void simulate(Simulation& run, const std::vector<Tensor>& data) const {
    Active active(run);
    model_.run(data);
  }
  Simulation simulation(const detail::Values& arguments) const {
    Values values;
    for (std::size_t i = 0; i < draws_.names.size(); ++i) values[draws_.names[i]] = detail::wrap(arguments[i + 1]);
    Simulation run(Key::from_tensor(detail::wrap(arguments[0])), std::move(values), drawn_, complete_);
    run.weighed = weighed_;
    return run;
  }

  /// Traced with the data as they are, so that they are tested; nothing is computed.
  void discover() {
    detail::trace_program(types_, [&](const detail::Values& arguments) {
      Simulation run = simulation(arguments);
      detail::RecordMissing record(missing_);
      simulate(run, model_.data());
      all_ = run.sites;
      for (const SimulatedSite& s : all_) {
        if (run.densities.contains(s.name)) {
          weighed.push_back(s);
          weighed.back().shape = run.densities.at(s.name).shape();
          weighed.back().dims.resize(weighed.back().shape.size());
        }
        if (s.role != Role::observed) continue;
        if (run.results.at(s.name).is_concrete()) {  // else computed by the model
          observed.push_back(s);
          data[s.name] = run.results.at(s.name);
        }
      }
      return detail::Values{};
    }, where_);
  }

  void choose(const PredictiveOptions& options, Wanted what) {
    auto contains = [](const std::vector<std::string>& names, const std::string& name) {
      return std::find(names.begin(), names.end(), name) != names.end();
    };
    auto check = [&](const std::vector<std::string>& names, const char* option) {
      for (const std::string& name : names) {
        if (std::any_of(all_.begin(), all_.end(), [&](const SimulatedSite& s) { return s.name == name; })) continue;
        std::string known;
        for (const SimulatedSite& s : all_) known += (known.empty() ? "" : ", ") + s.name;
        throw Error(std::string("Predictive: .") + option + " names \"" + name + "\", but the model has the sites " + known,
                    where_);
      }
    };
    check(options.return_sites, "return_sites");
    check(options.exclude, "exclude");
    check(options.resample, "resample");
    for (const SimulatedSite& s : all_) {
      const bool wanted = options.return_sites.empty() ? s.role != Role::given && s.role != Role::observed
                                                       : contains(options.return_sites, s.name);
      if (what == Wanted::predictions ? wanted && !contains(options.exclude, s.name)
                                      : what == Wanted::recovered && s.recovered)
        sites.push_back(s);
    }
    std::erase_if(weighed, [&](const SimulatedSite& s) { return contains(options.exclude, s.name); });
  }

  /// key, values of a draw, data -> values of the sites.
  detail::ProgramPtr trace() const {
    std::vector<detail::TensorType> types = types_;
    for (const Tensor& x : model_.data()) types.push_back({x.dtype(), x.shape()});
    return detail::trace_program(types, [&](const detail::Values& arguments) {
      std::vector<Tensor> data;
      for (std::size_t i = types_.size(); i < arguments.size(); ++i) data.push_back(detail::wrap(arguments[i]));
      detail::NoValidation anywhere;  // tested when the sites were found
      Simulation run = simulation(arguments);
      detail::KnownMissing known(missing_);
      simulate(run, data);
      detail::Values results;
      // A value that depends on no draw may be a constant.
      for (const SimulatedSite& s : sites)
        results.push_back(detail::value(broadcast_to(run.results.at(s.name).cast(s.dtype), s.shape)));
      for (const SimulatedSite& s : weighed)
        results.push_back(detail::value(broadcast_to(run.densities.at(s.name), s.shape)));
      return results;
    }, where_);
  }

  BoundModel model_;
  const Draws& draws_;
  std::set<std::string> drawn_;
  bool complete_;
  std::optional<Role> weighed_;
  Where where_;
  std::vector<detail::TensorType> types_;  // of the key and of a draw
  std::vector<SimulatedSite> all_;
  detail::MissingPositions missing_;
};

/// Stored draws of sites that the model has under that name as something else than a latent site are not arguments.
Draws latent_draws(const BoundModel& model, const Dataset& group) {
  const Draws all = joined(group);
  // Which stored variables are latent sites or params: only those may be substituted; `deterministic` ones are recomputed.
  class Names final : public Handler {
   public:
    void process(Message& m) override {
      if (m.primitive == Primitive::param) names.insert(m.name);
      if (m.primitive == Primitive::prng_key || m.primitive == Primitive::plate) m.key = site_key(Key(0), m.name);
      if (m.primitive != Primitive::sample || m.value.defined()) return;
      if (!m.observation) names.insert(m.name);
      m.key = site_key(Key(0), m.name);
    }
    std::set<std::string> names;
  } latent;
  detail::trace_program({}, [&](const detail::Values&) {
    Active active(latent);
    model.run();
    return detail::Values{};
  }, Where::current());
  Draws result;
  result.chains = all.chains;
  result.per_chain = all.per_chain;
  for (std::size_t i = 0; i < all.names.size(); ++i) {
    if (!latent.names.contains(all.names[i])) continue;
    result.names.push_back(all.names[i]);
    result.values.push_back(all.values[i]);
  }
  return result;
}

void store(Dataset& to, const SimulatedSite& site, Array values, const Draws& draws) {
  values.shape = {draws.chains, draws.per_chain};
  values.shape.insert(values.shape.end(), site.shape.begin(), site.shape.end());
  set_plate_labels(to, site);
  to.set_draws(site.name, detail::wrap(detail::concrete(std::move(values))), dims_of(site));
}

InferenceData predict(const BoundModel& model, const Dataset* posterior, const PredictiveOptions& options, const Key& key,
                      Wanted wanted, Where where) {
  Draws draws;
  if (posterior) {
    draws = latent_draws(model, *posterior);
    if (draws.rows() == 0) throw Error("Predictive: the posterior has no draws", where);
  } else {
    draws.per_chain = options.num_samples ? options.num_samples : 1000;
  }
  const DrawProgram program(model, draws, options, posterior != nullptr, wanted, where);
  const std::int64_t rows = draws.rows();
  const std::vector<Array> values = program.run(key, rows, options.batch_size ? options.batch_size : rows,
                                                options.threads ? options.threads : num_threads());
  InferenceData result;
  std::size_t k = 0;
  for (const SimulatedSite& site : program.sites) {
    const bool predictive = site.role == Role::predicted || site.role == Role::observed;
    Dataset& group = posterior ? result.group(options.group) : predictive ? result.prior_predictive : result.prior;
    store(group, site, values[k++], draws);
  }
  Dataset& densities = wanted == Wanted::log_prior ? result.log_prior : result.log_likelihood;
  for (const SimulatedSite& site : program.weighed) store(densities, site, values[k++], draws);
  for (const SimulatedSite& site : program.observed) {
    set_plate_labels(result.observed_data, site);
    result.observed_data.set_data(site.name, program.data.at(site.name), dims_of(site));
  }
  return result;
}

}  // namespace

Predictive::Predictive(Model model, PredictiveOptions options, Where where)
    : model_(std::move(model)), options_(std::move(options)), where_(where) {
  if (options_.num_samples < 0 || options_.batch_size < 0)
    throw Error("Predictive: .num_samples and .batch_size must not be negative", where);
}

Predictive::Predictive(Model model, const InferenceData& draws, PredictiveOptions options, Where where, int)
    : Predictive(std::move(model), std::move(options), where) {
  if (options_.num_samples > 0)
    throw Error("Predictive: every draw of the posterior makes one prediction; .num_samples is for the prior", where);
  if (draws.posterior.empty() && draws.prior.empty())
    throw Error("Predictive: there are no draws: neither a group posterior nor a group prior", where);
  draws_ = share<const Dataset>(draws.posterior.empty() ? draws.prior : draws.posterior);
}

InferenceData Predictive::run(const Key& key, const BoundModel& model, Where where) const {
  return predict(model, draws_.get(), options_, key, Wanted::predictions, where);
}

InferenceData log_likelihood_of(const BoundModel& model, const InferenceData& draws, Where where) {
  if (draws.posterior.empty() && draws.prior.empty())
    throw Error("log_likelihood: there are no draws: neither a group posterior nor a group prior", where);
  PredictiveOptions options;
  options.log_likelihood = true;
  InferenceData result =
      predict(model, draws.posterior.empty() ? &draws.prior : &draws.posterior, options, Key(0), Wanted::log_likelihood, where);
  if (result.log_likelihood.empty())
    throw Error("log_likelihood: the model has no observation site with data; pass the observations too", where);
  return result;
}

InferenceData log_prior_of(const BoundModel& model, const InferenceData& draws, Where where) {
  if (draws.posterior.empty() && draws.prior.empty())
    throw Error("log_prior: there are no draws: neither a group posterior nor a group prior", where);
  InferenceData result =
      predict(model, draws.posterior.empty() ? &draws.prior : &draws.posterior, PredictiveOptions(), Key(0), Wanted::log_prior, where);
  if (result.log_prior.empty()) throw Error("log_prior: the model has no latent site", where);
  result.observed_data = Dataset();
  return result;
}

InferenceData infer_discrete_of(const BoundModel& model, const InferenceData& draws, const Key* key, Where where) {
  if (draws.posterior.empty()) throw Error("infer_discrete: there is no group posterior", where);
  const detail::RecoverDiscrete active(key ? detail::DiscreteRecovery::sample : detail::DiscreteRecovery::map);
  const InferenceData found =
      predict(model, &draws.posterior, PredictiveOptions(), key ? *key : Key(0), Wanted::recovered, where);
  if (found.posterior_predictive.empty())
    throw Error("infer_discrete: the model has no site that was summed out; give it marginalize(model, ...)", where);
  InferenceData result = draws;
  for (const DataArray& variable : found.posterior_predictive.variables())
    result.posterior.set(variable.name(), variable, where);
  return result;
}

}  // namespace nuthatch
