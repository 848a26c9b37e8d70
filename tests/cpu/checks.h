#pragma once
// The compiler's checks of its own memory (NUTHATCH_CHECK) for a part of a test.
#include <cstdlib>
#include <string>

namespace nuthatch::test {

/// Sets NUTHATCH_CHECK for its own lifetime.
class Checks {
public:
  explicit Checks(const char* list) {
    if (const char* value = std::getenv("NUTHATCH_CHECK")) before = value;
    ::setenv("NUTHATCH_CHECK", list, 1);
  }
  ~Checks() { ::setenv("NUTHATCH_CHECK", before.c_str(), 1); }

private:
  std::string before;
};

} // namespace nuthatch::test
