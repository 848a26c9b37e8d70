#include "tools/nh-fuzz/mutate.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>

#include <mlir/IR/Verifier.h>

#include "ir/trace/program.h"
#include "ir/trace/read.h"
#include "nuthatch/error.h"
#include "passes/form_fma/form_fma.h"
#include "passes/loops/lane_masking.h"
#include "passes/loops/raise_xs.h"
#include "passes/pipeline.h"
#include "passes/simplify/simplify.h"
#include "passes/transform/expand.h"

namespace nuthatch::fuzz {

namespace {

/// Begin and length of every word: names, numbers, types, one punctuation mark.
std::vector<std::pair<size_t, size_t>> words(const std::string& text) {
  auto inWord = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '%' || c == '.' || c == '#' || c == '^'; };
  std::vector<std::pair<size_t, size_t>> out;
  for (size_t i = 0; i < text.size();) {
    if (std::isspace(static_cast<unsigned char>(text[i]))) {
      ++i;
      continue;
    }
    size_t n = 1;
    if (inWord(text[i]))
      while (i + n < text.size() && inWord(text[i + n])) ++n;
    out.push_back({i, n});
    i += n;
  }
  return out;
}

std::vector<std::pair<size_t, size_t>> lines(const std::string& text) {
  std::vector<std::pair<size_t, size_t>> out;
  for (size_t i = 0; i < text.size();) {
    const size_t end = std::min(text.find('\n', i), text.size() - 1);
    out.push_back({i, end + 1 - i});
    i = end + 1;
  }
  return out;
}

const std::vector<std::string> kNumbers{"0", "-1", "1", "2", "9223372036854775807", "-9223372036854775808", "4294967296",
                                        "99999999999999999999999", "1.5", "0x7FF0000000000000", "3 : i32", "true"};
const std::vector<std::string> kTypes{"tensor<f64>", "tensor<?xf64>", "tensor<*xf64>", "f64", "tensor<0xf64>", "tensor<f16>",
                                      "tensor<3xcomplex<f64>>", "tensor<-1xf64>", "tensor<2x2xi1>", "index", "none",
                                      "tensor<3xi8>", "tensor<4xf64, \"layout\">", "memref<3xf64>", "vector<4xf64>",
                                      "tensor<1048576x1048576x1048576xf64>", "tensor<i64>", "tensor<ui32>", "tensor<3xindex>"};

class Mutator {
 public:
  Mutator(const std::vector<std::string>& texts, std::uint64_t seed) : texts(texts), random(seed) {}

  std::string run() {
    std::string text = texts[below(texts.size())];
    if (below(2)) {  // one program of several in a file
      const size_t at = text.find("func.func", below(text.size()));
      if (at != std::string::npos) text = text.substr(at);
    }
    for (size_t k = 1 + below(below(4) ? 3 : 12); k > 0 && !text.empty(); --k) change(text);
    return text;
  }

 private:
  const std::vector<std::string>& texts;
  std::mt19937_64 random;
  size_t below(size_t n) { return n ? size_t(random() % n) : 0; }
  const std::string& oneOf(const std::vector<std::string>& list) { return list[below(list.size())]; }

  void change(std::string& text) {
    const auto w = words(text);
    const auto l = lines(text);
    if (w.empty()) return;
    const auto [at, n] = w[below(w.size())];
    const auto [other, m] = w[below(w.size())];
    switch (below(14)) {
      case 0: text[below(text.size())] = char(below(256)); return;
      case 1: text.erase(at, n); return;
      case 2: text.insert(at, text.substr(at, n) + " "); return;
      case 3: text.replace(at, n, text.substr(other, m)); return;
      case 4:
      case 5: return number(text);
      case 6:
      case 7: return type(text);
      case 8: text.erase(l[below(l.size())].first, l[below(l.size())].second); return;
      case 9: {
        const auto [from, length] = l[below(l.size())];
        text.insert(l[below(l.size())].first, text.substr(from, length));
        return;
      }
      case 10: text.resize(below(text.size())); return;
      case 11: {
        const auto& donor = oneOf(texts);
        const auto theirs = lines(donor);
        const auto [from, length] = theirs[below(theirs.size())];
        text.insert(l[below(l.size())].first, donor.substr(from, length));
        return;
      }
      case 12: return attribute(text);
      default: {  // one operation's name for another's
        const auto& donor = oneOf(texts);
        const size_t from = donor.find("nh.", below(donor.size())), to = text.find("nh.", below(text.size()));
        if (from == std::string::npos || to == std::string::npos) return;
        auto length = [](const std::string& s, size_t i) { return s.find_first_of(" \n", i) - i; };
        if (length(donor, from) > 60 || length(text, to) > 60) return;
        text.replace(to, length(text, to), donor.substr(from, length(donor, from)));
        return;
      }
    }
  }

  void number(std::string& text) {
    for (int tries = 0; tries < 20; ++tries) {
      size_t at = below(text.size());
      if (!std::isdigit(static_cast<unsigned char>(text[at]))) continue;
      size_t end = at + 1;
      while (at > 0 && std::isdigit(static_cast<unsigned char>(text[at - 1]))) --at;
      while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end]))) ++end;
      text.replace(at, end - at, oneOf(kNumbers));
      return;
    }
  }

  void type(std::string& text) {
    const size_t at = text.find("tensor<", below(text.size()));
    if (at == std::string::npos) return;
    const size_t end = text.find('>', at);
    if (end != std::string::npos) text.replace(at, end + 1 - at, oneOf(kTypes));
  }

  /// An entry of an attribute list lost, or a list emptied.
  void attribute(std::string& text) {
    const size_t open = text.find(below(2) ? "array<i64" : "{", below(text.size()));
    if (open == std::string::npos) return;
    const size_t close = text.find_first_of(",>}", open + 1);
    if (close != std::string::npos) text.erase(open + 1, close - open - below(2));
  }
};

using Pass = mlir::LogicalResult (*)(mlir::ModuleOp);
template <void (*pass)(mlir::ModuleOp)> mlir::LogicalResult always(mlir::ModuleOp module) {
  pass(module);
  return mlir::success();
}

mlir::LogicalResult maskAll(mlir::ModuleOp module) {
  for (auto function : module.getOps<mlir::func::FuncOp>()) {
    if (function.isExternal()) continue;
    llvm::SmallVector<bool> varying(function.getNumArguments(), true);
    if (mlir::failed(passes::maskLanes(function, varying))) return mlir::failure();
  }
  return mlir::success();
}

const std::pair<const char*, Pass> kPasses[] = {
    {"expand-transforms", passes::expandTransforms}, {"form-fma", always<passes::formFma>}, {"simplify", always<passes::simplify>},
    {"dce", always<passes::removeDeadCode>},         {"raise-xs", always<passes::raiseToXs>}, {"mask-lanes", maskAll},
    {"to-plain-operations", passes::toPlainOperations}};

}  // namespace

std::string mutated(const std::vector<std::string>& texts, std::uint64_t seed) { return Mutator(texts, seed).run(); }

bool readAndTransform(const std::string& text) {
  auto context = ir::makeContext();
  std::string diagnostic;
  mlir::ScopedDiagnosticHandler quiet(context.get(), [&](mlir::Diagnostic& d) {
    diagnostic = d.str();
    return mlir::success();
  });
  auto module = ir::readModule(text, context.get());
  if (!module) return false;
  for (const auto& [name, pass] : kPasses) {
    mlir::OwningOpRef<mlir::ModuleOp> copy(module->clone());
    try {
      if (mlir::failed(pass(*copy))) continue;
    } catch (const Error&) {  // a refusal with a message
      continue;
    }
    if (mlir::succeeded(mlir::verify(*copy))) continue;
    // The derivative of a loop of 2^62 iterations needs more than there can be.
    if (diagnostic.find("below 2^56 elements") == std::string::npos)
      throw std::runtime_error(std::string(name) + " leaves a program that does not verify: " + diagnostic);
  }
  return true;
}

std::vector<std::string> textsBelow(const std::string& folder) {
  namespace fs = std::filesystem;
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.path().extension() == ".mlir") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<std::string> out;
  for (const auto& file : files) {
    std::ifstream in(file);
    out.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return out;
}

}  // namespace nuthatch::fuzz
