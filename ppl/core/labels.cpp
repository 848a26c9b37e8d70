#include "nuthatch/labels.h"

namespace nuthatch {

Labels::Labels() = default;
Labels::Labels(std::initializer_list<std::string> labels) : std::vector<std::string>(labels) {}
Labels::Labels(std::vector<std::string> labels) : std::vector<std::string>(std::move(labels)) {}
Labels::Labels(const Labels&) = default;
Labels::Labels(Labels&&) noexcept = default;
Labels& Labels::operator=(const Labels&) = default;
Labels& Labels::operator=(Labels&&) noexcept = default;
Labels::~Labels() = default;

}  // namespace nuthatch
