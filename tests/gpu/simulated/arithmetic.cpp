// Sums, products, quotients and the like. Reals follow IEEE 754 to the bit. Sums and products of reals without ".rn" are
// not here: an assembler may fuse them.
#include <limits>

#include "tests/gpu/simulated/table.h"

namespace nuthatch::simulated {
namespace {

template <class T>
using Wide = std::conditional_t<sizeof(T) == 8, std::conditional_t<std::is_signed_v<T>, __int128, unsigned __int128>,
                                std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>>;
template <class T>
using Twice = std::conditional_t<std::is_signed_v<T>, std::conditional_t<sizeof(T) == 2, std::int32_t, std::int64_t>,
                                 std::conditional_t<sizeof(T) == 2, std::uint32_t, std::uint64_t>>;
template <class T>
using Unsigned = std::make_unsigned_t<T>;

/// Wraps around.
template <class T>
T low(Wide<T> x) {
  return T(Unsigned<T>(x));
}
template <class T>
T high(T a, T b) {
  return T(Wide<T>(Wide<T>(a) * Wide<T>(b)) >> (8 * sizeof(T)));
}

void addIntegers(Table& table) {
  eachInteger([&]<class T>(const std::string& type) {
    table.two<T>("add." + type, [](T a, T b) { return low<T>(Wide<T>(a) + Wide<T>(b)); });
    table.two<T>("sub." + type, [](T a, T b) { return low<T>(Wide<T>(a) - Wide<T>(b)); });
    table.two<T>("mul.lo." + type, [](T a, T b) { return T(std::uint64_t(a) * std::uint64_t(b)); });
    table.two<T>("mul.hi." + type, [](T a, T b) { return high(a, b); });
    table.three<T>("mad.lo." + type, [](T a, T b, T c) { return T(std::uint64_t(a) * std::uint64_t(b) + std::uint64_t(c)); });
    table.three<T>("mad.hi." + type, [](T a, T b, T c) { return T(std::uint64_t(high(a, b)) + std::uint64_t(c)); });
    // What a division by zero gives is not said; the device gives all ones.
    table.two<T>("div." + type, [](T a, T b) { return b == 0 ? T(-1) : low<T>(Wide<T>(a) / Wide<T>(b)); });
    table.two<T>("rem." + type, [](T a, T b) { return b == 0 ? a : low<T>(Wide<T>(a) % Wide<T>(b)); });
    table.two<T>("min." + type, [](T a, T b) { return b < a ? b : a; });
    table.two<T>("max." + type, [](T a, T b) { return a < b ? b : a; });
    if constexpr (std::is_signed_v<T>) {
      table.one<T>("neg." + type, [](T a) { return T(-std::uint64_t(a)); });
      table.one<T>("abs." + type, [](T a) { return a < 0 ? T(-std::uint64_t(a)) : a; });
    }
    if constexpr (sizeof(T) < 8) {
      table.two<T>("mul.wide." + type, [](T a, T b) { return Twice<T>(a) * Twice<T>(b); });
      table.add("mad.wide." + type, "dabc", [](Thread& t, const Instruction& i) {
        const auto product = Twice<T>(t.get<T>(i.a)) * Twice<T>(t.get<T>(i.b));
        t.put(i.d, Twice<T>(std::uint64_t(product) + std::uint64_t(t.get<Twice<T>>(i.c))));
      });
    }
  });
}

/// a + b + carry of a thread; of a difference, the carry is the borrow.
template <class T, bool difference, bool reads, bool writes>
void withCarry(Thread& t, const Instruction& i) {
  using W = unsigned __int128;
  const W a = t.get<T>(i.a), b = t.get<T>(i.b), in = reads && t.carry;
  const W out = difference ? a - b - in : a + b + in;
  if (writes) t.carry = ((out >> (8 * sizeof(T))) & 1) != 0;
  t.put(i.d, T(out));
}

void addCarries(Table& table) {
  auto each = [&]<class T>(const std::string& type) {
    table.add("add.cc." + type, "dab", withCarry<T, false, false, true>);
    table.add("addc.cc." + type, "dab", withCarry<T, false, true, true>);
    table.add("addc." + type, "dab", withCarry<T, false, true, false>);
    table.add("sub.cc." + type, "dab", withCarry<T, true, false, true>);
    table.add("subc.cc." + type, "dab", withCarry<T, true, true, true>);
    table.add("subc." + type, "dab", withCarry<T, true, true, false>);
  };
  for (const char* type : {"s32", "u32"}) each.operator()<std::uint32_t>(type);
  for (const char* type : {"s64", "u64"}) each.operator()<std::uint64_t>(type);
}

/// Of a number and a NaN, the number; -0 is less than 0.
template <class T>
T least(T a, T b) {
  if (std::isnan(a)) return b;
  if (std::isnan(b)) return a;
  if (a == b) return std::signbit(a) ? a : b;
  return a < b ? a : b;
}

void addReals(Table& table) {
  eachReal([&]<class T>(const std::string& type) {
    table.two<T>("add.rn." + type, [](T a, T b) { return a + b; });
    table.two<T>("sub.rn." + type, [](T a, T b) { return a - b; });
    table.two<T>("mul.rn." + type, [](T a, T b) { return a * b; });
    table.two<T>("div.rn." + type, [](T a, T b) { return a / b; });
    table.three<T>("fma.rn." + type, [](T a, T b, T c) { return std::fma(a, b, c); });
    table.one<T>("rcp.rn." + type, [](T a) { return T(1) / a; });
    table.one<T>("sqrt.rn." + type, [](T a) { return std::sqrt(a); });
    table.one<T>("neg." + type, [](T a) { return -a; });
    table.one<T>("abs." + type, [](T a) { return std::fabs(a); });
    table.two<T>("copysign." + type, [](T a, T b) { return std::copysign(b, a); });
    table.two<T>("min." + type, [](T a, T b) { return least(a, b); });
    table.two<T>("max." + type, [](T a, T b) { return std::isnan(a) ? b : std::isnan(b) ? a : -least(-a, -b); });
    table.two<T>("min.NaN." + type, [](T a, T b) { return std::isunordered(a, b) ? std::numeric_limits<T>::quiet_NaN() : least(a, b); });
    table.two<T>("max.NaN." + type, [](T a, T b) { return std::isunordered(a, b) ? std::numeric_limits<T>::quiet_NaN() : -least(-a, -b); });
  });
}

}  // namespace

void addArithmetic(Table& table) {
  addIntegers(table);
  addCarries(table);
  addReals(table);
}

const Table& instructions() {
  static const Table table = [] {
    Table t;
    addArithmetic(t);
    addBits(t);
    addComparisons(t);
    addConversions(t);
    addWaits(t);
    return t;
  }();
  return table;
}

}  // namespace nuthatch::simulated
