#include "nuthatch/error.h"

#include <string_view>

namespace nuthatch {

std::string to_string(const std::source_location& where) {
  std::string_view file = where.file_name();
  if (auto slash = file.find_last_of("/\\"); slash != file.npos) file.remove_prefix(slash + 1);
  return std::string(file) + ":" + std::to_string(where.line());
}

Error::Error(const std::string& message, std::source_location where)
    : std::runtime_error(where.line() == 0 ? message : to_string(where) + ": " + message) {}

}  // namespace nuthatch
