#include "tests/gpu/simulated/parser.h"

#include <algorithm>

namespace nuthatch::simulated {

std::uint32_t sizeOfType(const Reader& in, const std::string& type) {
  static const std::map<std::string, std::uint32_t> sizes{{".pred", 1}, {".b8", 1},  {".u8", 1},  {".s8", 1},  {".b16", 2},
                                                          {".u16", 2},  {".s16", 2}, {".b32", 4}, {".u32", 4}, {".s32", 4},
                                                          {".f32", 4},  {".b64", 8}, {".u64", 8}, {".s64", 8}, {".f64", 8}};
  const auto found = sizes.find(type);
  if (found == sizes.end()) in.fail("unknown type '" + type + "'");
  return found->second;
}

namespace {

std::uint64_t alignment(Reader& in) { return in.accept(".align") ? in.number() : 0; }

/// "[12]", "[]" or nothing, as a number of elements.
std::uint64_t elements(Reader& in) {
  if (!in.accept("[")) return 1;
  const auto out = in.peek().text == "]" ? 0 : in.number();
  in.expect("]");
  return out;
}

}  // namespace

Variable ModuleParser::variable(const std::string& space) {
  const auto asked = alignment(in);
  const auto size = sizeOfType(in, in.next());
  const auto align = std::uint32_t(std::max<std::uint64_t>(asked, size));
  const auto name = in.next();
  const auto count = elements(in);
  auto& total = space == ".shared" ? m.shared_bytes : m.local_bytes;
  if (space == ".shared" && count == 0) m.dynamic_shared = true;
  total = (total + align - 1) / align * align;
  const Variable out{Variable::address, slots.constant(total), 0};
  total += std::uint32_t(count * size);
  names[name] = out;
  return out;
}

Parameter ModuleParser::parameter(std::string& name) {
  alignment(in);
  const auto size = sizeOfType(in, in.next());
  if (in.accept(".ptr")) {
    for (const char* space : {".global", ".shared", ".local", ".const"}) in.accept(space);
    alignment(in);
  }
  name = in.next();
  const auto bytes = std::uint32_t(size * elements(in));
  return {slots.add((bytes + 7) / 8), bytes};
}

void ModuleParser::global() {
  auto variable = std::make_unique<Global>();
  alignment(in);
  const auto size = sizeOfType(in, in.next());
  variable->name = in.next();
  const auto count = elements(in);
  variable->bytes = count * size;
  variable->data.assign(variable->bytes, std::byte(0));
  if (in.accept("=")) {
    const bool list = in.accept("{");
    for (std::size_t k = 0;; ++k) {
      if (k >= count) in.fail("too many values for '" + variable->name + "'");
      const auto value = in.number();
      std::memcpy(variable->data.data() + k * size, &value, size);
      if (!list || !in.accept(",")) break;
    }
    if (list) in.expect("}");
  }
  in.expect(";");
  variable->address = place(*variable);
  names[variable->name] = {Variable::address, slots.constant(variable->address), 0};
  m.globals.push_back(std::move(variable));
}

void ModuleParser::limits(Function& f) {
  for (;;) {
    if (in.accept(".maxntid") || in.accept(".reqntid")) {
      f.max_threads = std::uint32_t(in.number());
      while (in.accept(",")) f.max_threads *= std::uint32_t(in.number());
    } else if (in.accept(".minnctapersm") || in.accept(".maxnreg")) {
      in.number();
    } else if (in.accept(".pragma")) {
      in.next();
      in.expect(";");
    } else if (!in.accept(".noreturn")) {
      return;
    }
  }
}

void ModuleParser::function(bool kernel) {
  Names local;
  auto parameters = [&](std::vector<Parameter>& out) {
    if (!in.accept("(")) return;
    while (!in.accept(")")) {
      in.accept(",");
      in.expect(".param");
      std::string name;
      const auto p = parameter(name);
      local[name] = {Variable::param, p.slot, p.bytes};
      out.push_back(p);
    }
  };
  std::vector<Parameter> results, arguments;
  parameters(results);
  const auto name = in.next();
  parameters(arguments);
  Function*& f = functions[name];
  if (!f) {
    f = m.functions.emplace_back(std::make_unique<Function>()).get();
    f->name = name;
    f->return_slot = slots.add(1);
  }
  // Calls name the function only: one that was declared before has its parameters where its definition has them.
  if (!f->code.empty()) in.fail("'" + name + "' is defined twice");
  f->kernel = kernel;
  f->parameters = arguments;
  f->results = results;
  limits(*f);
  if (in.accept(";")) return;
  in.expect("{");
  parseBody(*this, *f, std::move(local));
}

/// Registers have fixed places, so that no function may be at work twice.
void ModuleParser::checkCalls(const Function* f, std::set<const Function*>& above) const {
  if (f->code.empty()) throw Fault(kInvalidPtx, "'" + f->name + "' has no body");
  if (!above.insert(f).second) throw Fault(kInvalidPtx, "'" + f->name + "' calls itself");
  const auto found = calls.find(f);
  if (found != calls.end())
    for (const Function* g : found->second) checkCalls(g, above);
  above.erase(f);
}

void ModuleParser::parse() {
  while (!in.ended()) {
    const auto word = in.next();
    if (word == ".version") {
      const auto version = in.next();
      m.version = std::atoi(version.c_str()) * 10 + (version.find('.') == std::string::npos ? 0 : std::atoi(version.c_str() + version.find('.') + 1));
    } else if (word == ".target") {
      const auto target = in.next();
      if (target.starts_with("sm_")) m.target = std::atoi(target.c_str() + 3);
    } else if (word == ".address_size") {
      if (in.number() != 64) in.fail("addresses have 64 bits");
    } else if (word == ".visible" || word == ".extern" || word == ".weak" || word == ".internal" || word == ".common") {
      continue;
    } else if (word == ".global" || word == ".const") {
      global();
    } else if (word == ".shared") {
      variable(word);
      in.expect(";");
    } else if (word == ".entry" || word == ".func") {
      function(word == ".entry");
    } else {
      in.fail("'" + word + "' is not understood");
    }
  }
  std::set<const Function*> above;
  for (const auto& f : m.functions)
    if (f->kernel) checkCalls(f.get(), above);
}

std::unique_ptr<Module> parseModule(const std::string& text, const std::function<std::uint64_t(const Global&)>& place) {
  auto m = std::make_unique<Module>();
  m->text = text;
  ModuleParser(m->text, *m, place).parse();
  return m;
}

}  // namespace nuthatch::simulated
