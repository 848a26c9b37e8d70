#include "nuthatch/kernels/hmcecs.h"

#include <algorithm>

#include "inference/kernels/composite.h"
#include "inference/kernels/hamiltonian.h"
#include "nuthatch/array.h"
#include "nuthatch/distributions/discrete_uniform.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "nuthatch/reparam.h"
#include "nuthatch/transform.h"

namespace nuthatch {
namespace {

using kernels::CompositeRule;

constexpr const char* suffix = "indices";

/// Makes the members in use of a plate a latent site of the model.
class IndicesAreSites final : public Handler {
 public:
  void process(Message& m) override {
    if (m.primitive != Primitive::plate || m.value.defined()) return;
    const AuxiliarySites sample(*this, m);
    m.value = sample(suffix, DiscreteUniform(0, m.size - 1).expand({m.subsample_size})).cast(i64);
  }
};

/// The plate of which a part is used, and where its members stand in the unconstrained vector.
struct Members {
  std::string plate;
  std::int64_t all = 0, used = 0, offset = 0;
};

Members find_members(const LogDensity& density, Where where) {
  Members found;
  for (const LatentSite& site : density.sites()) {
    if (!site.discrete) continue;
    if (!site.name.ends_with(std::string("_") + suffix) || !found.plate.empty())
      throw Error("HMCECS: the model must have one plate with subsample_size and no discrete site; it has \"" + site.name +
                      "\"" + (found.plate.empty() ? "" : " besides the plate \"" + found.plate + "\""),
                  where);
    found = {site.name.substr(0, site.name.size() - 8), site.num_values, site.size, site.offset};
  }
  if (found.plate.empty()) throw Error("HMCECS: no plate of the model has a subsample_size; use the inner kernel", where);
  if (found.used < 2) throw Error("HMCECS: the plate \"" + found.plate + "\" needs a subsample_size of at least 2", where);
  return found;
}

/// The log density of each member in use at z: [used].
Tensor member_densities(const LogDensity& density, const Members& members, const Tensor& z,
                        const std::vector<Tensor>& data) {
  const Values all = density.log_likelihood(z, data);
  Tensor total = zeros(members.used);
  for (const SiteInfo& site : density.observations()) {
    const auto dim = std::find(site.dims.begin(), site.dims.end(), members.plate);
    if (dim == site.dims.end()) continue;
    const Tensor rows = moveaxis(all.at(site.name), int(dim - site.dims.begin()), 0);
    total = total + sum(reshape(rows, {members.used, -1}), 1);
  }
  return total;
}

/// Expansions of the log densities of all members about one point: values [all], gradients [all, dim], second
/// derivatives [all, dim * dim], empty for degree 1.
class Expansion {
 public:
  Expansion(const LogDensity& density, const Members& members, const Tensor& point, int degree)
      : point_(point) {
    const std::vector<Tensor> data = density.data();
    const auto values = [&](const Tensor& x, const Tensor& indices) {
      return member_densities(density, members, concat({x, indices.cast(f64)}), data);
    };
    const auto value_at = jit(values);
    const auto gradient_at = jit(jacobian(values));
    const auto second_at = jit(jacobian(jacobian(values)));
    std::vector<Tensor> value, gradient, second;
    for (std::int64_t begin = 0; begin < members.all; begin += members.used) {
      const std::int64_t count = std::min(members.used, members.all - begin);
      const Tensor indices = (begin + arange(members.used)) % members.all;
      const auto rows = [&](const Tensor& x) { return reshape(x(slice(0, count)), {count, -1}); };
      value.push_back(rows(value_at(point, indices)));
      gradient.push_back(rows(gradient_at(point, indices)));
      if (degree == 2) second.push_back(rows(second_at(point, indices)));
    }
    value_ = flatten(concat(value)), gradient_ = concat(gradient);
    total_ = {sum(value_), sum(gradient_, 0), Tensor()};
    if (degree == 2) second_ = concat(second), total_.second = sum(second_, 0);
  }

  /// The sum over all members at x.
  Tensor total(const Tensor& x) const {
    Tensor step = x - point_, sum_of_all = total_.value + sum(total_.gradient * step);
    return second_.defined() ? sum_of_all + 0.5 * sum(total_.second * products(step)) : sum_of_all;
  }
  /// Those of some members.
  Tensor of(const Tensor& indices, const Tensor& x) const {
    Tensor step = x - point_, q = take(value_, indices) + matmul(take(gradient_, indices), step);
    return second_.defined() ? q + 0.5 * matmul(take(second_, indices), products(step)) : q;
  }

 private:
  static Tensor products(const Tensor& step) { return flatten(outer(step, step)); }

  Tensor point_, value_, gradient_, second_;
  struct {
    Tensor value, gradient, second;
  } total_;
};

/// The rule of a composite kernel on the estimated log density.
class SubsampledRule final : public CompositeRule {
 public:
  SubsampledRule(Shared<const detail::KernelRule> inner, const LogDensity& density, const Members& members,
                 Expansion expansion, const kernels::Partition& partition, std::vector<Update> updates)
      : CompositeRule("HMCECS", std::move(inner), partition, std::move(updates)), density_(density), members_(members),
        expansion_(std::move(expansion)) {}

  std::vector<Tensor> tick(const Chain& chain, const std::vector<Tensor>& state, const Tuning& tuning,
                           const Target& target) const override {
    const auto estimate = [&](const Tensor& z) { return target.log_density(z) + correction(z); };
    return CompositeRule::tick(chain, state, tuning,
                               {target.dim, [&](const Tensor& z) { return value_and_grad(estimate)(z); }, estimate});
  }

 private:
  /// What the estimate has more than the model, which multiplies log densities in the plate by all / used.
  Tensor correction(const Tensor& z) const {
    const double n = double(members_.all), m = double(members_.used);
    Tensor x = z[slice(0, members_.offset)], indices = z[slice(members_.offset, z.size())].cast(i64);
    Tensor q = expansion_.of(indices, x);
    Tensor difference = member_densities(density_, members_, z, density_.data()) - q;
    return expansion_.total(x) - n / m * sum(q) - 0.5 * n * n / m * variance(difference, {.ddof = 1});
  }

  LogDensity density_;
  Members members_;
  Expansion expansion_;
};

/// New members for one of the blocks, chosen at random.
CompositeRule::Update block_update(const Members& members, std::int64_t blocks) {
  return [=](const Key& key, const Tensor& z, const Target& target) {
    auto [k_block, k_members, k_accept] = split<3>(key);
    Tensor place = arange(z.size()) - members.offset;
    Tensor block = randint(k_block, {}, 0, blocks);
    Tensor fresh = randint(k_members, {z.size()}, 0, members.all).cast(f64);
    Tensor proposal = select((place >= 0) & (place * blocks / members.used == block), fresh, z);
    Tensor ratio = target.log_density(proposal) - target.log_density(z);
    return select(log(uniform(k_accept)) < ratio, proposal, z);
  };
}

}  // namespace

Kernel HMCECS(const Kernel& inner, const HMCECSOptions& o, Where where) {
  if (o.degree != 1 && o.degree != 2) throw Error("HMCECS: .degree is 1 or 2, not " + std::to_string(o.degree), where);
  if (o.num_blocks < 1) throw Error("HMCECS: .num_blocks must be positive, not " + std::to_string(o.num_blocks), where);
  if (inner.settings().metric.kind != Metric::Kind::diagonal && inner.settings().metric.kind != Metric::Kind::automatic)
    throw Error("HMCECS: the metric of " + inner.settings().name + " must be diagonal", where);
  KernelSettings s = inner.settings();
  s.name = "HMCECS";
  s.latents = Latents::any;
  s.metric = diagonal();
  s.any_data = false;
  s.rule = [=, settings = inner.settings()](const LogDensity& density) -> Shared<const detail::KernelRule> {
    const Members members = find_members(density, where);
    if (o.num_blocks > members.used)
      throw Error("HMCECS: .num_blocks = " + std::to_string(o.num_blocks) + " of " + std::to_string(members.used) + " members",
                  where);
    Values at = o.at;
    for (const LatentSite& site : density.sites()) {
      if (site.discrete) at[site.name] = zeros(members.used, i64);
      else if (!at.contains(site.name))
        throw Error("HMCECS: .at has no value of \"" + site.name + "\"", where);
    }
    Tensor point = density.unconstrain(at)[slice(0, members.offset)];
    const kernels::Partition partition{{{0, members.offset, true}, {members.offset, members.used, false}}};
    return share<SubsampledRule>(kernels::inner_rule("HMCECS", settings, density, where), density, members,
                                 Expansion(density, members, point, o.degree), partition,
                                 std::vector<CompositeRule::Update>{block_update(members, o.num_blocks)});
  };
  return Kernel(inner.model().handled([]() -> Shared<Handler> { return share<IndicesAreSites>(); }), std::move(s));
}

}  // namespace nuthatch
