#pragma once
// Reads modules: declarations here, the instructions of a function in function_parser.cpp.
#include <map>
#include <set>
#include <unordered_map>

#include "tests/gpu/simulated/lexer.h"
#include "tests/gpu/simulated/module.h"

namespace nuthatch::simulated {

/// What a name stands for.
struct Variable {
  enum Kind { reg, param, address } kind = reg;
  std::uint32_t slot = 0;   // of an address, a constant
  std::uint32_t bytes = 0;  // of a parameter
};
using Names = std::unordered_map<std::string, Variable>;

/// A type as it is written: ".b64".
std::uint32_t sizeOfType(const Reader&, const std::string& type);

/// The slots of a thread, for all functions of a module.
class Slots {
 public:
  explicit Slots(Module& m) : m(m) { m.start.assign(kSpecialSlots, 0); }
  /// Values that were never written are not plausible ones.
  std::uint32_t add(std::size_t count) {
    m.start.resize(m.start.size() + count, 0x7ff4deadbeef7fa1);
    return std::uint32_t(m.start.size() - count);
  }
  std::uint32_t constant(std::uint64_t bits) {
    auto [at, added] = constants.try_emplace(bits, std::uint32_t(m.start.size()));
    if (added) m.start.push_back(bits);
    return at->second;
  }

 private:
  Module& m;
  std::unordered_map<std::uint64_t, std::uint32_t> constants{{0, kZero}};
};

struct ModuleParser {
  Reader in;
  Module& m;
  Slots slots;
  Names names;
  std::map<std::string, Function*> functions;
  std::map<const Function*, std::set<const Function*>> calls;
  const std::function<std::uint64_t(const Global&)>& place;

  ModuleParser(std::string_view text, Module& m, const std::function<std::uint64_t(const Global&)>& place) : in(text), m(m), slots(m), place(place) {}
  void parse();
  /// A variable behind ".shared" or ".local", "= ..." not included.
  Variable variable(const std::string& space);
  /// ".param ..." behind that word.
  Parameter parameter(std::string& name);

 private:
  void global();
  void function(bool kernel);
  void limits(Function&);
  void checkCalls(const Function*, std::set<const Function*>& above) const;
};

/// The body, behind its opening brace.
void parseBody(ModuleParser&, Function&, Names parameters);

}  // namespace nuthatch::simulated
