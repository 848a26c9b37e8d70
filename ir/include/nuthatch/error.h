#pragma once
/// Exceptions. Messages name the operation or argument, the shapes and the caller's source line.
#include <source_location>
#include <stdexcept>
#include <string>

namespace nuthatch {

class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message) : std::runtime_error(message) {}
  /// "file.cpp:12: message"; the file without its folders.
  Error(const std::string& message, std::source_location where);
};

/// A traced value used outside its trace: after it ended, in another thread, or in a sibling trace.
class EscapedTracer : public Error {
 public:
  using Error::Error;
};

/// "file.cpp:12".
std::string to_string(const std::source_location&);

}  // namespace nuthatch
