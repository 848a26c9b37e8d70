#pragma once
/// print("{} {:.3f}\n", x, y): formatting in the notation of std::format.
#include <initializer_list>
#include <string>
#include <string_view>

#include "nuthatch/tensor.h"

namespace nuthatch {

namespace detail {
/// One argument of print, type-erased: a number keeps its kind for the format, everything else is a tensor or text.
struct PrintArgument {
  enum class Kind : std::uint8_t { integer, unsigned_integer, real, boolean, text, tensor } kind;
  union {
    std::int64_t integer;
    std::uint64_t unsigned_integer;
    double real;
    bool boolean;
  };
  std::string text;
  Tensor tensor;

  // The common types are not templates: their code is compiled once.
  PrintArgument(bool x);
  PrintArgument(char x);
  PrintArgument(int x);
  PrintArgument(long x);
  PrintArgument(long long x);
  PrintArgument(unsigned x);
  PrintArgument(unsigned long x);
  PrintArgument(unsigned long long x);
  PrintArgument(float x);
  PrintArgument(double x);
  PrintArgument(const char* x);
  PrintArgument(std::string_view x);
  PrintArgument(const std::string& x);
  PrintArgument(const Tensor& x);
  PrintArgument(const PrintArgument&);
  ~PrintArgument();
  template <class T>
  PrintArgument(const T& x) : PrintArgument(printable(x)) {}

  template <class T>
  static auto printable(const T& x) {
    if constexpr (std::is_integral_v<T>) return (long long)(x);  // short, signed char, ...
    else if constexpr (std::is_convertible_v<const T&, std::string_view>) return std::string(std::string_view(x));
    else if constexpr (requires { { to_string(x) } -> std::convertible_to<std::string>; } &&
                       !std::is_base_of_v<Tensor, T>)
      return std::string(to_string(x));
    else {
      static_assert(std::is_convertible_v<const T&, Tensor>, "print: give the type a to_string");
      return Tensor(x);
    }
  }
};
std::string format_arguments(std::string_view format, std::initializer_list<PrintArgument> arguments);
void print_text(const std::string&);
}  // namespace detail

/// Text with {} and {:spec} replaced by the arguments in turn; {{ and }} are braces. A spec applies to each element of a
/// tensor. Any type with a to_string found by its namespace can be printed. Error: too few arguments, or a bad spec.
template <class... A>
std::string format(std::string_view text, const A&... arguments) {
  return detail::format_arguments(text, {detail::PrintArgument(arguments)...});
}
/// format() to standard output.
template <class... A>
void print(std::string_view text, const A&... arguments) {
  detail::print_text(detail::format_arguments(text, {detail::PrintArgument(arguments)...}));
}

}  // namespace nuthatch
