#pragma once
/// Named parameters of a second parametrisation: which are there, which are missing, which are outside of their set.
#include <initializer_list>
#include <utility>

#include "nuthatch/constraints.h"

namespace nuthatch::detail {

struct NamedParameter {
  const char* name;
  const Tensor& value;
};

/// The parameter, or an Error that says which one is missing.
const Tensor& required(const char* distribution, NamedParameter parameter, Where where);
/// Index of the only one that is given; an Error when it is none or several.
std::size_t one_of(const char* distribution, std::initializer_list<NamedParameter> parameters, Where where);
/// Checks a parameter before others are computed from it, so that the message names what the user wrote.
const Tensor& checked(const char* distribution, NamedParameter parameter, const Constraint& constraint, Where where);
/// The scale, from the scale or from the precision = scale^-2, whichever is given.
Tensor scale_or_precision(const char* distribution, const Tensor& scale, const Tensor& precision, Where where);
/// A location that was left out is 0.
inline Tensor or_zero(const Tensor& x) { return x.defined() ? x : Tensor(0.0); }

} // namespace nuthatch::detail
