#include "ir/api/layout.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <ostream>

#include "ir/api/operands.h"

namespace nuthatch::detail {

namespace {
constexpr std::int64_t kThreshold = 1000, kEdge = 3;
constexpr int kPrecision = 8;
constexpr std::size_t kLineWidth = 75;

std::string shortest(double x, bool single, std::chars_format format) {
  char buffer[512];
  auto end = single ? std::to_chars(buffer, buffer + sizeof buffer, float(x), format).ptr
                    : std::to_chars(buffer, buffer + sizeof buffer, x, format).ptr;
  return std::string(buffer, end);
}
std::string printed(const char* format, int precision, double x) {
  char buffer[512];
  std::snprintf(buffer, sizeof buffer, format, precision, x);
  return buffer;
}
std::string special(double x) { return std::isnan(x) ? "nan" : x > 0 ? "inf" : "-inf"; }
/// Digits after the point, at most kPrecision, that the shortest text needs.
int decimals(const std::string& text) {
  auto point = text.find('.');
  if (point == std::string::npos) return 0;
  auto end = std::min(text.find('e'), text.size());
  return std::min<int>(int(end - point - 1), kPrecision);
}

std::vector<std::string> real_texts(const std::vector<double>& values, bool single) {
  double largest = 0, smallest = INFINITY;
  for (double x : values)
    if (std::isfinite(x) && x != 0) largest = std::max(largest, std::abs(x)), smallest = std::min(smallest, std::abs(x));
  const bool exponent = largest > 0 && (largest >= 1e8 || smallest < 1e-4 || largest / smallest > 1000);
  std::vector<std::string> texts;
  if (exponent) {
    int digits = 0;
    for (double x : values)
      if (std::isfinite(x)) digits = std::max(digits, decimals(shortest(x, single, std::chars_format::scientific)));
    for (double x : values) {
      std::string s = std::isfinite(x) ? printed("%.*e", digits, x) : special(x);
      if (digits == 0 && std::isfinite(x)) s.insert(s.find('e'), ".");
      texts.push_back(std::move(s));
    }
    align_right(texts);
    return texts;
  }
  std::size_t after = 0;
  for (double x : values) {
    if (!std::isfinite(x)) {
      texts.push_back(special(x));
      continue;
    }
    std::string s = shortest(x, single, std::chars_format::fixed);
    const int digits = decimals(s);
    s = printed("%.*f", digits, x);
    if (digits == kPrecision) s.erase(s.find_last_not_of('0') + 1);
    if (s.find('.') == std::string::npos) s += '.';
    after = std::max(after, s.size() - s.find('.') - 1);
    texts.push_back(std::move(s));
  }
  for (auto& s : texts)
    if (auto point = s.find('.'); point != std::string::npos) s.append(after - (s.size() - point - 1), ' ');
  align_right(texts);
  return texts;
}

struct Writer {
  const Shape& shape;
  bool summarised;
  std::vector<std::int64_t> positions = {};
  std::vector<std::string> texts = {};
  std::size_t next = 0;
  std::string out = {};

  /// Visits the visible indices of a dimension; -1 is the gap.
  template <class F>
  void each(std::int64_t extent, F f) {
    for (std::int64_t i = 0; i < extent; ++i) {
      if (summarised && extent > 2 * kEdge && i == kEdge) {
        f(std::int64_t(-1));
        i = extent - kEdge;
      }
      f(i);
    }
  }
  void collect(std::size_t dim, std::int64_t offset) {
    if (dim == shape.size()) return positions.push_back(offset);
    each(shape[dim], [&](std::int64_t i) {
      if (i >= 0) collect(dim + 1, offset * shape[dim] + i);
    });
  }
  void write(std::size_t dim) {
    if (dim == shape.size()) {
      out += texts[next++];
      return;
    }
    out += '[';
    const bool innermost = dim + 1 == shape.size();
    std::size_t line = dim + 1;
    bool first = true;
    each(shape[dim], [&](std::int64_t i) {
      if (!innermost) {
        if (!first) out.append(shape.size() - dim - 1, '\n').append(dim + 1, ' ');
        if (i < 0) out += "...";
      } else {
        const std::size_t width = i < 0 ? 3 : texts[next].size();
        if (!first && line + 1 + width > kLineWidth) {
          out.append(1, '\n').append(dim + 1, ' ');
          line = dim + 1;
        } else if (!first) {
          out += ' ';
          ++line;
        }
        line += width;
        if (i < 0) out += "...";
      }
      first = false;
      if (i >= 0) write(dim + 1);
    });
    out += ']';
  }
};
}  // namespace

void align_right(std::vector<std::string>& texts) {
  std::size_t width = 0;
  for (const auto& s : texts) width = std::max(width, s.size());
  for (auto& s : texts) s.insert(0, width - s.size(), ' ');
}

std::string layout(const Shape& shape, ElementTexts texts) {
  if (shape.num_elements() == 0) return shape.size() == 1 ? "[]" : "[](shape " + to_string(shape) + ")";
  Writer w{shape, shape.num_elements() > kThreshold};
  w.collect(0, 0);
  w.texts = texts(w.positions);
  w.write(0);
  return std::move(w.out);
}

std::vector<std::string> element_texts(const Array& a, const std::vector<std::int64_t>& positions) {
  if (is_float(a.dtype)) {
    std::vector<double> values;
    for (auto p : positions) values.push_back(real_at(a, p));
    return real_texts(values, a.dtype == Dtype::f32);
  }
  std::vector<std::string> texts;
  for (auto p : positions) {
    if (a.dtype == Dtype::bool_)
      texts.push_back(a.as<bool>()[p] ? "true" : "false");
    else if (a.dtype == Dtype::ui64)
      texts.push_back(std::to_string(a.as<std::uint64_t>()[p]));
    else
      texts.push_back(std::to_string(integer_at(a, p)));
  }
  align_right(texts);
  return texts;
}

std::string scalar_text(const Array& a) {
  if (!is_float(a.dtype)) return element_texts(a, {0})[0];
  const double x = real_at(a, 0);
  if (!std::isfinite(x)) return special(x);
  const double size = std::abs(x);
  const bool plain = size == 0 || (size >= 1e-4 && size < 1e16);
  return shortest(x, a.dtype == Dtype::f32, plain ? std::chars_format::fixed : std::chars_format::scientific);
}

}  // namespace nuthatch::detail

namespace nuthatch {

std::string to_string(const Tensor& x) {
  if (!x.defined()) return "Tensor()";
  const detail::Value& v = *detail::value(x);
  if (!v.concrete()) return "Tensor(" + detail::describe(x) + ", traced at " + to_string(v.where) + ")";
  if (v.type.shape.empty()) return detail::scalar_text(v.array);
  return detail::layout(v.type.shape,
                        [&](const std::vector<std::int64_t>& positions) { return detail::element_texts(v.array, positions); });
}

std::ostream& operator<<(std::ostream& out, const Tensor& x) { return out << to_string(x); }

}  // namespace nuthatch
