// Elimination of enumerated discrete variables from a product of factors with plates: tensor variable elimination,
// Obermeyer et al. (2019), Tensor variable elimination for plated factor graphs.
//
// Everything is in log space and aligned at the last dimension. Dimensions of plates are on the right, every variable has
// a dimension of its own to their left, counted from the end.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "nuthatch/discrete.h"
#include "nuthatch/message.h"
#include "nuthatch/random.h"

namespace nuthatch::discrete {

/// Plates by name, with their dimension.
using Plates = std::map<std::string, int>;

/// A discrete variable that takes the values support[0 ... k-1]. A chain has one value per member of the plate of its steps
/// at dimension -1, linked by transitions; in plates there is one chain per member.
struct Variable {
  std::string name;
  int dim = 0;
  Tensor support;
  Plates plates;
  std::vector<PlateFrame> frames;
  Where where;
  bool chain = false;
  std::int64_t length = 0;             // of a chain
  Shape copies;                        // its batch shape
  Tensor log_initial, log_transition;  // [..., k], [..., k, k]
  std::int64_t k() const { return support.size(); }
};

/// A factor: the log density of one site, of one number per member of its plates and value of its variables.
struct Factor {
  Tensor value;
  Plates plates;
  std::set<int> variables;  // by dimension
  Tensor scale;             // of its contribution to the log density; undefined means 1
  std::vector<std::string> observations;
};

enum class Semiring { sum, max };

/// One variable, or all chains that are coupled, eliminated from the product of the factors that contain it.
struct Step {
  int variable = 0;
  Tensor product;  // before elimination; of chains: log emission probabilities [steps, ...copies, k_1, ..., k_n]
  std::set<int> others;
  std::vector<int> chains{};
};

struct Eliminated {
  Tensor total;  // scalar
  /// Per observation site that is alone in its component, the log density of each member, of its plates' shape, and its
  /// scale: not in total.
  std::map<std::string, std::pair<Tensor, Tensor>> pointwise;
  std::vector<Step> steps;  // in order
};

/// One scale for factors that are summed over a variable together; an Error when there is none.
Tensor common_scale(const Tensor& a, const Tensor& b, const std::string& variable);
/// 0 ... k-1 along the dimension of a variable.
Tensor values_along(const Variable&);

Eliminated eliminate(std::vector<Factor> factors, const std::vector<Variable>& variables, Semiring semiring, ChainSum how);

/// Values of all variables given the rest: a draw (Semiring::sum), or the most probable (Semiring::max), as their places in
/// the support. By dimension, without the variable's own.
std::map<int, Tensor> assignments(const Eliminated&, const std::vector<Variable>&, Semiring, const Key& key);
/// The value of a variable in the shape of its plates.
Tensor value_of(const Variable&, const Tensor& place);

}  // namespace nuthatch::discrete
