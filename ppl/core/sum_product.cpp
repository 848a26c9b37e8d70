#include "ppl/core/sum_product.h"

#include <algorithm>

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/handlers.h"
#include "nuthatch/hidden_markov.h"
#include "nuthatch/index.h"
#include "nuthatch/math.h"

namespace nuthatch::discrete {
namespace {

const Variable& variable_at(const std::vector<Variable>& variables, int dim) {
  return *std::find_if(variables.begin(), variables.end(), [&](const Variable& v) { return v.dim == dim; });
}

/// Position of a dimension counted from the end; -1 when the tensor has fewer.
int axis_of(const Tensor& x, int dim) { return int(x.ndim()) + dim; }

Tensor reduced(const Tensor& x, int dim, Semiring semiring) {
  const int axis = axis_of(x, dim);
  if (axis < 0) return x;
  return semiring == Semiring::sum ? logsumexp(x, {.axis = axis, .keepdims = true})
                                   : max(x, {.axis = axis, .keepdims = true});
}

/// One scale for factors that are summed over a variable together.
Tensor common_scale(const Tensor& a, const Tensor& b, const std::string& variable) {
  if (!a.defined() && !b.defined()) return a;
  const bool same = a.defined() && b.defined() &&
                    (detail::value(a) == detail::value(b) ||
                     (a.is_concrete() && b.is_concrete() && a.shape() == b.shape() && a.to_vector() == b.to_vector()));
  if (!same || !a.shape().empty())
    throw Error("marginalize: sites that depend on \"" + variable +
                "\" must have one common scale (a number), else their sum over its values is no density");
  return a;
}

Factor product(const std::vector<Factor>& factors, const std::string& variable) {
  Factor result = factors.front();
  for (std::size_t i = 1; i < factors.size(); ++i) {
    const Factor& f = factors[i];
    result.value = result.value + f.value;
    result.variables.insert(f.variables.begin(), f.variables.end());
    result.scale = common_scale(result.scale, f.scale, variable);
    result.observations.insert(result.observations.end(), f.observations.begin(), f.observations.end());
  }
  return result;
}

bool is_subset(const Plates& a, const Plates& b) {
  return std::all_of(a.begin(), a.end(), [&](const auto& plate) { return b.contains(plate.first); });
}

class Elimination {
 public:
  Elimination(std::vector<Factor> factors, const std::vector<Variable>& variables, Semiring semiring)
      : factors_(std::move(factors)), variables_(variables), semiring_(semiring) {}

  Eliminated run() {
    result_.total = 0.0;
    while (!factors_.empty()) eliminate_leaf(take_leaf());
    // A chain that nothing depends on: one factor of 1.
    for (const Variable& v : variables_)
      if (v.chain && !emissions_.contains(v.dim)) emissions_[v.dim].value = zeros(Shape{v.k(), v.length});
    for (const auto& [dim, emission] : emissions_) eliminate_chain(variable_at(variables_, dim), emission);
    return std::move(result_);
  }

 private:
  /// All factors of the largest set of plates; what is inside of it is summed before what is around it.
  std::vector<Factor> take_leaf() {
    Plates leaf;
    for (const Factor& f : factors_)
      if (f.plates.size() >= leaf.size()) leaf = f.plates;
    std::vector<Factor> taken, left;
    for (Factor& f : factors_) (f.plates == leaf ? taken : left).push_back(std::move(f));
    factors_ = std::move(left);
    return taken;
  }

  bool belongs(int dim, const Plates& plates) const {
    const Variable& v = variable_at(variables_, dim);
    return !v.chain && v.plates == plates;
  }

  void eliminate_leaf(std::vector<Factor> leaf) {
    const Plates plates = leaf.front().plates;
    for (int dim; (dim = next_variable(leaf, plates)) != 0;) {
      std::vector<Factor> with, without;
      for (Factor& f : leaf) (f.variables.contains(dim) ? with : without).push_back(std::move(f));
      Factor f = product(with, variable_at(variables_, dim).name);
      f.variables.erase(dim);
      result_.steps.push_back({dim, f.value, f.variables});
      f.value = reduced(f.value, dim, semiring_);
      leaf = std::move(without);
      leaf.push_back(std::move(f));
    }
    for (Factor& f : leaf) move_out(std::move(f));
  }

  /// The variable of these plates whose elimination joins the fewest others; 0 when there is none.
  int next_variable(const std::vector<Factor>& leaf, const Plates& plates) const {
    std::map<int, std::set<int>> neighbours;
    for (const Factor& f : leaf)
      for (int dim : f.variables)
        if (belongs(dim, plates)) neighbours[dim].insert(f.variables.begin(), f.variables.end());
    const auto best = std::min_element(neighbours.begin(), neighbours.end(), [](const auto& a, const auto& b) {
      return a.second.size() < b.second.size();
    });
    return best == neighbours.end() ? 0 : best->first;
  }

  /// Multiplies over the plates that no remaining variable has.
  void move_out(Factor f) {
    if (f.variables.empty()) return finish(std::move(f));
    Plates outer;
    const Variable* chain = nullptr;
    for (int dim : f.variables) {
      const Variable& v = variable_at(variables_, dim);
      if (v.chain) chain = &v;
      if (!is_subset(v.plates, f.plates))
        throw Error("marginalize: a site outside of the plates of \"" + v.name + "\" depends on it", v.where);
      outer.insert(v.plates.begin(), v.plates.end());
    }
    if (chain) {
      if (f.variables.size() > 1)
        throw Error("marginalize: \"" + chain->name + "\" and another variable outside of its time steps are coupled",
                    chain->where);
      return add_emission(*chain, std::move(f));
    }
    if (outer.size() == f.plates.size())
      throw Error("marginalize: sites in plates that cross each other depend on variables of both; their sum is not "
                  "tractable",
                  variable_at(variables_, *f.variables.begin()).where);
    for (const auto& [name, dim] : f.plates)
      if (!outer.contains(name) && axis_of(f.value, dim) >= 0)
        f.value = sum(f.value, {.axis = axis_of(f.value, dim), .keepdims = true});
    f.plates = outer;
    f.observations.push_back("");  // a site multiplied over plates has no single members any more
    factors_.push_back(std::move(f));
  }

  void add_emission(const Variable& chain, Factor f) {
    bool timed = false;
    for (const auto& [name, dim] : f.plates) {
      if (dim == -1) timed = true;
      else f.value = sum(f.value, {.axis = axis_of(f.value, dim), .keepdims = true});
    }
    if (!timed || f.value.shape().back() != chain.length)
      throw Error("marginalize: what depends on the chain \"" + chain.name + "\" must be in a plate of its " +
                      std::to_string(chain.length) + " steps at dimension -1",
                  chain.where);
    const auto it = emissions_.find(chain.dim);
    if (it == emissions_.end()) emissions_.emplace(chain.dim, std::move(f));
    else it->second = product({it->second, f}, chain.name);
  }

  void eliminate_chain(const Variable& chain, const Factor& f) {
    // [k, 1, ..., length] to [length, k].
    const Tensor emission = transpose(reshape(f.value, Shape{chain.k(), chain.length}));
    result_.steps.push_back({chain.dim, emission, {}});
    Tensor term = semiring_ == Semiring::sum
                      ? hidden_markov_log_prob(chain.log_initial, chain.log_transition, emission)
                      : hidden_markov_max(chain.log_initial, chain.log_transition, emission);
    result_.total = result_.total + (f.scale.defined() ? f.scale * term : term);
  }

  void finish(Factor f) {
    if (f.observations.size() == 1 && !f.observations[0].empty() && !result_.pointwise.contains(f.observations[0])) {
      result_.pointwise[f.observations[0]] = {f.value, f.scale};
      return;
    }
    const Tensor term = sum(f.value);
    result_.total = result_.total + (f.scale.defined() ? f.scale * term : term);
  }

  std::vector<Factor> factors_;
  const std::vector<Variable>& variables_;
  Semiring semiring_;
  std::map<int, Factor> emissions_;
  Eliminated result_;
};

/// 0 ... k-1 along the dimension of a variable.
Tensor values_along(const Variable& v) {
  Shape shape(std::size_t(-v.dim), 1);
  shape[0] = v.k();
  return reshape(arange(v.k()), shape);
}

}  // namespace

Eliminated eliminate(std::vector<Factor> factors, const std::vector<Variable>& variables, Semiring semiring) {
  return Elimination(std::move(factors), variables, semiring).run();
}

std::map<std::string, Tensor> assignments(const Eliminated& eliminated, const std::vector<Variable>& variables,
                                          Semiring semiring, const Key& key) {
  std::map<int, Tensor> chosen;  // index of the value, without the variable's own dimension
  for (std::size_t i = eliminated.steps.size(); i-- > 0;) {
    const Step& step = eliminated.steps[i];
    const Variable& v = variable_at(variables, step.variable);
    const Key own = semiring == Semiring::sum ? site_key(key, v.name) : Key();
    if (v.chain) {
      chosen[v.dim] = semiring == Semiring::sum
                          ? hidden_markov_sample(own, v.log_initial, v.log_transition, step.product)
                          : hidden_markov_path(v.log_initial, v.log_transition, step.product);
      continue;
    }
    Tensor logits = step.product;
    for (int other : step.others) {
      const Variable& u = variable_at(variables, other);
      const Tensor here = values_along(u) == chosen.at(other);
      const Tensor there = select(here, logits, 0.0);
      logits = sum(there, {.axis = axis_of(there, other), .keepdims = true});
    }
    // The variable's dimension last, the plates before it; what stands to its left has extent 1 now.
    logits = moveaxis(reshape(logits, detail::trailing(logits.shape(), std::size_t(-v.dim))), 0, -1);
    chosen[v.dim] = semiring == Semiring::sum ? categorical(own, logits) : argmax(logits, -1);
  }
  std::map<std::string, Tensor> result;
  for (const Variable& v : variables) {
    Tensor index = chosen.at(v.dim);
    if (!v.chain) {
      Shape shape;
      int deepest = 0;
      for (const PlateFrame& frame : v.frames) deepest = std::max(deepest, -frame.dim);
      shape.assign(std::size_t(deepest), 1);
      for (const PlateFrame& frame : v.frames) shape[std::size_t(deepest + frame.dim)] = frame.size;
      index = reshape(index, shape);
    }
    result[v.name] = take(v.support, index);
  }
  return result;
}

}  // namespace nuthatch::discrete
