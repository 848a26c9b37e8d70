// Comparisons. Those of reals come in two kinds: false, or true ("u"), where a number is a NaN.
#include "tests/gpu/simulated/table.h"

namespace nuthatch::simulated {
namespace {

/// Alone, and joined with another predicate.
template <class T, class F>
void add(Table& table, const std::string& comparison, const std::string& type, F) {
  table.add("setp." + comparison + "." + type, "dab",
            [](Thread& t, const Instruction& i) { t.setPredicate(i.d, F{}(t.get<T>(i.a), t.get<T>(i.b))); });
  table.add("setp." + comparison + ".and." + type, "dabc",
            [](Thread& t, const Instruction& i) { t.setPredicate(i.d, F{}(t.get<T>(i.a), t.get<T>(i.b)) && t.predicate(i.c)); });
  table.add("setp." + comparison + ".or." + type, "dabc",
            [](Thread& t, const Instruction& i) { t.setPredicate(i.d, F{}(t.get<T>(i.a), t.get<T>(i.b)) || t.predicate(i.c)); });
  table.add("setp." + comparison + ".xor." + type, "dabc",
            [](Thread& t, const Instruction& i) { t.setPredicate(i.d, F{}(t.get<T>(i.a), t.get<T>(i.b)) != t.predicate(i.c)); });
}

void addIntegers(Table& table) {
  auto equality = [&]<class T>(const std::string& type) {
    add<T>(table, "eq", type, [](T a, T b) { return a == b; });
    add<T>(table, "ne", type, [](T a, T b) { return a != b; });
  };
  eachInteger(equality);
  eachBits(equality);
  eachInteger([&]<class T>(const std::string& type) {
    add<T>(table, "lt", type, [](T a, T b) { return a < b; });
    add<T>(table, "le", type, [](T a, T b) { return a <= b; });
    add<T>(table, "gt", type, [](T a, T b) { return a > b; });
    add<T>(table, "ge", type, [](T a, T b) { return a >= b; });
    if constexpr (std::is_unsigned_v<T>) {
      add<T>(table, "lo", type, [](T a, T b) { return a < b; });
      add<T>(table, "ls", type, [](T a, T b) { return a <= b; });
      add<T>(table, "hi", type, [](T a, T b) { return a > b; });
      add<T>(table, "hs", type, [](T a, T b) { return a >= b; });
    }
  });
}

void addReals(Table& table) {
  eachReal([&]<class T>(const std::string& type) {
    add<T>(table, "eq", type, [](T a, T b) { return a == b; });
    add<T>(table, "ne", type, [](T a, T b) { return a < b || a > b; });
    add<T>(table, "lt", type, [](T a, T b) { return a < b; });
    add<T>(table, "le", type, [](T a, T b) { return a <= b; });
    add<T>(table, "gt", type, [](T a, T b) { return a > b; });
    add<T>(table, "ge", type, [](T a, T b) { return a >= b; });
    add<T>(table, "equ", type, [](T a, T b) { return !(a < b || a > b); });
    add<T>(table, "neu", type, [](T a, T b) { return a != b; });
    add<T>(table, "ltu", type, [](T a, T b) { return !(a >= b); });
    add<T>(table, "leu", type, [](T a, T b) { return !(a > b); });
    add<T>(table, "gtu", type, [](T a, T b) { return !(a <= b); });
    add<T>(table, "geu", type, [](T a, T b) { return !(a < b); });
    add<T>(table, "num", type, [](T a, T b) { return !std::isunordered(a, b); });
    add<T>(table, "nan", type, [](T a, T b) { return std::isunordered(a, b); });
    auto test = [&]<class F>(const std::string& what, F) {
      table.add("testp." + what + "." + type, "da", [](Thread& t, const Instruction& i) { t.setPredicate(i.d, F{}(t.get<T>(i.a))); });
    };
    test("finite", [](T a) { return std::isfinite(a); });
    test("infinite", [](T a) { return std::isinf(a); });
    test("number", [](T a) { return !std::isnan(a); });
    test("notanumber", [](T a) { return std::isnan(a); });
    test("normal", [](T a) { return std::isnormal(a); });
    test("subnormal", [](T a) { return std::fpclassify(a) == FP_SUBNORMAL; });
  });
}

}  // namespace

void addComparisons(Table& table) {
  addIntegers(table);
  addReals(table);
}

}  // namespace nuthatch::simulated
