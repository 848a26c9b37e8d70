#pragma once
/// A kernel of any state type as a detail::KernelRule: its state flattened to leaves.

#include "nuthatch/array.h"
#include "nuthatch/kernels/tick_kernel.h"

namespace nuthatch::kernels {

/// A kernel that can go on after its target has changed.
template <class K>
concept Retargetable = requires(const K& kernel, const typename K::State& state, const Tensor& x) {
  { kernel.retarget(state, x, x) } -> std::same_as<typename K::State>;
};

/// A kernel whose ticks leave traces in a chain that is finished, which change no draw.
template <class K>
concept Resting = requires(const K& kernel, const typename K::State& state) {
  { kernel.at_rest(state) } -> std::same_as<typename K::State>;
};

template <TickKernel K>
class TickRule : public detail::KernelRule {
 public:
  TickRule(std::string name, K kernel) : name_(std::move(name)), kernel_(std::move(kernel)) {}

  std::string name() const override { return name_; }
  std::vector<Tensor> init(const Chain& chain, const Start& start, const Target& target) const override {
    return tree::flatten(kernel_.init(chain, start, target));
  }
  std::vector<Tensor> tick(const Chain& chain, const std::vector<Tensor>& state, const Tuning& tuning,
                           const Target& target) const override {
    return tree::flatten(kernel_.tick(chain, typed(state), tuning, target));
  }
  Output output(const std::vector<Tensor>& state) const override { return K::output(typed(state)); }
  std::vector<Statistic> statistics() const override { return kernel_.statistics(); }
  bool can_retarget() const override { return Retargetable<K>; }
  std::vector<Tensor> retarget(const std::vector<Tensor>& state, const Tensor& log_density,
                               const Tensor& gradient) const override {
    if constexpr (Retargetable<K>) return tree::flatten(kernel_.retarget(typed(state), log_density, gradient));
    return KernelRule::retarget(state, log_density, gradient);
  }
  std::vector<Tensor> at_rest(const std::vector<Tensor>& state) const override {
    if constexpr (Resting<K>) return tree::flatten(kernel_.at_rest(typed(state)));
    return state;
  }

 private:
  static typename K::State typed(const std::vector<Tensor>& leaves) { return tree::unflatten(typename K::State{}, leaves); }

  std::string name_;
  K kernel_;
};

}  // namespace nuthatch::kernels
