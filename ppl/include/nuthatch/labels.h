#pragma once
/// Names of the members of a plate: they become the coordinates of a dimension in results and files.
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace nuthatch {

class Tensor;

struct Labels : std::vector<std::string> {
  Labels();
  Labels(std::initializer_list<std::string> labels);
  explicit Labels(std::vector<std::string> labels);
  /// The numbers of a concrete vector of integers: Labels(arange(1000)) are "0", "1", ...
  explicit Labels(const Tensor& numbers);
  // Defined in one place: every model file would compile them.
  Labels(const Labels&);
  Labels(Labels&&) noexcept;
  Labels& operator=(const Labels&);
  Labels& operator=(Labels&&) noexcept;
  ~Labels();
};

}  // namespace nuthatch
