#pragma once
/// Reads the reference values in density/*.inc and functions/*.inc: rows `{"Normal", {Tensor(1.0), Tensor(2.0)}, ...},`.
/// They are read and not compiled: a table of some thousand tensors takes a compiler minutes.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "nuthatch/array.h"
#include "nuthatch/tensor.h"

namespace nuthatch::test {

struct ReferenceRow {
  std::string name;
  std::vector<Tensor> parameters;
  std::string function;  // empty for log densities
  Tensor argument;       // empty for mean, variance, ...
  Tensor value;
};

class RowReader {
 public:
  explicit RowReader(std::string file, const std::string& text) : file_(std::move(file)), at_(text.c_str()) {}

  std::vector<ReferenceRow> read() {
    std::vector<ReferenceRow> rows;
    for (skip(); *at_; skip()) {
      ReferenceRow row;
      expect('{');
      row.name = string();
      expect(',');
      expect('{');
      while (!taken('}')) {
        row.parameters.push_back(tensor());
        taken(',');
      }
      expect(',');
      if (peek() == '"') {
        row.function = string();
        expect(',');
      }
      row.argument = tensor();
      expect(',');
      row.value = peek() == 'T' ? tensor() : Tensor(number());
      expect('}');
      taken(',');
      rows.push_back(std::move(row));
    }
    return rows;
  }

 private:
  void skip() {
    while (true) {
      at_ += std::strspn(at_, " \t\n");
      if (std::strncmp(at_, "//", 2) != 0) return;
      at_ += std::strcspn(at_, "\n");
    }
  }
  char peek() {
    skip();
    return *at_;
  }
  bool taken(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!taken(c)) throw Error(file_ + ": '" + c + "' expected at \"" + std::string(at_, std::min<std::size_t>(40, std::strlen(at_))) + "\"");
  }
  std::string string() {
    expect('"');
    const char* end = std::strchr(at_, '"');
    std::string result(at_, end);
    at_ = end + 1;
    return result;
  }
  double number() {
    skip();
    for (auto [text, value] : {std::pair{"NAN", double(NAN)}, {"INFINITY", double(INFINITY)}, {"-INFINITY", -double(INFINITY)}})
      if (std::strncmp(at_, text, std::strlen(text)) == 0) {
        at_ += std::strlen(text);
        return value;
      }
    char* end = nullptr;
    const double x = std::strtod(at_, &end);
    if (end == at_) throw Error(file_ + ": a number expected at \"" + std::string(at_, std::min<std::size_t>(40, std::strlen(at_))) + "\"");
    at_ = end;
    return x;
  }
  Tensor tensor() {
    skip();
    if (std::strncmp(at_, "Tensor", 6) != 0)
      throw Error(file_ + ": a Tensor expected at \"" + std::string(at_, std::min<std::size_t>(40, std::strlen(at_))) + "\"");
    at_ += 6;
    if (taken('(')) {
      if (taken(')')) return {};
      const double x = number();
      expect(')');
      return Tensor(x);
    }
    std::vector<double> data;
    std::vector<std::int64_t> extents;
    nested(0, data, extents);
    return reshape(Tensor(data), Shape(extents));
  }
  void nested(std::size_t depth, std::vector<double>& data, std::vector<std::int64_t>& extents) {
    expect('{');
    std::int64_t count = 0;
    if (extents.size() == depth) extents.push_back(0);
    while (!taken('}')) {
      if (peek() == '{')
        nested(depth + 1, data, extents);
      else
        data.push_back(number());
      ++count;
      taken(',');
    }
    extents[depth] = count;
  }

  std::string file_;
  const char* at_;
};

/// The rows of `folder`/NAME.inc.
inline std::vector<ReferenceRow> reference_rows(const std::string& folder, const std::vector<std::string>& names) {
  std::vector<ReferenceRow> all;
  for (const auto& name : names) {
    const std::string path = std::string(NUTHATCH_SOURCE_DIR) + "/tests/ppl/" + folder + "/" + name + ".inc";
    std::ifstream in(path);
    if (!in) throw Error("cannot read " + path);
    std::stringstream text;
    text << in.rdbuf();
    const std::string content = text.str();
    for (auto& row : RowReader(path, content).read()) all.push_back(std::move(row));
  }
  return all;
}

}  // namespace nuthatch::test
