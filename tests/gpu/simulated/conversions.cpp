// Conversions between types. Those from reals to integers end at the type's limits; those that round say how.
#include <limits>

#include "tests/gpu/simulated/table.h"

namespace nuthatch::simulated {
namespace {

template <class F>
void eachStoredInteger(F f) {
  f.template operator()<std::int8_t>(std::string("s8"));
  f.template operator()<std::uint8_t>(std::string("u8"));
  eachInteger(f);
}

struct Even { template <class T> static T round(T x) { return std::nearbyint(x); } };  // in the mode that programs start in
struct Zero { template <class T> static T round(T x) { return std::trunc(x); } };
struct Down { template <class T> static T round(T x) { return std::floor(x); } };
struct Up { template <class T> static T round(T x) { return std::ceil(x); } };

template <class F>
void eachRounding(F f) {
  f.template operator()<Even>(std::string("rni"));
  f.template operator()<Zero>(std::string("rzi"));
  f.template operator()<Down>(std::string("rmi"));
  f.template operator()<Up>(std::string("rpi"));
}

/// Of a NaN: 0, but where 64 bits take part the highest bit alone.
template <class To, class From>
To limited(From x) {
  using Limits = std::numeric_limits<To>;
  if (std::isnan(x)) return sizeof(From) == 8 || sizeof(To) == 8 ? To(std::uint64_t(1) << (8 * sizeof(To) - 1)) : To(0);
  // 2^n and -2^(n-1) are exact in both types.
  const From above = std::ldexp(From(1), Limits::digits), least = From(Limits::min());
  return x >= above ? Limits::max() : x <= least ? Limits::min() : To(x);
}

void addIntegers(Table& table) {
  eachStoredInteger([&]<class From>(const std::string& from) {
    eachStoredInteger([&]<class To>(const std::string& to) {
      // Registers have 16 bits at least, so that small ones are extended.
      using Stored = std::conditional_t<std::is_signed_v<To>, std::int64_t, std::uint64_t>;
      table.one<From>("cvt." + to + "." + from, [](From a) { return Stored(To(a)); });
    });
  });
}

void addReals(Table& table) {
  eachReal([&]<class R>(const std::string& real) {
    eachStoredInteger([&]<class T>(const std::string& type) {
      table.one<T>("cvt.rn." + real + "." + type, [](T a) { return R(a); });
      eachRounding([&]<class Rounding>(const std::string& rounding) {
        table.one<R>("cvt." + rounding + "." + type + "." + real, [](R a) {
          using Stored = std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>;
          return Stored(limited<T>(Rounding::template round<R>(a)));
        });
      });
    });
    eachRounding([&]<class Rounding>(const std::string& rounding) {
      table.one<R>("cvt." + rounding + "." + real + "." + real, [](R a) { return Rounding::template round<R>(a); });
    });
  });
  table.one<float>("cvt.f64.f32", [](float a) { return double(a); });
  table.one<double>("cvt.rn.f32.f64", [](double a) { return float(a); });
}

}  // namespace

void addConversions(Table& table) {
  addIntegers(table);
  addReals(table);
}

}  // namespace nuthatch::simulated
