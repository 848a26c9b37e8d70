// check and debug_print: in plain calls, compiled, under transformations, for chains.
#include <nuthatch/report.h>

#include "nuthatch/detail/executor.h"
#include "tests/api/helpers.h"

using namespace nuthatch;

namespace {
/// What f prints.
template <class F>
std::string printed(F&& f) {
  testing::internal::CaptureStdout();
  f();
  std::fflush(stdout);
  return testing::internal::GetCapturedStdout();
}
/// "file.cpp:12: rest" -> "rest", the file being this one.
std::string after_line(const std::string& text) {
  EXPECT_TRUE(text.starts_with("report_test.cpp:")) << text;
  const auto colon = text.find(": ");
  return colon == text.npos ? text : text.substr(colon + 2);
}
}  // namespace

TEST(Check, ThrowsAtOnceOutsidePrograms) {
  EXPECT_EQ(message([] { check(Tensor(1.0) > 0.0, "fine"); }), "");
  EXPECT_EQ(after_line(message([] { check(Tensor{1.0, -2.0} > 0.0, "tau is {}, limit {:.1f}", Tensor{1.0, -2.0}, 0.0); })),
            "check: tau is [ 1. -2.], limit 0.0");
  EXPECT_NE(message([] { check(Tensor(1.0), "x"); }).find("the condition is f64[], not bool"), std::string::npos);
  EXPECT_NE(message([] { check(true, "{}"); }).find("more fields than arguments"), std::string::npos);
  EXPECT_NE(message([] { check(true, "x", 1); }).find("0 fields for 1 values"), std::string::npos);
}

TEST(Check, ThrowsAfterACompiledRunNamingTheLine) {
  auto f = jit([](Tensor x) {
    check(x > 0.0, "x is {}", x);
    check(x > 1.0, "x is {}, too small", x);
    return log(x);
  });
  EXPECT_CLOSE(f(2.0), log(Tensor(2.0)), 0);
  EXPECT_EQ(after_line(message([&] { f(0.5); })), "check: x is 0.5, too small");
  const std::string first = message([&] { f(-3.0); });
  EXPECT_EQ(after_line(first), "check: x is -3");
  EXPECT_EQ(first.substr(0, first.find(": ")), "report_test.cpp:" + std::to_string(__LINE__ - 8));
  EXPECT_CLOSE(f(3.0), log(Tensor(3.0)), 0);  // a failure leaves nothing behind
}

TEST(Check, NamesTheElementOfVmap) {
  auto f = [](Tensor x, Tensor y) {
    check(x < y, "{} is not below {}", x, y);
    return x + y;
  };
  auto rows = jit(vmap(vmap(f, {.in = {0, shared}}), {.in = {0, 0}}));
  const Tensor x = reshape(Tensor{1.0, 2.0, 3.0, 4.0}, {2, 2});
  EXPECT_EQ(message([&] { rows(x, Tensor{5.0, 5.0}); }), "");
  EXPECT_EQ(after_line(message([&] { rows(x, Tensor{5.0, 3.5}); })), "check: 4 is not below 3.5, at element [1, 1] of vmap");
}

TEST(Check, InBranchesAndLoopsOnlyWhereTheyRun) {
  auto f = [](Tensor x) {
    Tensor y = cond(x > 0.0, [&] { return log(x); }, [&] {
      check(x > -5.0, "below the range: {}", x);
      return 0.0 * x;
    });
    return fori_loop(0, 4, y, [](Tensor i, Tensor y) {
      check(y < 3.6, "step {}: {}", i, y);
      return y + 1.0;
    });
  };
  EXPECT_CLOSE(jit(f)(-1.0), Tensor(4.0), 0);
  EXPECT_EQ(after_line(message([&] { jit(f)(-7.0); })), "check: below the range: -7");
  EXPECT_EQ(after_line(message([&] { f(-7.0); })), "check: below the range: -7");
  EXPECT_EQ(after_line(message([&] { jit(f)(exp(Tensor(1.5))); })), "check: step 3: 4.5");
  // Under vmap a branch that some elements take checks those only.
  EXPECT_EQ(message([&] { jit(vmap(f))(Tensor{1.2, -1.0, -4.0}); }), "");
  EXPECT_EQ(after_line(message([&] { jit(vmap(f))(Tensor{1.2, -1.0, -6.0}); })), "check: below the range: -6, at element [2] of vmap");
}

TEST(Check, UnderDerivativesOnce) {
  auto f = [](Tensor x) {
    debug_print("at {}", x);
    check(x < 2.0, "x is {}", x);
    return x * x;
  };
  EXPECT_EQ(printed([&] { EXPECT_CLOSE(jit(grad(f))(1.5), Tensor(3.0), 0); }), "at 1.5\n");
  EXPECT_EQ(printed([&] { EXPECT_CLOSE(grad(f)(1.5), Tensor(3.0), 0); }), "at 1.5\n");
  EXPECT_EQ(printed([&] { EXPECT_CLOSE(jvp(f, Tensor(1.5), Tensor(1.0)).second, Tensor(3.0), 0); }), "at 1.5\n");
  EXPECT_EQ(printed([&] { EXPECT_EQ(after_line(message([&] { jit(grad(f))(3.0); })), "check: x is 3"); }), "at 3\n");
  auto pulled = [&](Tensor x) {
    auto [y, pull] = vjp(f, x);
    return pull(Tensor(1.0));
  };
  EXPECT_EQ(printed([&] { EXPECT_CLOSE(jit(pulled)(1.5), Tensor(3.0), 0); }), "at 1.5\n");
  EXPECT_EQ(printed([&] { EXPECT_CLOSE(pulled(1.5), Tensor(3.0), 0); }), "at 1.5\n");
}

TEST(DebugPrint, InOrderWithValues) {
  auto f = [](Tensor x, int n) {
    debug_print("n = {}, {{x}} = {:.2f}", n, x);
    Tensor s = fori_loop(0, 3, sum(x), [](Tensor i, Tensor s) {
      debug_print("  {}: {} {}", i, s, s > 4.0);
      return s * 2.0;
    });
    debug_print("done");
    return s;
  };
  const std::string expected = "n = 7, {x} = [1.00 0.50]\n  0: 1.5 false\n  1: 3 false\n  2: 6 true\ndone\n";
  EXPECT_EQ(printed([&] { jit(f)(Tensor{1.0, 0.5}, 7); }), expected);
  EXPECT_EQ(printed([&] { f(Tensor{1.0, 0.5}, 7); }), expected);
}

TEST(DebugPrint, UnderVmapOneLineForEachElement) {
  auto f = [](Tensor x) {
    debug_print("x = {}", x);
    debug_print("once");
    return x;
  };
  EXPECT_EQ(printed([&] { jit(vmap(f))(Tensor{1.0, 2.0}); }), "x = 1\nx = 2\nonce\n");
}

// The loop of each element prints as often as it runs.
TEST(DebugPrint, LoopsOfDifferentLength) {
  auto f = [](Tensor n) {
    return while_loop(n, [](Tensor i) { return i > 0.0; },
                      [](Tensor i) {
                        debug_print("{}", i);
                        return i - 1.0;
                      });
  };
  EXPECT_EQ(printed([&] { jit(vmap(f))(Tensor{1.0, 3.0}); }), "1\n3\n2\n1\n");
}

TEST(DebugPrint, IsKeptWhereResultsAreNotUsed) {
  auto f = [](Tensor x) {
    fori_loop(0, 2, x, [](Tensor i, Tensor y) {
      debug_print("for {}", i);
      return y + 1.0;
    });
    cond(x > 0.0, [&] {
      debug_print("positive");
      return x;
    }, [&] { return -x; });
    while_loop(x, [](Tensor y) { return y < 2.0; }, [](Tensor y) {
      debug_print("while {}", y);
      return y + 1.0;
    });
    return 2.0 * x;
  };
  EXPECT_EQ(printed([&] { jit(f)(1.0); }), "for 0\nfor 1\npositive\nwhile 1\n");
  EXPECT_EQ(printed([&] { jit(f)(-0.5); }), "for 0\nfor 1\nwhile -0.5\nwhile 0.5\nwhile 1.5\n");
  EXPECT_EQ(printed([&] { EXPECT_CLOSE(jit(grad(f))(1.5), Tensor(2.0), 0); }), "for 0\nfor 1\npositive\nwhile 1.5\n");
}

// Loops and branches are computed again backwards; what they print is not printed again.
TEST(DebugPrint, OnceUnderDerivativesOfControlFlow) {
  auto f = [](Tensor x) {
    return fori_loop(0, 2, x, [](Tensor i, Tensor y) {
      return cond(y > 0.0, [&] {
        debug_print("{}: sin of {}", i, y);
        return sin(y) * 2.0;
      }, [&] { return -y; });
    });
  };
  EXPECT_EQ(printed([&] { jit(grad(f))(0.0); }), "");
  const std::string lines = printed([&] { jit(grad(f))(1.0); });
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 2) << lines;
}

TEST(DebugPrint, DtypesAndSpecs) {
  auto f = [](Tensor a, Tensor b, Tensor c, Tensor d) {
    debug_print("{} {:d} {} {:8.3f}", a, b, c, d);
    return a;
  };
  EXPECT_EQ(printed([&] { jit(f)(Tensor(3).cast(ui32), Tensor(-4), Tensor{true, false}, Tensor(0.5).cast(f32)); }),
            "3 -4 [ true false]    0.500\n");
  EXPECT_NE(message([] { debug_print("{:q}", Tensor(1.0)); }).find("report_test.cpp"), std::string::npos);
  EXPECT_NE(message([] { jit([](Tensor x) { debug_print("{:d}", x); return x; })(1.0); }).find("debug_print"), std::string::npos);
}

// Programs for chains: the order of lines and the failure that is thrown do not depend on lanes and threads.
TEST(Reports, OfChains) {
  auto program = detail::trace_program(
      {{f64, {}}, {f64, {}}},
      [](const detail::Values& v) {
        const Tensor x = detail::wrap(v[0]), shared = detail::wrap(v[1]);
        debug_print("x {} of {}", x, shared);
        debug_print("shared {}", shared);
        check(x < shared, "{} is too large", x);
        return detail::Values{detail::value(x * shared)};
      },
      std::source_location::current());
  auto run = [&](int width, int threads, double limit) {
    const std::int64_t chains = 6;
    auto code = detail::executor().compile_lanes(program, {.width = width, .varying_argument = {true, false}, .varying_result = {true}});
    return code->run({detail::value(arange(chains).cast(f64))->array, detail::value(Tensor(limit))->array}, chains, threads, {});
  };
  std::string expected;
  for (int c = 0; c < 6; ++c) {
    const std::string chain = "chain " + std::to_string(c) + ": ";
    expected += chain + "x " + std::to_string(c) + " of 9\n" + chain + "shared 9\n";
  }
  for (int width : {1, 4, 8})
    for (int threads : {1, 3}) {
      EXPECT_EQ(printed([&] { run(width, threads, 9.0); }), expected) << width << " " << threads;
      printed([&] {
        EXPECT_EQ(after_line(message([&] { run(width, threads, 2.5); })), "check: 3 is too large, in chain 3");
      });
    }
}
