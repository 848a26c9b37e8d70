#include "ir/trace/read.h"

#include <llvm/ADT/StringExtras.h>
#include <llvm/ADT/StringSet.h>
#include <mlir/Parser/Parser.h>

namespace nuthatch::ir {

namespace {

bool inName(char c) { return llvm::isAlnum(c) || c == '_' || c == '$' || c == '.' || c == '-'; }

/// Walks over the text with the names of the regions around.
class Scan {
 public:
  explicit Scan(llvm::StringRef text) : text(text), scopes(1) {}

  std::string run() {
    for (; at < text.size(); ++at) {
      const char c = text[at];
      if (c == '\n') ++line;
      else if (c == '/' && text.substr(at).starts_with("//")) at = std::min(text.find('\n', at), text.size()) - 1;
      else if (c == '"') skipString();
      else if (c == '{') open();
      else if (c == '}') close();
      else if (c == '%') {
        if (auto wrong = name(); !wrong.empty()) return wrong;
      }
    }
    return "";
  }

 private:
  llvm::StringRef text;
  size_t at = 0;
  int line = 1;
  std::vector<llvm::StringSet<>> scopes;
  llvm::StringSet<> next;  // arguments of a function whose body begins at the next brace

  void skipString() {
    for (++at; at < text.size() && text[at] != '"' && text[at] != '\n'; ++at)
      if (text[at] == '\\') ++at;
    if (at < text.size() && text[at] == '\n') ++line;
  }
  void open() {
    scopes.push_back(std::move(next));
    next.clear();
  }
  void close() {
    if (scopes.size() > 1) scopes.pop_back();
  }
  bool defined(llvm::StringRef n) const {
    return llvm::any_of(scopes, [&](const auto& s) { return s.contains(n); }) || next.contains(n);
  }
  size_t skipSpace(size_t i) const {
    while (i < text.size() && llvm::isSpace(text[i])) ++i;
    return i;
  }

  /// Is the name at `begin` on the left of an equals sign: only names, numbers of results and commas in between?
  bool assigned(size_t begin) const {
    for (size_t i = begin; i < text.size(); ++i) {
      if (text[i] == '=') return true;
      if (!inName(text[i]) && text[i] != '%' && text[i] != ',' && text[i] != ':' && !llvm::isSpace(text[i])) return false;
      if (text[i] == '\n') return false;
    }
    return false;
  }
  /// The mark of the name before the parentheses around: '^' of a block's, '@' of a function's arguments, else 0.
  char listOf(size_t begin) const {
    int depth = 0;
    for (size_t i = begin; i-- > 0;) {
      if (text[i] == '{' || text[i] == '}') return 0;
      if (text[i] == ')') ++depth;
      if (text[i] != '(' || depth-- > 0) continue;
      while (i > 0 && llvm::isSpace(text[i - 1])) --i;
      while (i > 0 && inName(text[i - 1])) --i;
      return i > 0 && (text[i - 1] == '^' || text[i - 1] == '@') ? text[i - 1] : char(0);
    }
    return 0;
  }

  std::string name() {
    const size_t begin = at;
    while (at + 1 < text.size() && inName(text[at + 1])) ++at;
    const llvm::StringRef n = text.slice(begin, at + 1);
    const size_t after = skipSpace(at + 1);
    const char list = after < text.size() && text[after] == ':' ? listOf(begin) : char(0);
    if (assigned(begin) || list == '^') scopes.back().insert(n);
    else if (list == '@') next.insert(n);
    else if (!defined(n)) return ("line " + llvm::Twine(line) + ": " + n + " is used where it is not defined").str();
    return "";
  }
};

}  // namespace

std::string undefinedName(const std::string& text) { return Scan(text).run(); }

mlir::OwningOpRef<mlir::ModuleOp> readModule(const std::string& text, mlir::MLIRContext* context) {
  if (auto wrong = undefinedName(text); !wrong.empty()) {
    mlir::emitError(mlir::UnknownLoc::get(context)) << wrong;
    return nullptr;
  }
  return mlir::parseSourceString<mlir::ModuleOp>(text, context);
}

}  // namespace nuthatch::ir
