#include "nuthatch/optim.h"

#include <cmath>
#include <string>

#include "nuthatch/array.h"
#include "nuthatch/math.h"

namespace nuthatch {
namespace {

class SgdRule final : public Optimiser::Rule {
 public:
  int memory() const override { return 0; }
  Tensor update(const Tensor& x, const Tensor& g, const Tensor&, const Tensor& a, std::vector<Tensor>&) const override {
    return x - a * g;
  }
};

class MomentumRule final : public Optimiser::Rule {
 public:
  explicit MomentumRule(const MomentumOptions& o) : o_(o) {}
  int memory() const override { return 1; }
  Tensor update(const Tensor& x, const Tensor& g, const Tensor&, const Tensor& a, std::vector<Tensor>& m) const override {
    m[0] = o_.mass * m[0] + g;
    return x - a * m[0];
  }

 private:
  MomentumOptions o_;
};

class AdagradRule final : public Optimiser::Rule {
 public:
  explicit AdagradRule(const AdagradOptions& o) : o_(o) {}
  int memory() const override { return 2; }
  Tensor update(const Tensor& x, const Tensor& g, const Tensor&, const Tensor& a, std::vector<Tensor>& m) const override {
    m[0] = m[0] + square(g);
    const Tensor seen = m[0] > 0.0;
    const Tensor scaled = select(seen, g * rsqrt(select(seen, m[0], 1.0)), 0.0);
    m[1] = o_.momentum * m[1] + (1.0 - o_.momentum) * scaled;
    return x - a * m[1];
  }

 private:
  AdagradOptions o_;
};

class RmsRule final : public Optimiser::Rule {
 public:
  explicit RmsRule(const RMSPropOptions& o) : o_(o) {}
  int memory() const override { return o_.momentum > 0 ? 2 : 1; }
  Tensor update(const Tensor& x, const Tensor& g, const Tensor&, const Tensor& a, std::vector<Tensor>& m) const override {
    m[0] = o_.gamma * m[0] + (1.0 - o_.gamma) * square(g);
    const Tensor move = a * g / sqrt(m[0] + o_.epsilon);
    if (!(o_.momentum > 0)) return x - move;
    m[1] = o_.momentum * m[1] + move;
    return x - m[1];
  }

 private:
  RMSPropOptions o_;
};

class AdamRule final : public Optimiser::Rule {
 public:
  AdamRule(const AdamOptions& o, double clip, double weight_decay) : o_(o), clip_(clip), weight_decay_(weight_decay) {}
  int memory() const override { return 2; }
  Tensor update(const Tensor& x, const Tensor& gradient, const Tensor& step, const Tensor& a,
                std::vector<Tensor>& m) const override {
    const Tensor g = std::isinf(clip_) ? gradient : clamp(gradient, -clip_, clip_);
    m[0] = o_.beta1 * m[0] + (1.0 - o_.beta1) * g;
    m[1] = o_.beta2 * m[1] + (1.0 - o_.beta2) * square(g);
    const Tensor mean = m[0] / (1.0 - pow(o_.beta1, step + 1.0)), squares = m[1] / (1.0 - pow(o_.beta2, step + 1.0));
    const Tensor direction = mean / (sqrt(squares) + o_.epsilon);
    return x - a * (weight_decay_ > 0 ? direction + weight_decay_ * x : direction);
  }

 private:
  AdamOptions o_;
  double clip_, weight_decay_;
};

Optimiser adam(const char* name, const AdamOptions& o, double clip = INFINITY, double weight_decay = 0) {
  const auto require = [&](bool good, const char* what) {
    if (!good) throw Error(std::string(name) + ": " + what);
  };
  require(o.beta1 >= 0 && o.beta1 < 1 && o.beta2 >= 0 && o.beta2 < 1, "beta1 and beta2 must lie in [0, 1)");
  require(o.epsilon > 0, "epsilon must be positive");
  require(clip > 0, "clip_norm must be positive");
  require(weight_decay >= 0, "weight_decay must not be negative");
  return {share<AdamRule>(o, clip, weight_decay), o.step_size};
}

void require_fraction(const char* name, const char* option, double x) {
  if (!(x >= 0 && x < 1)) throw Error(std::string(name) + ": " + option + " must lie in [0, 1), but it is " + std::to_string(x));
}

}  // namespace

Tensor Optimiser::start() { return zeros(Shape{}, i64); }
tree::Leaves Optimiser::zeros_like(tree::Leaves leaves) {
  for (Tensor& x : leaves) x = zeros(x.shape(), x.dtype());
  return leaves;
}

void Optimiser::advance(tree::Leaves& params, const tree::Leaves& gradient, std::vector<tree::Leaves>& memory,
                        const Tensor& step, Where where) const {
  if (gradient.size() != params.size())
    throw Error("update: a gradient of " + std::to_string(gradient.size()) + " tensors for parameters of " +
                    std::to_string(params.size()),
                where);
  const Tensor step_size = step_size_(step);
  for (std::size_t k = 0; k < params.size(); ++k) {
    const Tensor& x = params[k];
    if (gradient[k].shape() != x.shape())
      throw Error("update: a gradient of shape " + to_string(gradient[k].shape()) + " for a parameter of shape " +
                      to_string(x.shape()),
                  where);
    std::vector<Tensor> kept;
    for (const auto& m : memory) kept.push_back(m[k]);
    params[k] = rule_->update(x, gradient[k], step.cast(x.dtype()), step_size.cast(x.dtype()), kept);
    for (std::size_t i = 0; i < memory.size(); ++i) memory[i][k] = kept[i];
  }
}

Optimiser SGD(const SGDOptions& o) { return {share<SgdRule>(), o.step_size}; }
Optimiser Momentum(const MomentumOptions& o) {
  require_fraction("Momentum", "mass", o.mass);
  return {share<MomentumRule>(o), o.step_size};
}
Optimiser Adagrad(const AdagradOptions& o) {
  require_fraction("Adagrad", "momentum", o.momentum);
  return {share<AdagradRule>(o), o.step_size};
}
Optimiser RMSProp(const RMSPropOptions& o) {
  require_fraction("RMSProp", "gamma", o.gamma);
  require_fraction("RMSProp", "momentum", o.momentum);
  if (!(o.epsilon > 0)) throw Error("RMSProp: epsilon must be positive");
  return {share<RmsRule>(o), o.step_size};
}
Optimiser Adam(const AdamOptions& o) { return adam("Adam", o); }
Optimiser ClippedAdam(const ClippedAdamOptions& o) {
  return adam("ClippedAdam", {.step_size = o.step_size, .beta1 = o.beta1, .beta2 = o.beta2, .epsilon = o.epsilon}, o.clip_norm);
}
Optimiser AdamW(const AdamWOptions& o) {
  return adam("AdamW", {.step_size = o.step_size, .beta1 = o.beta1, .beta2 = o.beta2, .epsilon = o.epsilon}, INFINITY,
              o.weight_decay);
}

}  // namespace nuthatch
