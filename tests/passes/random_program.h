#pragma once
// Random programs as IR text, for tests that a pass keeps the meaning.
#include <random>
#include <string>
#include <vector>

namespace nuthatch::test {

// Random nests of loops and branches over a state of an integer, two scalars and a small array.
class RandomProgram {
 public:
  explicit RandomProgram(unsigned seed, bool emits = true) : random(seed), emits(emits) {}

  std::string text() {
    std::vector<std::string> state{"%n", "%x", "%y", "%stack"};
    std::string body = statements(state, 3, "  ");
    return "func.func @main(%n: tensor<i64>, %x: tensor<f64>, %y: tensor<f64>, %stack: tensor<4xf64>, %u: tensor<i64>, "
           "%live: tensor<i1>) -> (" + kTypes + ") {\n" + constants() + body + "  return " + list(state) + " : " + kTypes + "\n}\n";
  }

 private:
  using State = std::vector<std::string>;
  const std::string kTypes = "tensor<i64>, tensor<f64>, tensor<f64>, tensor<4xf64>";

  int pick(int n) { return int(random() % unsigned(n)); }
  std::string fresh() { return "%v" + std::to_string(counter++); }
  static std::string list(const State& s) { return s[0] + ", " + s[1] + ", " + s[2] + ", " + s[3]; }
  static std::string constants() {
    std::string text;
    for (int i = 0; i < 4; ++i) text += "  %c" + std::to_string(i) + " = nh.constant dense<" + std::to_string(i) + "> : tensor<i64>\n";
    return text + "  %true = nh.constant dense<true> : tensor<i1>\n";
  }
  std::string integer(const State& s) { return pick(3) == 0 ? "%u" : pick(2) ? s[0] : "%c" + std::to_string(pick(4)); }

  std::string statements(State& s, int depth, const std::string& in) {
    std::string text;
    for (int k = 1 + pick(3); k > 0; --k) text += statement(s, depth, in);
    return text;
  }

  std::string statement(State& s, int depth, const std::string& in) {
    switch (pick(depth > 0 ? 13 : 10)) {
      case 0: return assign(s[1], in, "nh.binary " + std::string(pick(2) ? "add " : "mul ") + s[1] + ", " + s[2] + " : tensor<f64>");
      case 1: return assign(s[2], in, "nh.unary sin " + s[1] + " : tensor<f64> -> tensor<f64>");
      case 2: return assign(s[0], in, "nh.binary add " + s[0] + ", " + integer(s) + " : tensor<i64>");
      case 3: return store(s, in);
      case 4: return emits ? emit(s, in) : read(s, in);
      case 5: return read(s, in);
      case 6: return exact(s, in);
      case 7: return arrange(s, in);
      case 8: return assign(s[1], in, "nh.reduce sum " + s[3] + " {dims = array<i64: 0>} : (tensor<4xf64>) -> tensor<f64>");
      case 9: return assign(s[2], in, "nh.fma " + s[1] + ", " + s[2] + ", " + s[1] + " : (tensor<f64>, tensor<f64>, tensor<f64>) -> tensor<f64>");
      case 10: return loop(s, depth, in);
      case 11: return whileLoop(s, depth, in);
      default: return branch(s, depth, in);
    }
  }
  std::string assign(std::string& target, const std::string& in, const std::string& expression) {
    target = fresh();
    return in + target + " = " + expression + "\n";
  }
  std::string store(State& s, const std::string& in) {
    std::string row = fresh(), at = integer(s);
    std::string text = in + row + " = nh.reshape " + s[1 + pick(2)] + " {shape = array<i64: 1>} : (tensor<f64>) -> tensor<1xf64>\n";
    text += assign(s[3], in, "nh.dynamic_update_slice " + s[3] + ", " + row + ", " + at + " : (tensor<4xf64>, tensor<1xf64>, tensor<i64>) -> tensor<4xf64>");
    if (pick(2)) return text;
    std::string sum = fresh();
    return text + in + sum + " = nh.reduce sum " + s[3] + " {dims = array<i64: 0>} : (tensor<4xf64>) -> tensor<f64>\n" +
           assign(s[1], in, "nh.binary mul " + s[1] + ", " + sum + " : tensor<f64>");
  }
  std::string emit(State& s, const std::string& in) {
    return in + "nh.emit %true, " + integer(s) + ", " + s[1] + " {stream = " + std::to_string(pick(2)) + " : i64} : tensor<i1>, tensor<i64>, tensor<f64>\n";
  }
  /// One element of the array, often at a loop counter.
  std::string read(State& s, const std::string& in) {
    std::string row = fresh(), at = counters.empty() || pick(3) == 0 ? integer(s) : counters[std::size_t(pick(int(counters.size())))];
    std::string from = pick(2) ? s[3] : "%stack";
    return in + row + " = nh.dynamic_slice " + from + ", " + at + " {sizes = array<i64: 1>} : (tensor<4xf64>, tensor<i64>) -> tensor<1xf64>\n" +
           assign(s[1 + pick(2)], in, "nh.reshape " + row + " {shape = array<i64>} : (tensor<1xf64>) -> tensor<f64>");
  }
  /// Something the algebra may remove.
  std::string exact(State& s, const std::string& in) {
    std::string c = fresh(), &x = s[1 + pick(2)];
    const char* literal[] = {"1.0", "-1.0", "0.0", "-0.0", "4.0", "3.0"};
    const char* kind[] = {"add", "sub", "mul", "div"};
    std::string text = in + c + " = nh.constant dense<" + literal[pick(6)] + "> : tensor<f64>\n";
    std::string a = x;
    if (pick(2)) std::swap(a, c);
    text += assign(x, in, std::string("nh.binary ") + kind[pick(4)] + " " + a + ", " + c + " : tensor<f64>");
    if (pick(2)) text += assign(x, in, "nh.unary neg " + x + " : tensor<f64> -> tensor<f64>");
    return text;
  }
  /// Broadcasts, slices and joins of the array.
  std::string arrange(State& s, const std::string& in) {
    std::string a = fresh(), b = fresh(), c = fresh();
    switch (pick(3)) {
      case 0:
        return in + a + " = nh.broadcast " + s[1] + " {shape = array<i64: 4>, dims = array<i64>} : (tensor<f64>) -> tensor<4xf64>\n" +
               in + b + " = nh.unary cos " + a + " : tensor<4xf64> -> tensor<4xf64>\n" +
               assign(s[3], in, "nh.binary add " + s[3] + ", " + b + " : tensor<4xf64>");
      case 1:
        return in + a + " = nh.slice " + s[3] + " {start = array<i64: 0>, limit = array<i64: 2>, stride = array<i64: 1>} : (tensor<4xf64>) -> tensor<2xf64>\n" +
               in + b + " = nh.slice " + s[3] + " {start = array<i64: 2>, limit = array<i64: 4>, stride = array<i64: 1>} : (tensor<4xf64>) -> tensor<2xf64>\n" +
               assign(s[3], in, "nh.concatenate " + (pick(2) ? a + ", " + b : b + ", " + a) + " {dim = 0 : i64} : (tensor<2xf64>, tensor<2xf64>) -> tensor<4xf64>");
      default:
        return in + a + " = nh.reshape " + s[3] + " {shape = array<i64: 2, 2>} : (tensor<4xf64>) -> tensor<2x2xf64>\n" +
               in + b + " = nh.transpose " + a + " {perm = array<i64: 1, 0>} : (tensor<2x2xf64>) -> tensor<2x2xf64>\n" +
               in + c + " = nh.binary add " + a + ", " + b + " : tensor<2x2xf64>\n" +
               assign(s[3], in, "nh.reshape " + c + " {shape = array<i64: 4>} : (tensor<2x2xf64>) -> tensor<4xf64>");
    }
  }
  std::string arguments(const State& s) {
    return s[0] + ": tensor<i64>, " + s[1] + ": tensor<f64>, " + s[2] + ": tensor<f64>, " + s[3] + ": tensor<4xf64>";
  }
  State bind(const std::string& base, int from = 0) {
    State s;
    for (int k = 0; k < 4; ++k) s.push_back(base + "#" + std::to_string(k + from));
    return s;
  }
  State named() { return {fresh(), fresh(), fresh(), fresh()}; }

  std::string loop(State& s, int depth, const std::string& in) {
    std::string result = fresh(), i = fresh();
    State inner = named();
    std::string text = in + result + ":4 = nh.for " + list(s) + " attributes {trip = " + std::to_string(1 + pick(3)) + " : i64, num_carries = 4 : i64, reverse = " + (pick(2) ? "true" : "false") + "} : (" +
                       kTypes + ") -> (" + kTypes + ") {\n" + in + "^bb0(" + i + ": tensor<i64>, " + arguments(inner) + "):\n";
    counters.push_back(i);
    text += statements(inner, depth - 1, in + "  ");
    counters.pop_back();
    text += in + "  nh.yield " + list(inner) + " : " + kTypes + "\n" + in + "}\n";
    s = bind(result);
    return text;
  }
  // Runs while its own counter is below a bound that differs between lanes, at most three times.
  std::string whileLoop(State& s, int depth, const std::string& in) {
    std::string result = fresh(), bound = fresh(), i = fresh(), j = fresh(), c = fresh(), next = fresh();
    State head = named(), inner = named();
    std::string types = "tensor<i64>, " + kTypes;
    std::string text = in + bound + " = nh.binary min " + integer(s) + ", %c3 : tensor<i64>\n";
    text += in + result + ":5 = nh.while %c0, " + list(s) + " attributes {max_trip = -1 : i64} : (" + types + ") -> (" + types + ") {\n";
    text += in + "^bb0(" + i + ": tensor<i64>, " + arguments(head) + "):\n";
    text += in + "  " + c + " = nh.compare lt " + i + ", " + bound + " : (tensor<i64>, tensor<i64>) -> tensor<i1>\n";
    text += in + "  nh.yield " + c + " : tensor<i1>\n" + in + "} {\n" + in + "^bb0(" + j + ": tensor<i64>, " + arguments(inner) + "):\n";
    text += statements(inner, depth - 1, in + "  ");
    text += in + "  " + next + " = nh.binary add " + j + ", %c1 : tensor<i64>\n";
    text += in + "  nh.yield " + next + ", " + list(inner) + " : " + types + "\n" + in + "}\n";
    s = bind(result, 1);
    return text;
  }
  std::string branch(State& s, int depth, const std::string& in) {
    std::string result = fresh(), index = integer(s);
    std::string text = in + result + ":4 = nh.case " + index + " : (tensor<i64>) -> (" + kTypes + ") ";
    int branches = 1 + pick(3);
    for (int j = 0; j < branches; ++j) {
      State inner = s;
      text += std::string(j ? ", {\n" : "{\n") + (j == 0 && pick(2) ? "" : statements(inner, depth - 1, in + "  "));
      if (pick(4) == 0) std::swap(inner[1], inner[2]);
      text += in + "  nh.yield " + list(inner) + " : " + kTypes + "\n" + in + "}";
    }
    s = bind(result);
    return text + "\n";
  }

  std::mt19937 random;
  bool emits;
  int counter = 0;
  State counters;  // of the loops around
};

}  // namespace nuthatch::test
