// A kernel for some coordinates together with updates of the others: the inner kernel draws its coordinates with the rest
// held fixed, then every update changes the rest with the inner coordinates held fixed, and the inner kernel goes on with
// the target that results. Each part leaves the joint target invariant, hence the whole does.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "nuthatch/function.h"
#include "nuthatch/kernels/kernel.h"
#include "nuthatch/kernels/tick_kernel.h"

namespace nuthatch::kernels {

/// Which coordinates of z belong to the inner kernel: pieces of z in order.
struct Partition {
  struct Piece {
    std::int64_t offset, size;
    bool inner;
  };
  std::vector<Piece> pieces;

  std::int64_t inner_size() const;
  /// The inner coordinates of z [dim], in order.
  Tensor inner(const Tensor& z) const;
  /// z with its inner coordinates replaced.
  Tensor merge(const Tensor& inner, const Tensor& z) const;
};

class CompositeRule : public detail::KernelRule {
 public:
  /// z after an update of some coordinates that are not the inner ones, with the randomness of the key.
  using Update = Function<Tensor(const Key&, const Tensor& z, const Target&)>;

  /// `inner` may be null when it has no coordinates. `description` says which part moves which site; empty: the name.
  CompositeRule(std::string name, Shared<const detail::KernelRule> inner, Partition partition,
                std::vector<Update> updates, std::string description = {})
      : name_(std::move(name)), inner_(std::move(inner)), partition_(std::move(partition)),
        updates_(std::move(updates)), description_(std::move(description)) {}

  std::string name() const override { return name_; }
  std::string description() const override { return description_.empty() ? name_ : description_; }
  std::vector<Tensor> init(const Chain&, const Start&, const Target&) const override;
  std::vector<Tensor> tick(const Chain&, const std::vector<Tensor>& state, const Tuning&, const Target&) const override;
  Output output(const std::vector<Tensor>& state) const override;
  std::vector<Statistic> statistics() const override;
  std::vector<Tensor> at_rest(const std::vector<Tensor>& finished) const override;

 private:
  Tuning inner_tuning(const Tuning&) const;
  Target inner_target(const Target&, const Tensor& z) const;
  std::vector<Tensor> end_of_draw(const Chain&, const std::vector<Tensor>& state, const Output& drawn,
                                  const Target&) const;

  std::string name_;
  Shared<const detail::KernelRule> inner_;
  Partition partition_;
  std::vector<Update> updates_;
  std::string description_;
};

/// "NUTS: a, b; Gibbs: c" of pairs of a part and a site; parts and their sites in the order in which they come.
std::string describe_parts(const std::vector<std::pair<std::string, std::string>>& part_and_site);

/// The rule of the inner kernel of a composite one; an Error names `outer` when it cannot be one.
Shared<const detail::KernelRule> inner_rule(const char* outer, const KernelSettings& inner, const LogDensity&,
                                                     Where);

}  // namespace nuthatch::kernels
