// Einstein summation, two operands at a time from the left.
#include <cctype>

#include "ir/api/operands.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"

namespace nuthatch {
using namespace detail;

namespace {
/// One operand of an einsum with the labels of its dimensions.
struct Labelled {
  Tensor x;
  std::string labels;

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
}  // namespace

Tensor einsum(const std::string& equation, const std::vector<Tensor>& operands, Where where) {
  auto bad = [&](const std::string& why) { fail("einsum", "\"" + equation + "\": " + why, where); };
  const auto arrow = equation.find("->");
  if (arrow == std::string::npos) bad("an output is needed, as in \"ij,jk->ik\"");
  std::vector<std::string> inputs(1);
  for (char c : equation.substr(0, arrow)) {
    if (c == ',') inputs.emplace_back();
    else if (std::isalpha(static_cast<unsigned char>(c))) inputs.back() += c;
    else if (c != ' ') bad(std::string("unexpected '") + c + "'");
  }
  std::string output;
  for (char c : equation.substr(arrow + 2))
    if (c != ' ') output += c;
  if (inputs.size() != operands.size())
    bad(std::to_string(inputs.size()) + " operands are named and " + std::to_string(operands.size()) + " given");

  const Dtype promoted = promote("einsum", operands, where), dtype = promoted == bool_ ? i64 : promoted;
  std::vector<std::pair<char, std::int64_t>> extents;
  std::vector<Labelled> terms;
  for (std::size_t k = 0; k < operands.size(); ++k) {
    const Shape& shape = operands[k].shape();
    if (shape.size() != inputs[k].size()) bad("\"" + inputs[k] + "\" for an operand of shape " + to_string(shape));
    for (std::size_t d = 0; d < shape.size(); ++d) {
      const char c = inputs[k][d];
      if (inputs[k].find(c, d + 1) != std::string::npos) bad(std::string("label ") + c + " is repeated within one operand");
      for (auto [label, extent] : extents)
        if (label == c && extent != shape[d])
          bad(std::string("label ") + c + " has extents " + std::to_string(extent) + " and " + std::to_string(shape[d]));
      extents.emplace_back(c, shape[d]);
    }
    terms.push_back({convert(operands[k], dtype, where), inputs[k]});
  }
  for (std::size_t d = 0; d < output.size(); ++d) {
    bool known = false;
    for (auto [label, extent] : extents) known = known || label == output[d];
    if (!known || output.find(output[d], d + 1) != std::string::npos) bad(std::string("output label ") + output[d]);
  }

  Labelled acc = terms[0];
  for (std::size_t k = 0; k < terms.size(); ++k) {
    std::string later = output;
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
  for (char c : output) perm.push_back(std::int64_t(acc.labels.find(c)));
  return transposed(acc.x, perm, where);
}

}  // namespace nuthatch
