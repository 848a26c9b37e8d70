#include "ppl/distributions/named_parameters.h"

#include <string>

#include "nuthatch/math.h"
#include "nuthatch/message.h"

namespace nuthatch::detail {
namespace {
std::string listed(std::initializer_list<NamedParameter> parameters) {
  std::string text;
  for (const auto& p : parameters) text += (text.empty() ? "." : ", .") + std::string(p.name);
  return text;
}
} // namespace

const Tensor& required(const char* distribution, NamedParameter parameter, Where where) {
  if (!parameter.value.defined())
    throw Error(std::string(distribution) + ": ." + parameter.name + " is missing", where);
  return parameter.value;
}

std::size_t one_of(const char* distribution, std::initializer_list<NamedParameter> parameters, Where where) {
  std::size_t chosen = 0, given = 0, i = 0;
  for (const auto& p : parameters) {
    if (p.value.defined()) {
      chosen = i;
      ++given;
    }
    ++i;
  }
  if (given != 1)
    throw Error(std::string(distribution) + ": give exactly one of " + listed(parameters) +
                    (given ? ", not several" : "; none is given"),
                where);
  return chosen;
}

const Tensor& checked(const char* distribution, NamedParameter parameter, const Constraint& constraint, Where where) {
  const Tensor& x = required(distribution, parameter, where);
  if (NoValidation::active()) return x;
  if (auto bad = constraint.violation(x, parameter.name))
    throw Error(std::string(distribution) + ": " + parameter.name + " must be " + constraint.description() + ", but " +
                    *bad,
                where);
  return x;
}

Tensor scale_or_precision(const char* distribution, const Tensor& scale, const Tensor& precision, Where where) {
  if (one_of(distribution, {{"scale", scale}, {"precision", precision}}, where) == 0) return scale;
  return rsqrt(checked(distribution, {"precision", precision}, constraints::positive, where));
}

} // namespace nuthatch::detail
