#include "ppl/core/sum_product.h"

#include <algorithm>

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/handlers.h"
#include "nuthatch/index.h"
#include "nuthatch/math.h"
#include "ppl/core/coupled_chains.h"

namespace nuthatch::discrete {

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

CoupledChains with_emission(const std::vector<Variable>& variables, const std::vector<int>& chains, const Tensor& emission) {
  CoupledChains result;
  for (int chain : chains) {
    const Variable& v = variable_at(variables, chain);
    result.log_initial.push_back(v.log_initial);
    result.log_transition.push_back(v.log_transition);
  }
  result.log_emission = emission;
  return result;
}

class Elimination {
 public:
  Elimination(std::vector<Factor> factors, const std::vector<Variable>& variables, Semiring semiring, ChainSum how)
      : factors_(std::move(factors)), variables_(variables), semiring_(semiring), how_(how) {}

  Eliminated run() {
    result_.total = 0.0;
    while (!factors_.empty()) eliminate_leaf(take_leaf());
    for (const std::vector<int>& chains : coupled_chains()) eliminate_chains(chains);
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
    const Variable *chain = nullptr, *other = nullptr;
    for (int dim : f.variables) {
      const Variable& v = variable_at(variables_, dim);
      (v.chain ? chain : other) = &v;
      if (!is_subset(v.plates, f.plates))
        throw Error("marginalize: a site outside of the plates of \"" + v.name + "\" depends on it", v.where);
      outer.insert(v.plates.begin(), v.plates.end());
    }
    if (chain) {
      if (other)
        throw Error("marginalize: \"" + chain->name + "\" and another variable outside of its time steps, \"" + other->name +
                        "\", are coupled",
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
    for (int dim : f.variables) {
      const Variable& v = variable_at(variables_, dim);
      if (v.length != chain.length || v.plates != chain.plates)
        throw Error("marginalize: chains that are coupled must have the same steps and plates, unlike \"" + v.name + "\" and \"" +
                        chain.name + "\"",
                    chain.where);
    }
    bool timed = false;
    for (const auto& [name, dim] : f.plates) {
      if (dim == -1) timed = true;
      else if (!chain.plates.contains(name)) f.value = sum(f.value, {.axis = axis_of(f.value, dim), .keepdims = true});
    }
    if (!timed || f.value.shape().back() != chain.length)
      throw Error("marginalize: what depends on the chain \"" + chain.name + "\" must be in a plate of its " +
                      std::to_string(chain.length) + " steps at dimension -1",
                  chain.where);
    emissions_.push_back(std::move(f));
  }

  /// Chains by what joins them: a common emission.
  std::vector<std::vector<int>> coupled_chains() const {
    std::vector<std::set<int>> groups;
    for (const Variable& v : variables_)
      if (v.chain) groups.push_back({v.dim});
    for (const Factor& f : emissions_) {
      std::set<int> joined;
      std::erase_if(groups, [&](const std::set<int>& group) {
        const bool touched = std::any_of(group.begin(), group.end(), [&](int dim) { return f.variables.contains(dim); });
        if (touched) joined.insert(group.begin(), group.end());
        return touched;
      });
      groups.push_back(std::move(joined));
    }
    std::vector<std::vector<int>> result;
    for (const auto& group : groups) result.emplace_back(group.rbegin(), group.rend());
    return result;
  }

  /// A factor as [steps, ...copies, k_1, ..., k_n]; extents of what it does not depend on are 1.
  Tensor emission_of(const Factor& f, const std::vector<int>& chains) const {
    const Variable& first = variable_at(variables_, chains[0]);
    const int dims = int(f.value.ndim());
    std::vector<int> axes{dims - 1};
    Shape shape{first.length};
    auto add = [&](int axis) {
      if (axis >= 0) axes.push_back(axis);
      shape.push_back(axis >= 0 ? f.value.shape()[std::size_t(axis)] : 1);
    };
    for (int copy = -int(first.copies.size()); copy < 0; ++copy) {
      int axis = -1;
      for (const auto& [name, dim] : first.plates)
        if (dim == copy) axis = dims + f.plates.at(name);
      add(axis);
    }
    for (int chain : chains) add(f.variables.contains(chain) ? dims + chain : -1);
    for (int axis = 0; axis < dims; ++axis)  // all others have extent 1
      if (std::find(axes.begin(), axes.end(), axis) == axes.end()) axes.push_back(axis);
    return reshape(transpose(f.value, axes), shape);
  }

  void eliminate_chains(const std::vector<int>& chains) {
    const Variable& first = variable_at(variables_, chains[0]);
    Shape shape = detail::join(Shape{first.length}, first.copies);
    for (int chain : chains) shape.push_back(variable_at(variables_, chain).k());
    Tensor emission = zeros(shape), scale;
    bool any = false;
    for (const Factor& f : emissions_) {
      if (std::none_of(chains.begin(), chains.end(), [&](int chain) { return f.variables.contains(chain); })) continue;
      emission = emission + emission_of(f, chains);
      scale = any ? common_scale(scale, f.scale, first.name) : f.scale;
      any = true;
    }
    result_.steps.push_back({chains[0], emission, {}, chains});
    const Tensor term = log_total(with_emission(variables_, chains, emission), semiring_ == Semiring::sum, how_ == ChainSum::tree);
    const Tensor total = term.shape().empty() ? term : sum(term);
    result_.total = result_.total + (scale.defined() ? scale * total : total);
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
  ChainSum how_;
  std::vector<Factor> emissions_;  // of chains
  Eliminated result_;
};

}  // namespace

Tensor values_along(const Variable& v) {
  Shape shape(std::size_t(-v.dim), 1);
  shape[0] = v.k();
  return reshape(arange(v.k()), shape);
}

Eliminated eliminate(std::vector<Factor> factors, const std::vector<Variable>& variables, Semiring semiring, ChainSum how) {
  return Elimination(std::move(factors), variables, semiring, how).run();
}

std::map<int, Tensor> assignments(const Eliminated& eliminated, const std::vector<Variable>& variables, Semiring semiring,
                                  const Key& key) {
  std::map<int, Tensor> chosen;  // index of the value, without the variable's own dimension
  for (std::size_t i = eliminated.steps.size(); i-- > 0;) {
    const Step& step = eliminated.steps[i];
    const Variable& v = variable_at(variables, step.variable);
    const Key own = semiring == Semiring::sum ? site_key(key, v.name) : Key();
    if (v.chain) {
      const auto states = paths(with_emission(variables, step.chains, step.product), semiring == Semiring::sum, own);
      for (std::size_t c = 0; c < states.size(); ++c) chosen[step.chains[c]] = states[c];
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
  return chosen;
}

Tensor value_of(const Variable& v, const Tensor& place) {
  if (v.chain) return take(v.support, place);
  int deepest = 0;
  for (const PlateFrame& frame : v.frames) deepest = std::max(deepest, -frame.dim);
  Shape shape(std::size_t(deepest), 1);
  for (const PlateFrame& frame : v.frames) shape[std::size_t(deepest + frame.dim)] = frame.size;
  return take(v.support, reshape(place, shape));
}

}  // namespace nuthatch::discrete
