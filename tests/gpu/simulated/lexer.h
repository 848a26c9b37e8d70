#pragma once
// The words of a PTX text.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/gpu/simulated/fault.h"

namespace nuthatch::simulated {

struct Token {
  std::string_view text;  // a word, a number without sign, a string with its quotes, or one other character; "" at the end
  std::uint32_t line = 1;
};

std::vector<Token> tokensOf(std::string_view text);

/// Tokens with a place among them.
class Reader {
 public:
  explicit Reader(std::string_view text) : tokens(tokensOf(text)) {}
  const Token& peek(std::size_t ahead = 0) const { return tokens[std::min(at + ahead, tokens.size() - 1)]; }
  bool ended() const { return peek().text.empty(); }
  std::uint32_t line() const { return peek().line; }
  std::string next() {
    std::string out(peek().text);
    if (at + 1 < tokens.size()) ++at;
    return out;
  }
  bool accept(std::string_view text) {
    if (peek().text != text) return false;
    next();
    return true;
  }
  void expect(std::string_view text) {
    if (!accept(text)) fail("'" + std::string(text) + "' expected before '" + std::string(peek().text) + "'");
  }
  [[noreturn]] void fail(const std::string& what) const { throw Fault(kInvalidPtx, "line " + std::to_string(line()) + ": " + what); }

  /// The bits of a number: an integer, perhaps with a sign, or a real as 0f and 0d with its bits.
  std::uint64_t number();
  static bool isNumber(std::string_view word) { return !word.empty() && word[0] >= '0' && word[0] <= '9'; }

 private:
  std::vector<Token> tokens;
  std::size_t at = 0;
};

}  // namespace nuthatch::simulated
