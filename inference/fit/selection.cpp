#include "selection.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <regex>

namespace nuthatch::detail {
namespace {

/// Names of the group that one word asks for.
std::vector<std::string> matches(const char* function, const std::string& word, const std::string& filter,
                                 const std::vector<std::string>& known, Where where) {
  std::vector<std::string> out;
  try {
    const std::regex pattern(filter == "regex" ? word : std::string());
    for (const auto& name : known)
      if (filter.empty()     ? name == word
          : filter == "like" ? name.find(word) != name.npos
                             : std::regex_search(name, pattern))
        out.push_back(name);
  } catch (const std::regex_error&) {
    throw Error(fmt::format("{}: `{}` is not a regular expression", function, word), where);
  }
  if (out.empty())
    throw Error(fmt::format("{}: no variable `{}`; there are {}", function, word, fmt::join(known, ", ")), where);
  return out;
}

} // namespace

std::vector<std::string> selected_variables(const char* function, const std::vector<std::string>& asked,
                                            const std::string& filter, const Dataset& group, Where where) {
  if (!filter.empty() && filter != "like" && filter != "regex")
    throw Error(fmt::format("{}: .filter_vars = \"{}\" is neither like nor regex", function, filter), where);
  const auto known = group.names();
  std::vector<std::string> included, excluded;
  for (const auto& word : asked) {
    const bool exclude = word.starts_with("~") && !group.contains(word);
    for (const auto& name : matches(function, exclude ? word.substr(1) : word, filter, known, where)) {
      auto& list = exclude ? excluded : included;
      if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(name);
    }
  }
  if (excluded.empty()) return asked.empty() ? known : included;
  std::vector<std::string> out;
  for (const auto& name : known)
    if (std::find(excluded.begin(), excluded.end(), name) == excluded.end()) out.push_back(name);
  return out;
}

} // namespace nuthatch::detail
