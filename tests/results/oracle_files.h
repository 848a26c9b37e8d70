#pragma once
/// Where the numbers computed by other programs are: environment variable NUTHATCH_ORACLES, else beside the
/// repository.
#include <cstdlib>
#include <filesystem>
#include <string>

namespace nuthatch::testing {

inline std::filesystem::path oracle_folder() {
  if (const char* folder = std::getenv("NUTHATCH_ORACLES")) return folder;
#ifdef NUTHATCH_SOURCE_DIR
  return std::filesystem::path(NUTHATCH_SOURCE_DIR) / "../shared/oracles";
#else
  return "../shared/oracles";
#endif
}

} // namespace nuthatch::testing
