#include "tests/gpu/simulated/lexer.h"

#include <charconv>

namespace nuthatch::simulated {

std::vector<Token> tokensOf(std::string_view text) {
  auto inWord = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' || c == '%' || c == '.';
  };
  std::vector<Token> out;
  std::uint32_t line = 1;
  for (std::size_t k = 0; k < text.size();) {
    const char c = text[k];
    if (c == '\n') ++line;
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\0') {
      ++k;
      continue;
    }
    const auto begin = k;
    if (text.substr(k, 2) == "//") {
      k = std::min(text.find('\n', k), text.size());
      continue;
    }
    if (text.substr(k, 2) == "/*") {
      const auto end = std::min(text.find("*/", k), text.size() - 2) + 2;
      for (; k < end; ++k) line += text[k] == '\n';
      continue;
    }
    if (c == '"') k = std::min(text.find('"', k + 1), text.size() - 1) + 1;
    else if (inWord(c)) while (k < text.size() && inWord(text[k])) ++k;
    else ++k;
    out.push_back({text.substr(begin, k - begin), line});
  }
  out.push_back({"", line});
  return out;
}

std::uint64_t Reader::number() {
  const bool negative = accept("-");
  auto word = std::string(peek().text);
  if (!isNumber(word)) fail("a number expected before '" + word + "'");
  next();
  int base = 10;
  if (word.size() > 2 && word[0] == '0' && std::string_view("xXfFdD").find(word[1]) != std::string_view::npos) base = 16, word = word.substr(2);
  if (word.back() == 'U') word.pop_back();
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), out, base);
  if (error != std::errc() || end != word.data() + word.size()) fail("'" + word + "' is not a number");
  return negative ? -out : out;
}

}  // namespace nuthatch::simulated
