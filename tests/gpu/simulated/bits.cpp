// Bits: logic, shifts, fields, moves.
#include <algorithm>
#include <bit>

#include "tests/gpu/simulated/table.h"

namespace nuthatch::simulated {
namespace {

void addLogic(Table& table) {
  eachBits([&]<class T>(const std::string& type) {
    table.two<T>("and." + type, [](T a, T b) { return T(a & b); });
    table.two<T>("or." + type, [](T a, T b) { return T(a | b); });
    table.two<T>("xor." + type, [](T a, T b) { return T(a ^ b); });
    table.one<T>("not." + type, [](T a) { return T(~a); });
    table.one<T>("cnot." + type, [](T a) { return T(a == 0); });
  });
  table.add("and.pred", "dab", [](Thread& t, const Instruction& i) { t.setPredicate(i.d, t.predicate(i.a) && t.predicate(i.b)); });
  table.add("or.pred", "dab", [](Thread& t, const Instruction& i) { t.setPredicate(i.d, t.predicate(i.a) || t.predicate(i.b)); });
  table.add("xor.pred", "dab", [](Thread& t, const Instruction& i) { t.setPredicate(i.d, t.predicate(i.a) != t.predicate(i.b)); });
  table.add("not.pred", "da", [](Thread& t, const Instruction& i) { t.setPredicate(i.d, !t.predicate(i.a)); });
  table.add("lop3.b32", "dabcn", [](Thread& t, const Instruction& i) {
    const auto a = t.get<std::uint32_t>(i.a), b = t.get<std::uint32_t>(i.b), c = t.get<std::uint32_t>(i.c);
    std::uint32_t out = 0;
    for (int k = 0; k < 8; ++k)
      if ((i.value >> k) & 1) out |= (k & 4 ? a : ~a) & (k & 2 ? b : ~b) & (k & 1 ? c : ~c);
    t.put(i.d, out);
  });
}

/// Shifts by the width or more give what shifting bit by bit would.
template <class T>
void shiftLeft(Thread& t, const Instruction& i) {
  const auto by = t.get<std::uint32_t>(i.b);
  t.put(i.d, by >= 8 * sizeof(T) ? T(0) : T(std::uint64_t(t.get<T>(i.a)) << by));
}
template <class T>
void shiftRight(Thread& t, const Instruction& i) {
  const std::uint32_t width = 8 * sizeof(T), by = t.get<std::uint32_t>(i.b);
  const T a = t.get<T>(i.a);
  if constexpr (std::is_signed_v<T>) t.put(i.d, T(a >> std::min(by, width - 1)));
  else t.put(i.d, by >= width ? T(0) : T(a >> by));
}

/// 32 bits of the 64 bits of b and a.
template <bool left, bool wrap>
void funnel(Thread& t, const Instruction& i) {
  const auto both = std::uint64_t(t.get<std::uint32_t>(i.b)) << 32 | t.get<std::uint32_t>(i.a);
  const auto asked = t.get<std::uint32_t>(i.c), by = wrap ? asked & 31 : std::min(asked, 32u);
  t.put(i.d, left ? std::uint32_t((by == 32 ? both << 32 : both << by) >> 32) : std::uint32_t(both >> by));
}

void addShifts(Table& table) {
  eachBits([&]<class T>(const std::string& type) { table.add("shl." + type, "dab", shiftLeft<T>); });
  eachInteger([&]<class T>(const std::string& type) { table.add("shr." + type, "dab", shiftRight<T>); });
  eachBits([&]<class T>(const std::string& type) { table.add("shr." + type, "dab", shiftRight<T>); });
  table.add("shf.l.wrap.b32", "dabc", funnel<true, true>);
  table.add("shf.r.wrap.b32", "dabc", funnel<false, true>);
  table.add("shf.l.clamp.b32", "dabc", funnel<true, false>);
  table.add("shf.r.clamp.b32", "dabc", funnel<false, false>);
}

/// `length` bits from position `from`, continued by the sign, or its highest bit where the field reaches beyond the top.
template <class T>
void extractField(Thread& t, const Instruction& i) {
  const std::uint32_t width = 8 * sizeof(T), from = t.get<std::uint32_t>(i.b) & 255, length = t.get<std::uint32_t>(i.c) & 255;
  const T a = t.get<T>(i.a);
  auto bit = [&](std::uint32_t k) { return (std::uint64_t(a) >> k) & 1; };
  const std::uint64_t sign = std::is_signed_v<T> && length ? bit(std::min(from + length - 1, width - 1)) : 0;
  std::uint64_t out = 0;
  for (std::uint32_t k = 0; k < width; ++k) out |= (k < length && from + k < width ? bit(from + k) : sign) << k;
  t.put(i.d, T(out));
}
template <class T>
void insertField(Thread& t, const Instruction& i) {
  const std::uint32_t width = 8 * sizeof(T), from = t.get<std::uint32_t>(i.c) & 255, length = t.get<std::uint32_t>(i.e) & 255;
  const T a = t.get<T>(i.a);
  T out = t.get<T>(i.b);
  for (std::uint32_t k = 0; k < length && from + k < width; ++k) {
    const T place = T(T(1) << (from + k));
    out = T((a >> k) & 1 ? out | place : out & ~place);
  }
  t.put(i.d, out);
}
/// Position of the highest bit that is not the sign; all ones where there is none.
template <class T>
void findHighest(Thread& t, const Instruction& i) {
  const T a = t.get<T>(i.a);
  const std::make_unsigned_t<T> bits = std::make_unsigned_t<T>(std::is_signed_v<T> && std::int64_t(a) < 0 ? T(~a) : a);
  t.put(i.d, bits == 0 ? ~0u : std::uint32_t(8 * sizeof(T) - 1 - std::countl_zero(bits)));
}
template <class T>
T reversed(T a) {
  T out = 0;
  for (unsigned k = 0; k < 8 * sizeof(T); ++k) out = T(out << 1 | ((a >> k) & 1));
  return out;
}
/// Four bytes of the eight of a and b; a selector's highest bit asks for the sign.
void permuteBytes(Thread& t, const Instruction& i) {
  const auto both = std::uint64_t(t.get<std::uint32_t>(i.b)) << 32 | t.get<std::uint32_t>(i.a);
  const auto selector = t.get<std::uint32_t>(i.c);
  std::uint32_t out = 0;
  for (int k = 0; k < 4; ++k) {
    const std::uint32_t s = (selector >> (4 * k)) & 15;
    auto byte = std::uint8_t(both >> (8 * (s & 7)));
    if (s & 8) byte = byte & 0x80 ? 0xff : 0;
    out |= std::uint32_t(byte) << (8 * k);
  }
  t.put(i.d, out);
}

void addFields(Table& table) {
  eachInteger([&]<class T>(const std::string& type) {
    if constexpr (sizeof(T) > 2) {
      table.add("bfe." + type, "dabc", extractField<T>);
      table.add("bfind." + type, "da", findHighest<T>);
    }
  });
  eachBits([&]<class T>(const std::string& type) {
    if constexpr (sizeof(T) > 2) {
      table.add("bfi." + type, "dabce", insertField<T>);
      table.one<T>("clz." + type, [](T a) { return std::uint32_t(std::countl_zero(a)); });
      table.one<T>("popc." + type, [](T a) { return std::uint32_t(std::popcount(a)); });
      table.one<T>("brev." + type, [](T a) { return reversed(a); });
    }
  });
  table.add("prmt.b32", "dabc", permuteBytes);
}

template <class T>
void move(Thread& t, const Instruction& i) { t.put(i.d, t.get<T>(i.a)); }
template <class T>
void select(Thread& t, const Instruction& i) { t.put(i.d, t.predicate(i.c) ? t.get<T>(i.a) : t.get<T>(i.b)); }

void addMoves(Table& table) {
  auto each = [&]<class T>(const std::string& type) {
    table.add("mov." + type, "da", move<T>);
    table.add("selp." + type, "dabc", select<T>);
  };
  eachBits(each);
  eachInteger(each);
  each.operator()<std::uint32_t>("f32");
  each.operator()<std::uint64_t>("f64");
  table.add("mov.pred", "da", [](Thread& t, const Instruction& i) { t.setPredicate(i.d, t.predicate(i.a)); });
  // Pairs in one register.
  table.add("mov.b64{", "dw", [](Thread& t, const Instruction& i) {
    t.put(i.d, std::uint64_t(t.get<std::uint32_t>(i.c)) << 32 | t.get<std::uint32_t>(i.b));
  });
  table.add("mov.b64}", "va", [](Thread& t, const Instruction& i) {
    const auto both = t.get<std::uint64_t>(i.a);
    t.put(i.d, std::uint32_t(both));
    t.put(i.b, std::uint32_t(both >> 32));
  });
  table.add("mov.b32}", "va", [](Thread& t, const Instruction& i) {
    const auto both = t.get<std::uint32_t>(i.a);
    t.put(i.d, std::uint16_t(both));
    t.put(i.b, std::uint16_t(both >> 16));
  });
}

}  // namespace

void addBits(Table& table) {
  addLogic(table);
  addShifts(table);
  addFields(table);
  addMoves(table);
}

}  // namespace nuthatch::simulated
