#include "nuthatch/print.h"

#include <fmt/format.h>

#include <cstdio>

#include "ir/api/formatting.h"
#include "ir/api/layout.h"
#include "ir/api/operands.h"

namespace nuthatch::detail {

namespace {
template <class T>
std::string with_spec(std::string_view spec, const T& x) {
  const std::string field = "{:" + std::string(spec) + "}";
  try {
    return fmt::vformat(field, fmt::make_format_args(x));
  } catch (const fmt::format_error& e) {
    throw Error("print: {:" + std::string(spec) + "}: " + e.what());
  }
}

std::string element_with_spec(std::string_view spec, const Array& a, std::int64_t i) {
  if (is_float(a.dtype)) return with_spec(spec, real_at(a, i));
  if (a.dtype == Dtype::bool_) return with_spec(spec, a.as<bool>()[i]);
  if (a.dtype == Dtype::ui64) return with_spec(spec, a.as<std::uint64_t>()[i]);
  return with_spec(spec, integer_at(a, i));
}

std::string tensor_text(std::string_view spec, const Tensor& x) {
  if (spec.empty() || !x.is_concrete()) return to_string(x);
  const Array& a = value(x)->array;
  if (a.shape.empty()) return element_with_spec(spec, a, 0);
  return layout(a.shape, [&](const std::vector<std::int64_t>& positions) {
    std::vector<std::string> texts;
    for (auto p : positions) texts.push_back(element_with_spec(spec, a, p));
    align_right(texts);
    return texts;
  });
}

std::string argument_text(std::string_view spec, const PrintArgument& x) {
  using Kind = PrintArgument::Kind;
  switch (x.kind) {
    case Kind::integer: return with_spec(spec, x.integer);
    case Kind::unsigned_integer: return with_spec(spec, x.unsigned_integer);
    case Kind::real: return with_spec(spec, x.real);
    case Kind::boolean: return with_spec(spec, x.boolean);
    case Kind::text: return with_spec(spec, x.text);
    case Kind::tensor: return tensor_text(spec, x.tensor);
  }
  return {};
}
}  // namespace

PrintArgument::PrintArgument(bool x) : kind(Kind::boolean), boolean(x) {}
PrintArgument::PrintArgument(int x) : kind(Kind::integer), integer(x) {}
PrintArgument::PrintArgument(long x) : kind(Kind::integer), integer(x) {}
PrintArgument::PrintArgument(long long x) : kind(Kind::integer), integer(x) {}
PrintArgument::PrintArgument(unsigned x) : kind(Kind::unsigned_integer), unsigned_integer(x) {}
PrintArgument::PrintArgument(unsigned long x) : kind(Kind::unsigned_integer), unsigned_integer(x) {}
PrintArgument::PrintArgument(unsigned long long x) : kind(Kind::unsigned_integer), unsigned_integer(x) {}
PrintArgument::PrintArgument(float x) : kind(Kind::real), real(x) {}
PrintArgument::PrintArgument(double x) : kind(Kind::real), real(x) {}
PrintArgument::PrintArgument(char x) : kind(Kind::text), integer(0), text(1, x) {}
PrintArgument::PrintArgument(const char* x) : kind(Kind::text), integer(0), text(x) {}
PrintArgument::PrintArgument(std::string_view x) : kind(Kind::text), integer(0), text(x) {}
PrintArgument::PrintArgument(const std::string& x) : kind(Kind::text), integer(0), text(x) {}
PrintArgument::PrintArgument(const PrintArgument&) = default;
PrintArgument::~PrintArgument() = default;
PrintArgument::PrintArgument(const Tensor& x) : kind(Kind::tensor), integer(0), tensor(x) {}

void for_each_piece(std::string_view format, FunctionRef<void(std::string_view, bool)> visit) {
  std::size_t begin = 0;  // of the text not yet visited
  for (std::size_t i = 0; i < format.size(); ++i) {
    const char c = format[i];
    if ((c == '{' || c == '}') && i + 1 < format.size() && format[i + 1] == c) {
      visit(format.substr(begin, ++i - begin), false);
      begin = i + 1;
    } else if (c == '{') {
      const auto end = format.find('}', i);
      if (end == std::string_view::npos) throw Error("print: a { without } in \"" + std::string(format) + "\"");
      const std::string_view field = format.substr(i + 1, end - i - 1);
      if (!field.empty() && field.front() != ':')
        throw Error("print: {" + std::string(field) + "}: a field is {} or {:spec}; arguments are taken in turn");
      visit(format.substr(begin, i - begin), false);
      visit(field.empty() ? field : field.substr(1), true);
      i = end;
      begin = end + 1;
    }
  }
  visit(format.substr(begin), false);
}

std::string field_text(std::string_view spec, const PrintArgument& x) { return argument_text(spec, x); }

std::string format_arguments(std::string_view format, std::span<const PrintArgument> arguments) {
  std::string out;
  std::size_t used = 0;
  for_each_piece(format, [&](std::string_view piece, bool field) {
    if (!field) {
      out += piece;
      return;
    }
    if (used == arguments.size()) throw Error("print: \"" + std::string(format) + "\" has more fields than arguments");
    out += argument_text(piece, arguments[used++]);
  });
  return out;
}

std::string format_arguments(std::string_view format, std::initializer_list<PrintArgument> arguments) {
  return format_arguments(format, std::span(arguments.begin(), arguments.size()));
}

void print_text(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

}  // namespace nuthatch::detail
