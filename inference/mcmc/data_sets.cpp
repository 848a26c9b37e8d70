#include "inference/mcmc/data_sets.h"

#include <cstring>

#include "nuthatch/array.h"

namespace nuthatch {

detail::FitArguments::FitArguments(Where where) : where_(where) {}
detail::FitArguments::~FitArguments() = default;
void detail::FitArguments::add_argument(Argument argument) { arguments_.push_back(std::move(argument)); }
void detail::FitArguments::add_each(const Each& argument) {
  const Tensor& x = argument.stacked;
  if (!x.defined() || x.ndim() < 1 || x.size(0) < 1)
    throw Error("each: needs data sets along the first axis, not a tensor of shape " +
                    (x.defined() ? to_string(x.shape()) : std::string("none")),
                where_);
  if (!x.is_concrete()) throw Error("each: a traced value; inference runs outside traced functions", where_);
  if (num_sets_ > 0 && x.size(0) != num_sets_)
    throw Error("each: " + std::to_string(x.size(0)) + " data sets, another argument has " + std::to_string(num_sets_),
                where_);
  num_sets_ = x.size(0);
  stacked_.emplace_back(arguments_.size(), x);
  arguments_.push_back(Argument(x));
}

BoundModel detail::FitArguments::bind(const Model& model, std::int64_t i) const {
  std::vector<Argument> arguments = arguments_;
  for (const auto& [position, stacked] : stacked_) arguments[position] = Argument(Tensor(stacked[i]));
  return model.bind(arguments, where_);
}

namespace mcmc {
namespace {

using detail::Array;

bool same_shapes(const LogDensity& a, const LogDensity& b) {
  if (a.dim() != b.dim() || a.sites().size() != b.sites().size() || a.data().size() != b.data().size()) return false;
  for (std::size_t i = 0; i < a.sites().size(); ++i)
    if (a.sites()[i].name != b.sites()[i].name || a.sites()[i].shape != b.sites()[i].shape) return false;
  return true;
}

/// x of each set, `chains` times: [sets * chains, ...].
Tensor repeated(const std::vector<Tensor>& sets, std::int64_t chains) {
  const Array& first = detail::value(sets.front())->array;
  Shape shape{std::int64_t(sets.size()) * chains};
  shape.insert(shape.end(), first.shape.begin(), first.shape.end());
  Array all(first.dtype, shape);
  std::byte* to = all.data.get();
  for (const Tensor& set : sets)
    for (std::int64_t c = 0; c < chains; ++c, to += first.bytes())
      std::memcpy(to, detail::value(set)->array.data.get(), first.bytes());
  return detail::wrap(detail::concrete(std::move(all)));
}

}  // namespace

DataSets::DataSets(const Kernel& kernel, const MCMCOptions& options, const detail::FitArguments& arguments, Where where)
    : stacked_(arguments.num_sets() > 0), dim_(options.each_dim) {
  const std::string& name = kernel.settings().name;
  if (!stacked_ && !options.each.empty())
    throw Error("MCMC: .each has labels, but no argument is each(...)", where);
  if (stacked_ && !options.each.empty() && std::int64_t(options.each.size()) != arguments.num_sets())
    throw Error("MCMC: .each has " + std::to_string(options.each.size()) + " labels for " +
                    std::to_string(arguments.num_sets()) + " data sets",
                where);
  if (stacked_ && !kernel.settings().any_data)
    throw Error("MCMC: " + name + " takes one data set; each(...) works with NUTS, HMC, BarkerMH, RandomWalkMetropolis, "
                                  "SliceSampler, SA, MCLMC and MAMS",
                where);
  if (stacked_ && !options.stream_to.empty())
    throw Error("MCMC: .stream_to writes one fit; many fits at once are kept in memory", where);
  for (std::int64_t i = 0; i < std::max<std::int64_t>(1, arguments.num_sets()); ++i) {
    densities_.emplace_back(arguments.bind(kernel.model(), i), kernel.settings().latents);
    if (!same_shapes(densities_.front(), densities_.back()))
      throw Error("MCMC: data set " + std::to_string(i) + " gives the model other latent variables than data set 0; " +
                      "missing values must be in the same places",
                  where);
  }
  if (stacked_) labels_ = options.each.empty() ? Coordinate::range(size()) : Coordinate(std::vector<std::string>(options.each));
}

LogDensityFunction DataSets::target(std::int64_t chains, std::int64_t walkers) const {
  LogDensityFunction f;
  f.dim = density().dim() * walkers;
  f.log_density = [density = density()](const Tensor& z, const std::vector<Tensor>& data) { return density(z, data); };
  f.data = density().data();
  if (!stacked_) return f;
  f.own_data.assign(f.data.size(), false);
  for (std::size_t k = 0; k < f.data.size(); ++k) {
    std::vector<Tensor> sets;
    bool differs = false;
    for (const LogDensity& d : densities_) {
      sets.push_back(d.data()[k]);
      differs |= detail::value(sets.back())->array.data != detail::value(sets.front())->array.data;
    }
    if (!differs) continue;
    f.data[k] = repeated(sets, chains);
    f.own_data[k] = true;
  }
  return f;
}

}  // namespace mcmc
}  // namespace nuthatch
