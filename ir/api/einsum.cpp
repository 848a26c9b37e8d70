// Einstein summation, two operands at a time from the left. Labels are letters; the dimensions of an ellipsis, counted
// from the last, are labelled '0', '1', ... inside.
#include <algorithm>
#include <cctype>
#include <map>

#include "ir/api/operands.h"
#include "nuthatch/array.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"

namespace nuthatch {
using namespace detail;

namespace {
constexpr char kEllipsis = '.';  // three dots, while parsing

struct Equation {
  std::vector<std::string> inputs;
  std::string output;
  bool explicit_output = false;
};

/// One operand with the labels of its dimensions.
struct Labelled {
  Tensor x;
  std::string labels;

  /// A label that occurs twice: the diagonal of its two dimensions, which comes last.
  void take_diagonals(Where where) {
    for (std::size_t d = 0; d < labels.size(); ++d) {
      const auto e = labels.find(labels[d], d + 1);
      if (e == std::string::npos) continue;
      std::vector<int> perm;
      std::string left;
      for (std::size_t k = 0; k < labels.size(); ++k)
        if (k != d && k != e) {
          perm.push_back(int(k));
          left += labels[k];
        }
      perm.insert(perm.end(), {int(d), int(e)});
      left += labels[d];
      x = diagonal(transpose(x, perm, where), where);
      labels = left;
      return take_diagonals(where);
    }
  }
  /// Dimensions whose label is not needed any more, summed.
  void sum_unless(const std::string& needed, Where where) {
    std::vector<int> dims;
    std::string left;
    for (std::size_t d = 0; d < labels.size(); ++d)
      if (needed.find(labels[d]) == std::string::npos)
        dims.push_back(int(d));
      else
        left += labels[d];
    if (!dims.empty()) x = sum(x, {.axis = dims}, where);
    labels = left;
  }
};

Labelled product(const Labelled& a, const Labelled& b, const std::string& kept, Where where) {
  Ints batch_a, batch_b, contract_a, contract_b;
  std::string batch, free;
  for (std::size_t d = 0; d < a.labels.size(); ++d) {
    const char c = a.labels[d];
    const auto e = b.labels.find(c);
    if (e == std::string::npos) {
      free += c;
    } else if (kept.find(c) != std::string::npos) {
      batch += c;
      batch_a.push_back(std::int64_t(d));
      batch_b.push_back(std::int64_t(e));
    } else {
      contract_a.push_back(std::int64_t(d));
      contract_b.push_back(std::int64_t(e));
    }
  }
  for (char c : b.labels)
    if (a.labels.find(c) == std::string::npos) free += c;
  return {dot_general(a.x, b.x, batch_a, batch_b, contract_a, contract_b, where), batch + free};
}

class Parser {
 public:
  Parser(const std::string& text, Where where) : text_(text), where_(where) {}

  [[noreturn]] void bad(const std::string& why) const { fail("einsum", "\"" + text_ + "\": " + why, where_); }

  Equation parse() const {
    Equation out;
    const auto arrow = text_.find("->");
    out.explicit_output = arrow != std::string::npos;
    out.inputs.emplace_back();
    read(text_.substr(0, arrow), [&](char c) {
      if (c == ',') out.inputs.emplace_back();
      else out.inputs.back() += c;
    });
    if (out.explicit_output)
      read(text_.substr(arrow + 2), [&](char c) {
        if (c == ',') bad("unexpected ','");
        out.output += c;
      });
    for (const auto& list : out.inputs)
      if (std::count(list.begin(), list.end(), kEllipsis) > 1) bad("two ellipses in one operand");
    return out;
  }

 private:
  template <class F> void read(const std::string& part, F&& take) const {
    for (std::size_t i = 0; i < part.size(); ++i) {
      if (part.compare(i, 3, "...") == 0) {
        take(kEllipsis);
        i += 2;
      } else if (std::isalpha(static_cast<unsigned char>(part[i])) || part[i] == ',') {
        take(part[i]);
      } else if (part[i] != ' ') {
        bad(std::string("unexpected '") + part[i] + "'");
      }
    }
  }
  const std::string& text_;
  Where where_;
};

/// Labels '0' + (n - 1) ... '0' for n dimensions: the last is '0'.
std::string ellipsis_labels(std::size_t n) {
  std::string out;
  while (n-- > 0) out += char('0' + n);
  return out;
}
/// The ellipsis in a list of labels replaced by those of its dimensions.
std::string expanded(std::string labels, std::size_t dimensions) {
  if (const auto at = labels.find(kEllipsis); at != std::string::npos) labels.replace(at, 1, ellipsis_labels(dimensions));
  return labels;
}
}  // namespace

Tensor einsum(const std::string& equation, const std::vector<Tensor>& operands, Where where) {
  const Parser parser(equation, where);
  Equation e = parser.parse();
  if (e.inputs.size() != operands.size())
    parser.bad(std::to_string(e.inputs.size()) + " operands are named and " + std::to_string(operands.size()) + " given");

  const Dtype promoted = promote("einsum", operands, where), dtype = promoted == bool_ ? i64 : promoted;
  std::map<char, std::int64_t> extents;
  std::size_t broadcast = 0;  // most dimensions of an ellipsis
  for (std::size_t k = 0; k < operands.size(); ++k) {
    const Shape& shape = operands[k].shape();
    std::string& labels = e.inputs[k];
    const bool open = labels.find(kEllipsis) != std::string::npos;
    const std::size_t named = labels.size() - open;
    if (open ? shape.size() < named : shape.size() != named) parser.bad("\"" + (open ? expanded(labels, 0) + "..." : labels) + "\" for an operand of shape " + to_string(shape));
    if (shape.size() - named > 10) parser.bad("more than ten dimensions in an ellipsis");
    broadcast = std::max(broadcast, shape.size() - named);
    labels = expanded(labels, shape.size() - named);
    for (std::size_t d = 0; d < shape.size(); ++d) {
      auto [known, fresh] = extents.emplace(labels[d], shape[d]);
      if (fresh || known->second == shape[d] || shape[d] == 1) continue;
      if (known->second != 1)
        parser.bad(std::string(std::isdigit(static_cast<unsigned char>(labels[d])) ? "a dimension of the ellipsis" : std::string("label ") + labels[d]) +
                   " has extents " + std::to_string(known->second) + " and " + std::to_string(shape[d]));
      known->second = shape[d];
    }
  }
  if (e.explicit_output) {
    if (broadcast && e.output.find(kEllipsis) == std::string::npos) parser.bad("the output lacks the dimensions of the ellipsis");
    e.output = expanded(e.output, broadcast);
  } else {
    for (char c : ellipsis_labels(broadcast)) e.output += c;
    for (auto [label, extent] : extents) {  // in alphabetical order
      std::ptrdiff_t times = 0;
      for (const auto& labels : e.inputs) times += std::count(labels.begin(), labels.end(), label);
      if (times == 1 && std::isalpha(static_cast<unsigned char>(label))) e.output += label;
    }
  }
  for (std::size_t d = 0; d < e.output.size(); ++d)
    if (!extents.count(e.output[d]) || e.output.find(e.output[d], d + 1) != std::string::npos) parser.bad(std::string("output label ") + e.output[d]);

  std::vector<Labelled> terms;
  for (std::size_t k = 0; k < operands.size(); ++k) {
    Labelled term{convert(operands[k], dtype, where), e.inputs[k]};
    term.take_diagonals(where);
    // An extent of 1 that broadcasts is left out: the other operands have the dimension.
    Shape shape;
    std::string labels;
    for (std::size_t d = 0; d < term.labels.size(); ++d) {
      if (term.x.shape()[d] != extents[term.labels[d]]) continue;
      shape.push_back(term.x.shape()[d]);
      labels += term.labels[d];
    }
    terms.push_back({reshaped(term.x, shape, where), labels});
  }

  Labelled acc = terms[0];
  for (std::size_t k = 0; k < terms.size(); ++k) {
    std::string later = e.output;
    for (std::size_t j = k + 1; j < terms.size(); ++j) later += terms[j].labels;
    if (k == 0) {
      acc.sum_unless(later, where);
      continue;
    }
    terms[k].sum_unless(later + acc.labels, where);
    acc = product(acc, terms[k], later, where);
    acc.sum_unless(later, where);
  }
  Ints perm;
  for (char c : e.output) perm.push_back(std::int64_t(acc.labels.find(c)));
  return transposed(acc.x, perm, where);
}

}  // namespace nuthatch
