#include "inference/kernels/composite.h"

#include <algorithm>

#include "inference/kernels/hamiltonian.h"
#include "nuthatch/array.h"
#include "nuthatch/index.h"
#include "nuthatch/math.h"
#include "nuthatch/transform.h"

namespace nuthatch::kernels {
namespace {

// A state: the leaves of the composite's own Output, then those of the inner kernel.
constexpr std::size_t own_leaves = 5;

Output own_output(const std::vector<Tensor>& state) {
  return {state[0], state[1], state[2], state[3], state[4]};
}
std::vector<Tensor> inner_state(const std::vector<Tensor>& state) {
  return {state.begin() + own_leaves, state.end()};
}
std::vector<Tensor> joined(const Output& output, const std::vector<Tensor>& inner) {
  std::vector<Tensor> state = tree::flatten(output);
  state.insert(state.end(), inner.begin(), inner.end());
  return state;
}

}  // namespace

std::int64_t Partition::inner_size() const {
  std::int64_t size = 0;
  for (const Piece& p : pieces) size += p.inner ? p.size : 0;
  return size;
}

Tensor Partition::inner(const Tensor& z) const {
  std::vector<Tensor> parts;
  for (const Piece& p : pieces)
    if (p.inner) parts.push_back(z[slice(p.offset, p.offset + p.size)]);
  return parts.empty() ? zeros(0) : concat(parts);
}

Tensor Partition::merge(const Tensor& inner, const Tensor& z) const {
  std::vector<Tensor> parts;
  std::int64_t next = 0;
  for (const Piece& p : pieces) {
    parts.push_back(p.inner ? inner[slice(next, next + p.size)] : z[slice(p.offset, p.offset + p.size)]);
    next += p.inner ? p.size : 0;
  }
  return concat(parts);
}

std::vector<Statistic> CompositeRule::statistics() const {
  if (inner_) return inner_->statistics();
  return {{"acceptance_rate", f64}, {"lp", f64}};
}

Output CompositeRule::output(const std::vector<Tensor>& state) const { return own_output(state); }

// A dense metric: the inner coordinates come first (see inner_rule), and the leading block of a Cholesky factor is the
// factor of the leading block.
Tuning CompositeRule::inner_tuning(const Tuning& t) const {
  if (t.inverse_mass.ndim() == 1)
    return {t.step_size, partition_.inner(t.inverse_mass), partition_.inner(t.momentum_scale)};
  const Slice leading = slice(0, partition_.inner_size());
  return {t.step_size, t.inverse_mass(leading, leading), t.momentum_scale(leading, leading)};
}

Target CompositeRule::inner_target(const Target& target, const Tensor& z) const {
  const auto log_density = [this, &target, z](const Tensor& x) { return target.log_density(partition_.merge(x, z)); };
  return {partition_.inner_size(), [=](const Tensor& x) { return value_and_grad(log_density)(x); }, log_density};
}

std::vector<Tensor> CompositeRule::init(const Chain& chain, const Start& start, const Target& target) const {
  const Tensor no = full(Shape{}, Tensor(false));
  const Output output{start.position, zeros(target.dim), zeros(std::int64_t(statistics().size())), no, no};
  if (!inner_) return joined(output, {});
  const Start part{partition_.inner(start.position), start.max_attempts, start.radius};
  return joined(output, inner_->init(chain, part, Target{partition_.inner_size(), {}, {}}));
}

std::vector<Tensor> CompositeRule::tick(const Chain& chain, const std::vector<Tensor>& before, const Tuning& tuning,
                                        const Target& target) const {
  Output own = own_output(before);
  if (!inner_) {
    own.drawn = full(Shape{}, Tensor(false));
    return update_if(chain.live, joined(own, {}), [&](const std::vector<Tensor>& s) {
      Output drawn = own;
      drawn.drawn = full(Shape{}, Tensor(true));
      drawn.stats = ones(2);
      return end_of_draw(chain, s, drawn, target);
    });
  }
  const auto inner = inner_->tick(chain, inner_state(before), inner_tuning(tuning), inner_target(target, own.position));
  const Output drawn = inner_->output(inner);
  const Tensor nowhere = zeros(own.position.shape());
  own = {partition_.merge(drawn.position, own.position), partition_.merge(drawn.gradient, nowhere), drawn.stats,
         drawn.drawn, drawn.failed};
  return update_if(drawn.drawn & chain.live, joined(own, inner), [&](const std::vector<Tensor>& s) {
    return end_of_draw(chain, s, own, target);
  });
}

std::vector<Tensor> CompositeRule::end_of_draw(const Chain& chain, const std::vector<Tensor>& before, const Output& drawn,
                                               const Target& target) const {
  Output own = drawn;
  const Key key = draw_key(chain.key, chain.draw, Purpose::update);
  for (std::size_t i = 0; i < updates_.size(); ++i)
    own.position = updates_[i](fold_in(key, Tensor(std::int64_t(i))), own.position, target);
  std::vector<Tensor> inner = inner_state(before);
  Tensor log_density;
  if (inner_) {
    auto [value, gradient] = inner_target(target, own.position).value_and_grad(partition_.inner(own.position));
    inner = inner_->retarget(inner, value, gradient);
    log_density = value;
  } else {
    log_density = target.log_density(own.position);
  }
  const auto names = statistics();
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i].name == "lp") own.stats = select(arange(own.stats.size()) == std::int64_t(i), log_density, own.stats);
  return joined(own, inner);
}

// A tick in vain takes the statistics of the inner kernel again, without what the updates have changed.
std::vector<Tensor> CompositeRule::at_rest(const std::vector<Tensor>& finished) const {
  Output own = own_output(finished);
  own.drawn = full(own.drawn.shape(), Tensor(false));
  if (!inner_) return joined(own, {});
  const auto inner = inner_->at_rest(inner_state(finished));
  own.stats = inner_->output(inner).stats;
  return joined(own, inner);
}

std::string describe_parts(const std::vector<std::pair<std::string, std::string>>& part_and_site) {
  std::vector<std::pair<std::string, std::string>> parts;
  for (const auto& [part, site] : part_and_site) {
    const auto known = std::find_if(parts.begin(), parts.end(), [&](const auto& p) { return p.first == part; });
    if (known == parts.end()) parts.emplace_back(part, site);
    else known->second += ", " + site;
  }
  std::string text;
  for (const auto& [part, sites] : parts) text += (text.empty() ? "" : "; ") + part + ": " + sites;
  return text;
}

Shared<const detail::KernelRule> inner_rule(const char* outer, const KernelSettings& inner,
                                                     const LogDensity& density, Where where) {
  if (inner.ensemble_rule)
    throw Error(std::string(outer) + ": " + inner.name + " moves all chains together and cannot be the inner kernel", where);
  auto rule = inner.rule(density);
  if (!rule->can_retarget())
    throw Error(std::string(outer) + ": " + inner.name + " cannot be the inner kernel; NUTS and HMC can", where);
  return rule;
}

}  // namespace nuthatch::kernels
