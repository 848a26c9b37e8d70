// The instructions of a function.
#include <algorithm>

#include "tests/gpu/simulated/launch.h"
#include "tests/gpu/simulated/memory_instructions.h"
#include "tests/gpu/simulated/parser.h"
#include "tests/gpu/simulated/table.h"

namespace nuthatch::simulated {
namespace {

// ---- what branches and calls do

void jump(Thread& t, const Instruction& i) { t.pc = reinterpret_cast<const Instruction*>(i.value); }
void jumpIf(Thread& t, const Instruction& i) { if (t.predicate(i.a)) jump(t, i); }
void jumpUnless(Thread& t, const Instruction& i) { if (!t.predicate(i.a)) jump(t, i); }
void jumpByTable(Thread& t, const Instruction& i) {
  const auto& table = *reinterpret_cast<const std::vector<std::int64_t>*>(i.value);
  const auto k = t.get<std::uint32_t>(i.a);
  if (k >= table.size()) throw Fault(kIllegalInstruction, "branch " + std::to_string(k) + " of " + std::to_string(table.size()));
  t.pc = reinterpret_cast<const Instruction*>(table[k]);
}
/// Copies as many bytes as `value` says.
void hand(Thread& t, const Instruction& i) { std::memcpy(t.r + i.d, t.r + i.a, std::size_t(i.value)); }
void call(Thread& t, const Instruction& i) {
  const auto& f = *reinterpret_cast<const Function*>(i.value);
  t.r[f.return_slot] = reinterpret_cast<std::uint64_t>(t.pc);
  t.pc = f.code.data();
}
void goBack(Thread& t, const Instruction& i) { t.pc = reinterpret_cast<const Instruction*>(t.r[i.a]); }
void trap(Thread&, const Instruction&) { throw Fault(kLaunchFailed, "trap"); }

const std::unordered_map<std::string, std::uint32_t>& specials() {
  static const std::unordered_map<std::string, std::uint32_t> names{
      {"%tid.x", kTid}, {"%tid.y", kTid + 1}, {"%tid.z", kTid + 2}, {"%ntid.x", kNtid}, {"%ntid.y", kNtid + 1}, {"%ntid.z", kNtid + 2},
      {"%ctaid.x", kCtaid}, {"%ctaid.y", kCtaid + 1}, {"%ctaid.z", kCtaid + 2}, {"%nctaid.x", kNctaid}, {"%nctaid.y", kNctaid + 1},
      {"%nctaid.z", kNctaid + 2}, {"%laneid", kLane}, {"%warpid", kWarp}, {"%nwarpid", kWarps}, {"%lanemask_lt", kLanesBefore},
      {"%lanemask_le", kLanesUpTo}, {"%lanemask_ge", kLanesFrom}, {"%lanemask_gt", kLanesAfter}, {"%lanemask_eq", kLaneMask}};
  return names;
}

class Body {
 public:
  Body(ModuleParser& p, Function& f, Names names) : p(p), in(p.in), f(f) { scopes.push_back(std::move(names)); }

  void parse() {
    scopes.emplace_back();
    for (std::size_t depth = 1; depth;) {
      if (in.accept("{")) scopes.emplace_back(), ++depth;
      else if (in.accept("}")) scopes.pop_back(), --depth;
      else statement();
    }
    emit({.run = f.kernel ? threadEnds : goBack, .a = f.return_slot});
    resolve();
  }

 private:
  // ---- statements

  void statement() {
    line = in.line();
    if (in.ended()) in.fail("the text ends inside '" + f.name + "'");
    if (in.peek(1).text == ":") return label();
    if (in.peek().text[0] == '.') return directive();
    std::string guard;
    bool negated = false;
    if (in.accept("@")) {
      negated = in.accept("!");
      guard = in.next();
    }
    instruction(in.next(), guard, negated);
    in.expect(";");
  }

  void label() {
    const auto name = in.next();
    in.expect(":");
    if (!in.accept(".branchtargets")) {
      if (!labels.emplace(name, std::int64_t(f.code.size())).second) in.fail("'" + name + "' is there twice");
      return;
    }
    auto& targets = tables[name];
    do targets.push_back(in.next());
    while (in.accept(","));
    in.expect(";");
  }

  void directive() {
    const auto word = in.next();
    if (word == ".reg") return registers();
    if (word == ".pragma") in.next();
    else if (word == ".local" || word == ".shared") {
      const auto name = nameAhead();
      scopes.back()[name] = p.variable(word);
    } else if (word == ".param") {
      std::string name;
      const auto parameter = p.parameter(name);
      scopes.back()[name] = {Variable::param, parameter.slot, parameter.bytes};
    } else in.fail("'" + word + "' is not understood");
    in.expect(";");
  }

  /// Of the variable whose declaration follows.
  std::string nameAhead() const {
    std::size_t k = 0;
    while (in.peek(k).text[0] == '.' || Reader::isNumber(in.peek(k).text)) ++k;
    return std::string(in.peek(k).text);
  }

  void registers() {
    sizeOfType(in, in.next());
    do {
      const auto name = in.next();
      if (!in.accept("<")) {
        scopes.back()[name] = {Variable::reg, p.slots.add(1), 0};
        continue;
      }
      const auto count = in.number();
      in.expect(">");
      const auto first = p.slots.add(count);
      for (std::uint32_t k = 0; k < count; ++k) scopes.back()[name + std::to_string(k)] = {Variable::reg, first + k, 0};
    } while (in.accept(","));
    in.expect(";");
  }

  // ---- instructions

  void instruction(const std::string& name, const std::string& guard, bool negated) {
    if (name == "bra" || name == "bra.uni") {
      const auto run = guard.empty() ? jump : negated ? jumpUnless : jumpIf;
      targets.emplace_back(emit({.run = run, .a = guard.empty() ? kZero : slot(guard)}), in.next());
      return;
    }
    // Behind what the guard leaves out.
    const auto skips = guard.empty() ? -1 : emit({.run = negated ? jumpIf : jumpUnless, .a = slot(guard)});
    if (name == "ret" || name == "exit" || name == "ret.uni") emit({.run = f.kernel || name == "exit" ? threadEnds : goBack, .a = f.return_slot});
    else if (name == "trap") emit({.run = trap});
    else if (name == "brx.idx" || name == "brx.idx.uni") branchByTable();
    else if (name == "call" || name == "call.uni") callFunction();
    else plain(name);
    if (skips >= 0) f.code[std::size_t(skips)].value = std::int64_t(f.code.size()), ends.push_back(skips);
  }

  void branchByTable() {
    const auto index = value();
    in.expect(",");
    const auto found = tables.find(in.next());
    if (found == tables.end()) in.fail("no such table of branches");
    const auto at = emit({.run = jumpByTable, .a = index});
    byTable.emplace_back(at, f.tables.size());
    auto& table = f.tables.emplace_back();
    for (const auto& name : found->second) table.push_back(labelled(name));
  }

  std::vector<Variable> callList() {
    std::vector<Variable> out;
    in.expect("(");
    while (!in.accept(")")) {
      in.accept(",");
      const auto name = in.next();
      const auto* v = find(name);
      if (!v || v->kind != Variable::param) in.fail("'" + name + "' is not a parameter");
      out.push_back(*v);
    }
    return out;
  }

  void callFunction() {
    std::vector<Variable> results, arguments;
    if (in.peek().text == "(") {
      results = callList();
      in.expect(",");
    }
    const auto name = in.next();
    if (in.accept(",")) arguments = callList();
    const auto found = p.functions.find(name);
    if (found == p.functions.end()) in.fail("no function '" + name + "'");
    const Function& g = *found->second;
    if (g.parameters.size() != arguments.size() || g.results.size() != results.size()) in.fail("'" + name + "' has other parameters");
    for (std::size_t k = 0; k < arguments.size(); ++k)
      emit({.run = hand, .d = g.parameters[k].slot, .a = arguments[k].slot, .value = std::min(g.parameters[k].bytes, arguments[k].bytes)});
    emit({.run = call, .value = reinterpret_cast<std::int64_t>(&g)});
    for (std::size_t k = 0; k < results.size(); ++k)
      emit({.run = hand, .d = results[k].slot, .a = g.results[k].slot, .value = std::min(g.results[k].bytes, results[k].bytes)});
    p.calls[&f].insert(&g);
  }

  void plain(std::string name) {
    Entry entry;
    if (name == "mov.b64" || name == "mov.b32") {  // pairs in braces are instructions of their own
      if (in.peek().text == "{") name += "}";
      else if (in.peek(2).text == "{") name += "{";
    }
    if (const auto* known = instructions().find(name)) entry = *known;
    else if (const auto parameter = parameterInstruction(name)) entry = *parameter;
    else if (const auto memory = memoryInstruction(name)) entry = *memory;
    else in.fail("the instruction '" + name + "' is not known");
    Instruction i{.run = entry.run};
    bool first = true, optional = false;
    for (const char letter : entry.form) {
      if (letter == '?') {
        optional = true;
        continue;
      }
      if (letter >= '0' && letter <= '9') {
        i.e = std::uint32_t(letter - '0');
        continue;
      }
      if (optional && in.peek().text == ";") break;
      if (!first) in.expect(",");
      first = false;
      operand(i, letter);
    }
    emit(i);
  }

  void operand(Instruction& i, char letter) {
    switch (letter) {
      case 'd': i.d = target(); break;
      case 'a': i.a = value(); break;
      case 'b': i.b = value(); break;
      case 'c': i.c = value(); break;
      case 'e': i.e = value(); break;
      case 'n': i.value = std::int64_t(in.number()); break;
      case 'k': i.value = value(); break;
      case 'p':
        i.d = target();
        if (in.accept("|")) i.e = target();
        break;
      case 'm': {
        in.expect("[");
        i.a = value();
        if (in.accept("+")) i.value = std::int64_t(in.number());
        else if (in.peek().text == "-") i.value = std::int64_t(in.number());
        in.expect("]");
        break;
      }
      case 'v': braces({&i.d, &i.b, &i.c, &i.e}, true); break;
      case 'w': braces({&i.b, &i.c, &i.e, &i.d}, false); break;
      default: in.fail("operands");
    }
  }

  void braces(std::initializer_list<std::uint32_t*> places, bool written) {
    in.expect("{");
    bool first = true;
    for (auto* place : places) {
      if (in.peek().text == "}") break;
      if (!first) in.expect(",");
      first = false;
      *place = written ? target() : value();
    }
    in.expect("}");
  }

  // ---- operands

  const Variable* find(const std::string& name) const {
    for (auto s = scopes.rbegin(); s != scopes.rend(); ++s)
      if (const auto found = s->find(name); found != s->end()) return &found->second;
    const auto found = p.names.find(name);
    return found == p.names.end() ? nullptr : &found->second;
  }

  std::uint32_t slot(const std::string& name) {
    if (const auto* v = find(name)) return v->slot;
    if (const auto found = specials().find(name); found != specials().end()) return found->second;
    if (name == "WARP_SZ") return p.slots.constant(32);
    in.fail("'" + name + "' is not known");
  }

  std::uint32_t value() {
    if (in.peek().text == "-" || Reader::isNumber(in.peek().text)) return p.slots.constant(in.number());
    return slot(in.next());
  }

  std::uint32_t target() {
    const auto name = in.next();
    if (name == "_") return p.slots.add(1);
    const auto* v = find(name);
    if (!v || v->kind != Variable::reg) in.fail("'" + name + "' is not a register");
    return v->slot;
  }

  // ---- places in the code

  std::int64_t emit(Instruction i) {
    i.line = line;
    f.code.push_back(i);
    return std::int64_t(f.code.size()) - 1;
  }

  /// Labels may come later: numbers of names, until all are there.
  std::int64_t labelled(const std::string& name) {
    mentioned.push_back(name);
    return std::int64_t(mentioned.size()) - 1;
  }

  std::int64_t address(const std::string& name) const {
    const auto found = labels.find(name);
    if (found == labels.end()) in.fail("no label '" + name + "' in '" + f.name + "'");
    return address(found->second);
  }
  std::int64_t address(std::int64_t at) const { return reinterpret_cast<std::int64_t>(f.code.data() + at); }

  void resolve() {
    for (const auto& [at, name] : targets) f.code[std::size_t(at)].value = address(name);
    for (const auto at : ends) f.code[std::size_t(at)].value = address(f.code[std::size_t(at)].value);
    for (auto& table : f.tables)
      for (auto& target : table) target = address(mentioned[std::size_t(target)]);
    for (const auto& [at, table] : byTable) f.code[std::size_t(at)].value = reinterpret_cast<std::int64_t>(&f.tables[table]);
  }

  ModuleParser& p;
  Reader& in;
  Function& f;
  std::vector<Names> scopes;
  std::uint32_t line = 0;
  std::unordered_map<std::string, std::int64_t> labels;
  std::unordered_map<std::string, std::vector<std::string>> tables;
  std::vector<std::string> mentioned;
  std::vector<std::pair<std::int64_t, std::string>> targets;
  std::vector<std::pair<std::int64_t, std::size_t>> byTable;
  std::vector<std::int64_t> ends;
};

}  // namespace

void parseBody(ModuleParser& p, Function& f, Names parameters) { Body(p, f, std::move(parameters)).parse(); }

}  // namespace nuthatch::simulated
