#pragma once
/// Names of the members of a plate: they become the coordinates of a dimension in results and files.
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace nuthatch {

struct Labels : std::vector<std::string> {
  Labels() = default;
  Labels(std::initializer_list<std::string> labels) : std::vector<std::string>(labels) {}
  explicit Labels(std::vector<std::string> labels) : std::vector<std::string>(std::move(labels)) {}
};

}  // namespace nuthatch
