#pragma once
/// Checks and printing at run time, from compiled programs too.
#include "nuthatch/print.h"

namespace nuthatch {

/// A format string and the line it stands in.
struct LocatedText {
  std::string text;
  Where where;
  LocatedText(const char* text, Where where = Where::current()) : text(text), where(where) {}
  LocatedText(std::string text, Where where = Where::current()) : text(std::move(text)), where(where) {}
};

namespace detail {
void check(const Arg& condition, const LocatedText&, std::initializer_list<PrintArgument>);
void debug_print(const LocatedText&, std::initializer_list<PrintArgument>);
}  // namespace detail

/// check(tau > 0.0, "tau is {}", tau): an Error "model.cpp:12: check: tau is -1" when the condition (bool, of any shape:
/// all elements) does not hold. A compiled program runs to its end first; of several failures the first is thrown, in the
/// order of the program, element after element of vmap, chain after chain, and the message names element and chain.
/// Values are formatted as by print. Derivatives and samplers run the check of the function they are given.
template <class... A>
void check(const Arg& condition, const LocatedText& message, const A&... values) {
  detail::check(condition, message, {detail::PrintArgument(values)...});
}

/// debug_print("step {}: {:.3f}", i, x): a line on standard output each time the program comes by, compiled or not, with
/// the values there. Under vmap one line for each element where the values or a condition around depend on it, in order;
/// of programs for many chains the lines come when the run (for a sampler: a slice) is over, chain by chain.
template <class... A>
void debug_print(const LocatedText& format, const A&... values) {
  detail::debug_print(format, {detail::PrintArgument(values)...});
}

}  // namespace nuthatch
