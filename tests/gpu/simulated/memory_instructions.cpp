#include "tests/gpu/simulated/memory_instructions.h"

#include <atomic>
#include <set>
#include <sstream>
#include <vector>

#include "tests/gpu/simulated/launch.h"
#include "tests/gpu/simulated/races.h"

namespace nuthatch::simulated {
namespace {

enum class Space { any, global, shared, local };

std::string hex(std::uint64_t x) {
  std::ostringstream out;
  out << "0x" << std::hex << x;
  return out.str();
}

[[noreturn]] void outside(const char* what, std::uint64_t address, std::uint64_t bytes, std::uint64_t size) {
  throw Fault(kIllegalAddress, std::to_string(bytes) + " bytes at " + hex(address) + " of " + what + " memory, which has " + std::to_string(size));
}

std::byte* inside(std::byte* data, std::uint64_t size, const char* what, std::uint64_t address, std::uint64_t bytes) {
  if (address > size || bytes > size - address) outside(what, address, bytes, size);
  return data + address;
}

template <Space space>
std::byte* place(Thread& t, const Instruction& i, std::uint64_t address, std::uint32_t bytes) {
  if (address % bytes) throw Fault(kMisalignedAddress, std::to_string(bytes) + " bytes at " + hex(address) + ", which is not a multiple of their number");
  Block& block = *t.block;
  if constexpr (space == Space::shared) return inside(block.shared.data(), block.shared.size(), "shared", address, bytes);
  if constexpr (space == Space::local) return inside(t.local, block.module->local_bytes, "local", address, bytes);
  if constexpr (space == Space::any) {
    if (address - kSharedBase < kWindow) return inside(block.shared.data(), block.shared.size(), "shared", address - kSharedBase, bytes);
    if (address - kLocalBase < kWindow) return inside(t.local, block.module->local_bytes, "local", address - kLocalBase, bytes);
  }
  return block.core->at(i, address, bytes);
}

/// The same place has one address for the check of races; 0: nobody else sees it.
template <Space space>
std::uint64_t seen(std::uint64_t address) {
  if constexpr (space == Space::local) return 0;
  if constexpr (space == Space::shared) return kSharedBase + address;
  return space == Space::any && address - kLocalBase < kWindow ? 0 : address;
}

template <Space space, class T, int count, bool constant, bool spins>
void load(Thread& t, const Instruction& i) {
  const auto address = t.r[i.a] + std::uint64_t(i.value);
  const std::byte* from = place<space>(t, i, address, count * sizeof(T));
  Core& core = *t.block->core;
  if (core.races && seen<space>(address)) {
    if constexpr (spins) core.races->atomic(t, i, seen<space>(address), count * sizeof(T), Order(i.e), false);
    else core.races->load(t, i, seen<space>(address), count * sizeof(T), constant);
  }
  using Stored = std::conditional_t<std::is_signed_v<T>, std::int64_t, T>;
  auto put = [&](std::uint32_t slot, int k) {
    T value;
    std::memcpy(&value, from + k * sizeof(T), sizeof(T));
    t.put(slot, Stored(value));
  };
  if constexpr (spins) {
    t.put(i.d, Stored(std::atomic_ref<T>(*reinterpret_cast<T*>(const_cast<std::byte*>(from))).load()));
    if (core.cooperative) t.stop();  // it may wait for others
    return;
  }
  if constexpr (count > 1) {  // the base may be one of the registers written
    const std::uint32_t to[] = {i.d, i.b, i.c, i.e};
    for (int k = 0; k < count; ++k) put(to[k], k);
  } else {
    put(i.d, 0);
  }
}

template <Space space, class T, int count, bool ordered>
void store(Thread& t, const Instruction& i) {
  const auto address = t.r[i.a] + std::uint64_t(i.value);
  std::byte* to = place<space>(t, i, address, count * sizeof(T));
  const std::uint32_t from[] = {i.b, i.c, i.e, i.d};
  T values[count];
  for (int k = 0; k < count; ++k) values[k] = t.get<T>(from[k]);
  Core& core = *t.block->core;
  if (core.races && seen<space>(address)) {
    if constexpr (ordered) core.races->atomic(t, i, seen<space>(address), count * sizeof(T), Order(i.e), true);
    else core.races->store(t, i, seen<space>(address), count * sizeof(T), std::memcmp(to, values, sizeof(values)) != 0);
  }
  if constexpr (ordered) std::atomic_ref<T>(*reinterpret_cast<T*>(to)).store(values[0]);
  else std::memcpy(to, values, sizeof(values));
}

/// Replaces the value by f of it and the operands.
template <Space space, class T, class F>
void change(Thread& t, const Instruction& i) {
  const auto address = t.r[i.a] + std::uint64_t(i.value);
  auto& at = *reinterpret_cast<T*>(place<space>(t, i, address, sizeof(T)));
  Core& core = *t.block->core;
  if (core.races && seen<space>(address)) core.races->atomic(t, i, seen<space>(address), sizeof(T), Order(i.e), true);
  std::atomic_ref<T> now(at);
  T before = now.load();
  while (!now.compare_exchange_weak(before, F{}(before, t.get<T>(i.b), t.get<T>(i.c)))) {}
  if (i.d) t.put(i.d, before);
  if (core.cooperative) t.stop();
}

struct Name {
  std::set<std::string> words;  // behind the operation
  Space space = Space::any;
  Order order = Order::none;
  std::string type, operation;
  int count = 1;
  bool constant = false;
};

/// Words of all kinds of instructions; nothing if there is one that is not known.
std::optional<Name> read(const std::string& name, const std::set<std::string>& operations) {
  Name out;
  std::istringstream in(name);
  std::string word;
  std::getline(in, word, '.');
  while (std::getline(in, word, '.')) {
    out.type = word;  // the last one
    if (word == "global") out.space = Space::global;
    else if (word == "shared") out.space = Space::shared;
    else if (word == "local") out.space = Space::local;
    else if (word == "relaxed" || word == "volatile" || word == "mmio") out.order = Order::relaxed;
    else if (word == "acquire") out.order = Order::acquire;
    else if (word == "release") out.order = Order::release;
    else if (word == "acq_rel") out.order = Order::both;
    else if (word == "v2") out.count = 2;
    else if (word == "v4") out.count = 4;
    else if (word == "nc") out.constant = true;
    else if (operations.count(word)) out.operation = word;
    else if (word == "cta" || word == "gpu" || word == "sys" || word == "weak") continue;
    else if (!in.eof()) return std::nullopt;
  }
  return out;
}

template <class F>
Action bySpace(Space s, F f) {
  switch (s) {
    case Space::any: return f.template operator()<Space::any>();
    case Space::global: return f.template operator()<Space::global>();
    case Space::shared: return f.template operator()<Space::shared>();
    case Space::local: return f.template operator()<Space::local>();
  }
  return nullptr;
}

/// Calls f with the type of that name; nothing for an unknown one.
template <class F>
Action byType(const std::string& type, F f) {
  if (type == "b8" || type == "u8") return f.template operator()<std::uint8_t>();
  if (type == "s8") return f.template operator()<std::int8_t>();
  if (type == "b16" || type == "u16") return f.template operator()<std::uint16_t>();
  if (type == "s16") return f.template operator()<std::int16_t>();
  if (type == "b32" || type == "u32" || type == "f32") return f.template operator()<std::uint32_t>();
  if (type == "s32") return f.template operator()<std::int32_t>();
  if (type == "b64" || type == "u64" || type == "f64" || type == "s64") return f.template operator()<std::uint64_t>();
  return nullptr;
}

template <int count>
Action loadOf(const Name& n) {
  return byType(n.type, [&]<class T>() {
    return bySpace(n.space, [&]<Space s>() -> Action {
      if (n.order != Order::none) return count == 1 ? load<s, T, 1, false, true> : nullptr;
      return n.constant ? load<s, T, count, true, false> : load<s, T, count, false, false>;
    });
  });
}
template <int count>
Action storeOf(const Name& n) {
  return byType(n.type, [&]<class T>() {
    return bySpace(n.space, [&]<Space s>() -> Action {
      if (n.order != Order::none) return count == 1 ? store<s, T, 1, true> : nullptr;
      return store<s, T, count, false>;
    });
  });
}

template <class T, class F>
Action changeOf(const Name& n, F) {
  return bySpace(n.space, []<Space s>() -> Action { return change<s, T, F>; });
}

template <class T>
Action integerChange(const Name& n) {
  if (n.operation == "add") return changeOf<T>(n, [](T now, T b, T) { return T(std::uint64_t(now) + std::uint64_t(b)); });
  if (n.operation == "min") return changeOf<T>(n, [](T now, T b, T) { return b < now ? b : now; });
  if (n.operation == "max") return changeOf<T>(n, [](T now, T b, T) { return now < b ? b : now; });
  if (n.operation == "inc") return changeOf<T>(n, [](T now, T b, T) { return now >= b ? T(0) : T(now + 1); });
  if (n.operation == "dec") return changeOf<T>(n, [](T now, T b, T) { return now == 0 || now > b ? b : T(now - 1); });
  return nullptr;
}
template <class T>
Action bitChange(const Name& n) {
  if (n.operation == "and") return changeOf<T>(n, [](T now, T b, T) { return T(now & b); });
  if (n.operation == "or") return changeOf<T>(n, [](T now, T b, T) { return T(now | b); });
  if (n.operation == "xor") return changeOf<T>(n, [](T now, T b, T) { return T(now ^ b); });
  if (n.operation == "exch") return changeOf<T>(n, [](T, T b, T) { return b; });
  if (n.operation == "cas") return changeOf<T>(n, [](T now, T b, T c) { return now == b ? c : now; });
  return nullptr;
}

Action changeAction(const Name& n) {
  if (n.type == "b32") return bitChange<std::uint32_t>(n);
  if (n.type == "b64") return bitChange<std::uint64_t>(n);
  if (n.type == "u32") return integerChange<std::uint32_t>(n);
  if (n.type == "s32") return integerChange<std::int32_t>(n);
  if (n.type == "u64") return integerChange<std::uint64_t>(n);
  if (n.type == "s64") return integerChange<std::int64_t>(n);
  if (n.operation != "add") return nullptr;
  if (n.type == "f32") return changeOf<float>(n, [](float now, float b, float) { return now + b; });
  if (n.type == "f64") return changeOf<double>(n, [](double now, double b, double) { return now + b; });
  return nullptr;
}

Entry ordered(Action run, const std::string& form, Order order) { return {run, form + char('0' + int(order))}; }

void fence(Thread& t, const Instruction&) {
  if (auto* races = t.block->core->races) races->fence(t);
}

/// Into and out of the windows of shared and local memory. Global addresses are what they are.
template <std::uint64_t base>
void toAny(Thread& t, const Instruction& i) { t.r[i.d] = t.r[i.a] + base; }
template <std::uint64_t base>
void fromAny(Thread& t, const Instruction& i) { t.r[i.d] = t.r[i.a] - base; }

std::optional<Entry> address(const std::string& name) {
  if (name == "cvta.global.u64" || name == "cvta.const.u64") return Entry{toAny<0>, "da"};
  if (name == "cvta.to.global.u64" || name == "cvta.to.const.u64") return Entry{fromAny<0>, "da"};
  if (name == "cvta.shared.u64") return Entry{toAny<kSharedBase>, "da"};
  if (name == "cvta.to.shared.u64") return Entry{fromAny<kSharedBase>, "da"};
  if (name == "cvta.local.u64") return Entry{toAny<kLocalBase>, "da"};
  if (name == "cvta.to.local.u64") return Entry{fromAny<kLocalBase>, "da"};
  return std::nullopt;
}

}  // namespace

std::optional<Entry> memoryInstruction(const std::string& name) {
  static const std::set<std::string> changes{"add", "min", "max", "inc", "dec", "and", "or", "xor", "exch", "cas"};
  const auto operation = name.substr(0, name.find('.'));
  if (operation == "cvta") return address(name);
  if (operation == "fence" || operation == "membar") {
    static const std::set<std::string> fences{"fence.acq_rel.cta", "fence.acq_rel.gpu", "fence.acq_rel.sys", "fence.sc.cta", "fence.sc.gpu",
                                              "fence.sc.sys", "membar.cta", "membar.gl", "membar.sys"};
    if (!fences.count(name)) return std::nullopt;
    return Entry{fence, ""};
  }
  if (operation == "ld") {
    const auto n = read(name, {});
    if (!n) return std::nullopt;
    const Action run = n->count == 1 ? loadOf<1>(*n) : n->count == 2 ? loadOf<2>(*n) : loadOf<4>(*n);
    if (!run) return std::nullopt;
    return n->order != Order::none ? ordered(run, "dm", n->order) : Entry{run, n->count == 1 ? "dm" : "vm"};
  }
  if (operation == "st") {
    const auto n = read(name, {});
    if (!n || n->constant) return std::nullopt;
    const Action run = n->count == 1 ? storeOf<1>(*n) : n->count == 2 ? storeOf<2>(*n) : storeOf<4>(*n);
    if (!run) return std::nullopt;
    return n->order != Order::none ? ordered(run, "mb", n->order) : Entry{run, n->count == 1 ? "mb" : "mw"};
  }
  if (operation == "atom" || operation == "red") {
    auto n = read(name, changes);
    if (!n || n->constant || n->count != 1) return std::nullopt;
    if (n->order == Order::none) n->order = Order::relaxed;
    const Action run = changeAction(*n);
    if (!run) return std::nullopt;
    return ordered(run, std::string(operation == "atom" ? "dmb" : "mb") + (n->operation == "cas" ? "c" : ""), n->order);
  }
  return std::nullopt;
}

namespace {

template <class T, int count>
void loadParameter(Thread& t, const Instruction& i) {
  const std::byte* from = reinterpret_cast<const std::byte*>(t.r + i.a) + i.value;
  const std::uint32_t to[] = {i.d, i.b, i.c, i.e};
  T values[count];
  std::memcpy(values, from, sizeof(values));
  using Stored = std::conditional_t<std::is_signed_v<T>, std::int64_t, T>;
  for (int k = 0; k < count; ++k) t.put(to[k], Stored(values[k]));
}
template <class T, int count>
void storeParameter(Thread& t, const Instruction& i) {
  std::byte* to = reinterpret_cast<std::byte*>(t.r + i.a) + i.value;
  const std::uint32_t from[] = {i.b, i.c, i.e, i.d};
  for (int k = 0; k < count; ++k) {
    const T value = t.get<T>(from[k]);
    std::memcpy(to + k * sizeof(T), &value, sizeof(T));
  }
}

}  // namespace

std::optional<Entry> parameterInstruction(const std::string& name) {
  const bool loads = name.starts_with("ld.param.");
  if (!loads && !name.starts_with("st.param.")) return std::nullopt;
  auto rest = name.substr(9);
  int count = 1;
  if (rest.starts_with("v2.") || rest.starts_with("v4.")) count = rest[1] - '0', rest = rest.substr(3);
  const Action run = byType(rest, [&]<class T>() -> Action {
    if (count == 1) return loads ? loadParameter<T, 1> : storeParameter<T, 1>;
    if (count == 2) return loads ? loadParameter<T, 2> : storeParameter<T, 2>;
    return loads ? loadParameter<T, 4> : storeParameter<T, 4>;
  });
  if (!run) return std::nullopt;
  return Entry{run, loads ? (count == 1 ? "dm" : "vm") : (count == 1 ? "mb" : "mw")};
}

}  // namespace nuthatch::simulated
