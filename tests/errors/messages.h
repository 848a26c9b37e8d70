#pragma once
// What an expression throws, and the line it names.
#include <gtest/gtest.h>

#include <string>

#include "nuthatch/error.h"

namespace nuthatch {

/// The text of the Error that f throws; "(no error)" when it throws none.
template <class F>
std::string text_of_error(F&& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "(no error)";
}

inline void expect_part(const std::string& text, const std::string& part, const char* file, int line) {
  if (text.find(part) == std::string::npos)
    ADD_FAILURE_AT(file, line) << "the message is\n" << text << "\nwhich lacks\n" << part;
}

}  // namespace nuthatch

/// The expression throws an Error whose text has this part.
#define EXPECT_ERROR(part, ...) \
  ::nuthatch::expect_part(::nuthatch::text_of_error([&] { static_cast<void>(__VA_ARGS__); }), part, __FILE__, __LINE__)
/// The same, and the text begins with the file and line of this statement.
#define EXPECT_ERROR_HERE(part, ...)                                                                                 \
  do {                                                                                                               \
    const std::string text_ = ::nuthatch::text_of_error([&] { static_cast<void>(__VA_ARGS__); });                    \
    const std::string path_ = __FILE__;                                                                              \
    const std::string here_ = path_.substr(path_.find_last_of('/') + 1) + ":" + std::to_string(__LINE__) + ": ";     \
    ::nuthatch::expect_part(text_, part, __FILE__, __LINE__);                                                        \
    EXPECT_EQ(text_.substr(0, here_.size()), here_) << text_;                                                        \
  } while (false)
