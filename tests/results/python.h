#pragma once
/// A Python that has the readers of our files: NUTHATCH_PYTHON, else the first python3 that can import them.
#include <cstdlib>
#include <string>

namespace nuthatch::testing {

/// Empty when there is none. `modules` is a list for `import`.
inline std::string find_python(const std::string& modules) {
  const char* chosen = std::getenv("NUTHATCH_PYTHON");
  for (const std::string python : {chosen ? chosen : "python3", "/usr/bin/python3"})
    if (std::system((python + " -c 'import " + modules + "' >/dev/null 2>&1").c_str()) == 0) return python;
  return {};
}

inline bool run_python(const std::string& python, const std::string& script, const std::string& arguments) {
  return std::system((python + " '" + NUTHATCH_SOURCE_DIR + "/tests/results/" + script + "' " + arguments).c_str()) ==
         0;
}

} // namespace nuthatch::testing
