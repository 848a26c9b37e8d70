// docs/distributions.md is written from the registry and the comments of the headers. To write it anew:
//   NUTHATCH_WRITE_DOCS=1 build/bin/ppl_tests --gtest_filter='Documentation.*'
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "nuthatch/detail/registry.h"

using namespace nuthatch;

namespace {

const std::string kSource = NUTHATCH_SOURCE_DIR;

std::string read(const std::string& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

/// "LogNormal" of "log_normal" and of "LogNormal(mean)".
std::string canonical(const std::string& name) {
  std::string out;
  for (char c : name.substr(0, name.find('(')))
    if (c != '_') out += char(std::tolower(c));
  return out;
}

/// The comment at the top of a header: the formulas, indented there, stay as they are.
std::string comment(const std::string& header) {
  std::stringstream lines(read(header));
  std::string line, text;
  while (std::getline(lines, line)) {
    if (line.starts_with("///"))
      text += (line.size() > 4 ? line.substr(4) : "") + "\n";
    else if (!text.empty())
      break;
  }
  return text;
}

struct Row {
  std::string name, text, support, functions;
};

std::string available(const detail::DistributionEntry& e, const Distribution& d) {
  std::string text;
  auto add = [&](bool has, const char* what) {
    if (has) text += (text.empty() ? "" : ", ") + std::string(what);
  };
  add(e.has_draws, d.has_rsample() ? "differentiable draws" : "draws");
  add(d.has_mean(), "mean");
  add(d.has_variance(), "variance");
  add(d.has_mode(), "mode");
  add(d.has_entropy(), "entropy");
  add(d.has_cdf(), "cdf");
  add(d.has_icdf(), "quantiles");
  add(d.has_enumerate_support(), "enumeration");
  return text;
}

/// Group to rows by name.
std::map<std::string, std::map<std::string, Row>> collect() {
  std::map<std::string, const detail::DistributionEntry*> entries;
  for (const auto& e : detail::distribution_registry()) entries.try_emplace(canonical(e.name), &e);
  std::map<std::string, std::map<std::string, Row>> groups;
  for (const auto& file : std::filesystem::directory_iterator(kSource + "/ppl/include/nuthatch/distributions")) {
    const std::string stem = file.path().stem().string();
    auto entry = entries.find(canonical(stem));
    if (entry == entries.end()) continue;  // reported by Density.EveryHeaderIsInTheRegistryAndHasReferenceValues
    const auto& e = *entry->second;
    Distribution d = e.make(e.examples[0]);
    const std::string name = e.name.substr(0, e.name.find('('));
    groups[e.group][name] = {name, comment(file.path().string()), d.support().description(), available(e, d)};
  }
  return groups;
}

std::string page() {
  const auto groups = collect();
  std::size_t count = 0;
  for (const auto& [group, rows] : groups) count += rows.size();
  std::string text = "# Distributions\n\n" + std::to_string(count) +
                     " distributions. This page is written from the registry and the headers in "
                     "`ppl/include/nuthatch/distributions/` by `tests/ppl/documentation_test.cpp`; a test compares them.\n\n"
                     "Every one has a log density with derivatives in the value and all real parameters, a support and a "
                     "support point. The lines under a name say what else there is. The functions `log_cdf`, `survival` and "
                     "`log_survival` exist where `cdf` does. Names in braces are options: `Normal({.loc = 0.0, .precision = 4.0})`.\n";
  const std::pair<const char*, const char*> titles[] = {{"continuous", "Continuous, of one number"},
                                                        {"discrete", "Discrete"},
                                                        {"multivariate", "Of vectors, matrices and series"},
                                                        {"modified", "Made of other distributions"}};
  for (auto [group, title] : titles) {
    auto rows = groups.find(group);
    if (rows == groups.end()) continue;
    text += "\n## " + std::string(title) + "\n";
    for (const auto& [name, row] : rows->second)
      text += "\n### " + name + "\n\n```text\n" + row.text + "```\n\nValues: " + row.support + ".\nHas: " + row.functions + ".\n";
  }
  return text;
}

TEST(Documentation, ListsEveryDistribution) {
  const std::string path = kSource + "/docs/distributions.md", expected = page();
  if (std::getenv("NUTHATCH_WRITE_DOCS")) std::ofstream(path) << expected;
  EXPECT_EQ(read(path), expected) << "docs/distributions.md is out of date: see the top of documentation_test.cpp";
}

TEST(Documentation, CountsWhatThereIs) {
  std::size_t count = 0;
  for (const auto& [group, rows] : collect()) count += rows.size();
  EXPECT_GE(count, 130u);
}

}  // namespace
