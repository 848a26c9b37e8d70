// Guides that bend standard normals by normalising flows.
#include <algorithm>

#include "inference/svi/vector_guide.h"
#include "nuthatch/array.h"
#include "nuthatch/flows.h"

namespace nuthatch {
namespace {

using namespace detail;

/// A network whose tensors are params.
template <class Network>
Network learned(const GuideParams& params, const std::string& name, const Network& start) {
  tree::Leaves leaves = tree::flatten(start);
  const std::vector<std::string> paths = tree::paths(start);
  for (std::size_t i = 0; i < leaves.size(); ++i) leaves[i] = params(name + paths[i], leaves[i], constraints::real);
  return tree::unflatten(start, leaves);
}

Bijector reversed(std::int64_t n) {
  std::vector<std::int64_t> order;
  for (std::int64_t i = n; i-- > 0;) order.push_back(i);
  return transforms::permute(order);
}

template <class Options>
class FlowRule : public VectorRule {
 public:
  FlowRule(const char* name, const Options& o, Where where) : VectorRule(o.prefix, where), o_(o), name_(name) {
    if (o.num_flows < 1) throw Error(std::string(name) + ": num_flows must be at least 1", where);
    if (!(o.init_scale > 0)) throw Error(std::string(name) + ": init_scale must be positive", where);
  }
  const char* name() const override { return name_; }
  const Init& init() const override { return o_.init; }
  Bijector transform(const GuideParams& params, const GuideLayout& layout) const override {
    const std::int64_t n = layout.dim;
    std::vector<Bijector> parts;
    for (std::int64_t k = 0; k < o_.num_flows; ++k) {
      if (k > 0) parts.push_back(reversed(n));
      parts.push_back(flow(params, o_.prefix + "_flow_" + std::to_string(k), fold_in(layout.key, Tensor(k)), n));
    }
    const Tensor loc = params(o_.prefix + "_loc", layout.start, constraints::real_vector());
    const Tensor scale = params(o_.prefix + "_scale", full(Shape{n}, o_.init_scale), constraints::softplus_positive);
    parts.push_back(transforms::affine(loc, scale).independent(1));
    return transforms::compose(parts);
  }

 protected:
  virtual Bijector flow(const GuideParams&, const std::string& name, const Key&, std::int64_t n) const = 0;
  Options o_;

 private:
  const char* name_;
};

class IAFRule final : public FlowRule<AutoIAFOptions> {
 public:
  using FlowRule::FlowRule;

 protected:
  Bijector flow(const GuideParams& params, const std::string& name, const Key& key, std::int64_t n) const override {
    const AutoregressiveOptions options{.hidden = o_.hidden, .skip_connections = o_.skip_connections};
    return transforms::inverse_autoregressive(learned(params, name, autoregressive_network(key, n, options, where)), where);
  }
};

class BNAFRule final : public FlowRule<AutoBNAFOptions> {
 public:
  using FlowRule::FlowRule;

 protected:
  Bijector flow(const GuideParams& params, const std::string& name, const Key& key, std::int64_t n) const override {
    return transforms::block_autoregressive(
        learned(params, name, block_autoregressive_network(key, n, {.hidden = o_.hidden}, where)), where);
  }
};

}  // namespace

AutoIAFNormal::AutoIAFNormal(const Model& model, const AutoIAFOptions& o, Where where)
    : Guide(model, share<IAFRule>("AutoIAFNormal", o, where)) {}
AutoBNAFNormal::AutoBNAFNormal(const Model& model, const AutoBNAFOptions& o, Where where)
    : Guide(model, share<BNAFRule>("AutoBNAFNormal", o, where)) {}

}  // namespace nuthatch
