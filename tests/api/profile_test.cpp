// profile: the groups of a program with times and lines, and the trace.
#include <nuthatch/profile.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "tests/api/helpers.h"

using namespace nuthatch;

namespace {
double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }
}  // namespace

TEST(Profile, TimesAddUpAndNameTheLines) {
  const Tensor x = normal(Key(1), {400, 400});
  const int line = __LINE__ + 1;
  auto f = [](Tensor x) { return sum(tanh(matmul(x, x))); };
  const Profile p = profile(f, x);
  ASSERT_GE(p.runs, 1);
  double sum = 0;
  bool product = false, tanh = false;
  for (const auto& g : p.groups) {
    EXPECT_EQ(g.depth, 0);
    EXPECT_EQ(g.calls, 1);
    EXPECT_NE(g.where.find("profile_test.cpp:" + std::to_string(line)), std::string::npos) << g.where;
    if (g.what.find("dot_general") != g.what.npos) {
      product = true;
      EXPECT_EQ(g.bytes, 2.0 * 400 * 400 * 8);  // x is read, the product written
    }
    tanh |= g.what.find("tanh") != g.what.npos;
    sum += g.self;
  }
  EXPECT_TRUE(product && tanh) << to_string(p);
  // The clock runs at the right speed, and nothing is missing: against a clock around the compiled function.
  auto compiled = jit(f);
  compiled(x);
  double best = 1e9;
  for (int k = 0; k < 20; ++k) {
    const double t = seconds();
    compiled(x);
    best = std::min(best, seconds() - t);
  }
  EXPECT_GT(p.seconds, 0.5 * best) << to_string(p);
  EXPECT_GT(sum, 0.7 * p.seconds) << to_string(p);
  EXPECT_LT(sum, 1.05 * p.seconds) << to_string(p);
}

TEST(Profile, LoopsHoldTheirGroups) {
  auto f = [](Tensor x) {
    return sum(fori_loop(0, 7, x, [](Tensor, Tensor x) { return matmul(x, x) / 10.0; }));
  };
  const Profile p = profile(f, normal(Key(1), {40, 40}) / 10.0);
  bool loop = false, inside = false;
  for (const auto& g : p.groups) {
    if (g.what == "for, 7 times") {
      loop = true;
      EXPECT_EQ(g.calls, 1);
      EXPECT_GE(g.seconds, g.self);
    }
    if (g.what.find("dot_general") != g.what.npos) {
      inside = true;
      EXPECT_EQ(g.depth, 1);
      EXPECT_EQ(g.calls, 7);
    }
  }
  EXPECT_TRUE(loop && inside) << to_string(p);
  EXPECT_NE(to_string(p).find("for, 7 times at profile_test.cpp:"), std::string::npos) << to_string(p);
}

TEST(Profile, TheTraceIsNestedEvents) {
  auto f = [](Tensor x) {
    return fori_loop(0, 3, x, [](Tensor, Tensor x) { return cumsum(sin(x), 0); });
  };
  const Profile p = profile(f, normal(Key(1), {500}));
  const auto trace = nlohmann::json::parse(p.trace());
  double loop_start = -1, loop_end = -1;
  int inside = 0;
  for (const auto& e : trace.at("traceEvents")) {
    EXPECT_EQ(e.at("ph"), "X");
    const double start = e.at("ts"), end = start + double(e.at("dur"));
    EXPECT_GE(start, 0);
    EXPECT_NE(std::string(e.at("args").at("where")).find("profile_test.cpp"), std::string::npos);
    if (e.at("name") == "for, 3 times") {
      loop_start = start;
      loop_end = end;
    } else if (e.at("name") == "cumulative") {
      ++inside;
      EXPECT_GE(start, loop_start - 0.002);
      EXPECT_LE(end, loop_end + 0.002);
    }
  }
  EXPECT_EQ(inside, 3);
  EXPECT_NE(message([&] { p.write_trace("/nowhere/at/all.json"); }).find("cannot write /nowhere/at/all.json"), std::string::npos);
}
