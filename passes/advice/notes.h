#pragma once
// What a pass did that its user may want to know: "the sum at model.cpp:12 is computed from sufficient statistics". Lines
// are kept while somebody listens (explain does), and cost nothing otherwise.
#include <string>
#include <vector>

namespace nuthatch::passes {

/// Collects the notes that passes make on this thread during its life. The innermost listener gets them.
class Notes {
 public:
  Notes();
  ~Notes();
  Notes(const Notes&) = delete;
  Notes& operator=(const Notes&) = delete;

  std::vector<std::string> lines;  // in the order in which they came, each once

  static bool wanted();
  static void add(std::string line);

 private:
  Notes* before;
};

}  // namespace nuthatch::passes
