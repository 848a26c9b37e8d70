// Dependencies point one way: public headers, the language and inference are free of the compiler's libraries, and no
// layer knows those above it.
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace fs = std::filesystem;

namespace {

struct Include {
  fs::path file;
  int line = 0;
  std::string path;
};

std::vector<Include> includes_below(const fs::path& folder) {
  static const std::regex statement(R"(^\s*#\s*include\s*[<"]([^>"]+)[>"])");
  std::vector<Include> found;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(NUTHATCH_SOURCE_DIR) / folder)) {
    const auto extension = entry.path().extension();
    if (extension != ".h" && extension != ".cpp" && extension != ".inc") continue;
    std::ifstream text(entry.path());
    std::string line;
    for (int number = 1; std::getline(text, line); ++number)
      if (std::smatch match; std::regex_search(line, match, statement))
        found.push_back({entry.path(), number, match[1]});
  }
  return found;
}

void expect_none(const fs::path& folder, const std::string& pattern) {
  const auto includes = includes_below(folder);
  EXPECT_GT(includes.size(), 10u) << folder << " was not read";
  const std::regex forbidden(pattern);
  for (const Include& i : includes)
    EXPECT_FALSE(std::regex_search(i.path, forbidden)) << i.file.string() << ":" << i.line << ": includes " << i.path;
}

const std::string compiler = "^(mlir|llvm|mlir-c|llvm-c)/";

}  // namespace

TEST(Includes, PublicHeadersNeedNoOtherLibrary) {
  // Nor anything outside the installed folders: every quoted path begins with nuthatch/.
  for (const char* folder : {"ir/include", "ppl/include", "inference/include"}) {
    expect_none(folder, compiler + "|^(unsupported/)?Eigen/|cuda|^fmt/|^nlohmann/|^zlib|^(ir|passes|backends|ppl|inference)/");
  }
}

TEST(Includes, PublicHeadersAreCheapToCompile) {
  // Each of these costs a model file 0.05 to 0.5 seconds; function.h, path.h, seconds.h and stop_token.h stand in for
  // them. detail/registry.h and detail/emit.h are for tests and the library itself.
  const std::regex expensive("^(functional|filesystem|memory|ostream|cmath|algorithm|atomic|chrono|stop_token|thread|future|regex|iostream|sstream|fstream|ranges|unordered_map)$");
  for (const char* folder : {"ir/include", "ppl/include", "inference/include"})
    for (const Include& i : includes_below(folder)) {
      const auto name = i.file.filename();
      if (name == "registry.h" || name == "emit.h") continue;
      EXPECT_FALSE(std::regex_search(i.path, expensive)) << i.file.string() << ":" << i.line << ": includes <" << i.path << ">";
    }
}

TEST(Includes, LanguageAndInferenceSeeNoCompiler) {
  for (const char* folder : {"ppl", "inference"}) expect_none(folder, compiler + "|cuda|^ir/|^passes/|^backends/");
}

TEST(Includes, LayersDoNotKnowThoseAbove) {
  expect_none("ir", "^(passes|backends|ppl|inference)/");
  expect_none("passes", "^(backends|ppl|inference)/");
  expect_none("backends", "^(ppl|inference)/");
  expect_none("ppl", "^inference/");
  const std::string language = "nuthatch/(distribution|distributions|handlers|model|plate|primitives|log_density|reparam)";
  for (const char* folder : {"ir", "passes", "backends"}) expect_none(folder, language + "|nuthatch/(mcmc|fit|kernels|diagnostics)");
}
