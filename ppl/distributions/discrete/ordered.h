#pragma once
/// Log probabilities of the categories between cutpoints. A location [...] and cutpoints [..., K-1] give [..., K].
#include "nuthatch/tensor.h"

namespace nuthatch::detail {

/// Of a standard logistic variable + location.
Tensor ordered_logistic_log_probs(const Tensor& location, const Tensor& cutpoints);
/// Of a normal variable with standard deviation `scale` + location.
Tensor ordered_probit_log_probs(const Tensor& location, const Tensor& cutpoints, const Tensor& scale);

}  // namespace nuthatch::detail
