#pragma once
/// `.logits` in place of probabilities: log(p / (1 - p)) of a Bernoulli, unnormalised log probabilities of a Categorical.
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Logits {
  OnlyNamed only_named{};
  Tensor logits{};
};

}  // namespace nuthatch
