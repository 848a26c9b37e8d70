#include "nuthatch/labels.h"

#include "nuthatch/tensor.h"

namespace nuthatch {

Labels::Labels() = default;
Labels::Labels(std::initializer_list<std::string> labels) : std::vector<std::string>(labels) {}
Labels::Labels(std::vector<std::string> labels) : std::vector<std::string>(std::move(labels)) {}
Labels::Labels(const Tensor& numbers) {
  if (numbers.dtype() != i64 || numbers.shape().size() != 1)
    throw Error("Labels: numbers of members are a vector of integers, not " + std::string(name(numbers.dtype())) + " of shape " +
                to_string(numbers.shape()));
  for (std::int64_t n : numbers.to_vector<std::int64_t>()) push_back(std::to_string(n));
}
Labels::Labels(const Labels&) = default;
Labels::Labels(Labels&&) noexcept = default;
Labels& Labels::operator=(const Labels&) = default;
Labels& Labels::operator=(Labels&&) noexcept = default;
Labels::~Labels() = default;

}  // namespace nuthatch
