#pragma once
// Instructions by their full names. A name that is not in the table is refused: nothing is guessed.
#include <cmath>
#include <string>
#include <unordered_map>

#include "tests/gpu/simulated/thread.h"

namespace nuthatch::simulated {

/// `form` has a letter for each operand:
///   d      a register that is written
///   a b c e  values that are read
///   m      memory: base to a, offset to value
///   p      a register with an optional predicate behind a bar, "d|e"
///   n      a constant, to value
///   k      a value that is read; its slot goes to value
///   v, w   2 or 4 registers in braces, written (d, b, c, e) or read (b, c, e, d)
/// Operands behind a question mark may be missing; their slots are 0, which holds 0.
struct Entry {
  Action run = nullptr;
  std::string form;
};

class Table {
 public:
  void add(const std::string& name, const char* form, Action run) { entries[name] = {run, form}; }
  const Entry* find(const std::string& name) const {
    const auto at = entries.find(name);
    return at == entries.end() ? nullptr : &at->second;
  }

  // Functions of values of one type T with a result of the type that they return.
  template <class T, class F>
  void one(const std::string& name, F) {
    add(name, "da", [](Thread& t, const Instruction& i) { t.put(i.d, F{}(t.get<T>(i.a))); });
  }
  template <class T, class F>
  void two(const std::string& name, F) {
    add(name, "dab", [](Thread& t, const Instruction& i) { t.put(i.d, F{}(t.get<T>(i.a), t.get<T>(i.b))); });
  }
  template <class T, class F>
  void three(const std::string& name, F) {
    add(name, "dabc", [](Thread& t, const Instruction& i) { t.put(i.d, F{}(t.get<T>(i.a), t.get<T>(i.b), t.get<T>(i.c))); });
  }

 private:
  std::unordered_map<std::string, Entry> entries;
};

/// All instructions but loads, stores and atomic operations (memory_instructions.h), branches and calls (parser.cpp).
const Table& instructions();

// The families, each in a file of its own.
void addArithmetic(Table&);
void addBits(Table&);
void addComparisons(Table&);
void addConversions(Table&);
void addWaits(Table&);

// Types with the suffixes of their names.
template <class F>
void eachInteger(F f) {
  f.template operator()<std::int16_t>(std::string("s16"));
  f.template operator()<std::uint16_t>(std::string("u16"));
  f.template operator()<std::int32_t>(std::string("s32"));
  f.template operator()<std::uint32_t>(std::string("u32"));
  f.template operator()<std::int64_t>(std::string("s64"));
  f.template operator()<std::uint64_t>(std::string("u64"));
}
template <class F>
void eachBits(F f) {
  f.template operator()<std::uint16_t>(std::string("b16"));
  f.template operator()<std::uint32_t>(std::string("b32"));
  f.template operator()<std::uint64_t>(std::string("b64"));
}
template <class F>
void eachReal(F f) {
  f.template operator()<float>(std::string("f32"));
  f.template operator()<double>(std::string("f64"));
}

}  // namespace nuthatch::simulated
