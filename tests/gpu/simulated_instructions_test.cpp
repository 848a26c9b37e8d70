// One kernel for each family of instructions on the simulated device: what they give, to the bit.
#include <bit>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "tests/gpu/simulated_driver.h"

namespace nuthatch::test {
namespace {

using Bits = std::uint64_t;
Bits f64(double x) { return std::bit_cast<Bits>(x); }
Bits f32(float x) { return std::bit_cast<std::uint32_t>(x); }

std::string kernelWith(const std::string& body) {
  return ".version 8.0\n.target sm_80\n.address_size 64\n.visible .entry test(.param .u64 in, .param .u64 out)\n{\n"
         "  .reg .pred %p<9>;\n  .reg .b16 %h<9>;\n  .reg .b32 %r<32>;\n  .reg .b64 %d<32>;\n  .reg .b64 %in, %out, %a, %b, %c, %o;\n"
         "  ld.param.b64 %in, [in];\n  ld.param.b64 %out, [out];\n  ld.global.b64 %a, [%in];\n  ld.global.b64 %b, [%in+8];\n  ld.global.b64 %c, [%in+16];\n"
         "  cvt.u32.u64 %r0, %a;\n  cvt.u32.u64 %r1, %b;\n  cvt.u32.u64 %r2, %c;\n  cvt.u16.u64 %h0, %a;\n  cvt.u16.u64 %h1, %b;\n  mov.b64 %o, 0;\n" +
         body + "\n  st.global.b64 [%out], %o;\n  ret;\n}\n";
}

class SimulatedInstructions : public testing::Test {
 protected:
  void SetUp() override { driver.start(); }

  /// `body` computes %o from %a, %b and %c.
  Bits run(const std::string& body, std::initializer_list<Bits> values) {
    std::vector<Bits> in(values);
    in.resize(3);
    const DeviceBytes from(in.data(), 24), to(8);
    const DeviceKernel kernel(kernelWith(body), "test");
    kernel.launch(1, 1, from.address, to.address);
    Bits out = 0;
    to.read(&out, 8);
    return out;
  }
  /// One instruction on 64 bits, and one on 32.
  void wide(const std::string& name, std::initializer_list<Bits> values, Bits expected) {
    const char* operands[] = {"", "%a", "%a, %b", "%a, %b, %c"};
    EXPECT_EQ(run(name + " %o, " + operands[values.size()] + ";", values), expected) << name;
  }
  void narrow(const std::string& name, std::initializer_list<Bits> values, Bits expected) {
    const char* operands[] = {"", "%r0", "%r0, %r1", "%r0, %r1, %r2"};
    EXPECT_EQ(run(name + " %r9, " + operands[values.size()] + ";\n  cvt.u64.u32 %o, %r9;", values), expected) << name;
  }
  SimulatedDriver& driver = SimulatedDriver::get();
};

constexpr Bits kMinus1 = ~Bits(0), kLowMinus1 = 0xffffffff;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN(), kInfinity = std::numeric_limits<double>::infinity();

TEST_F(SimulatedInstructions, Integers) {
  wide("add.s64", {kMinus1, 3}, 2);
  wide("sub.s64", {1, 3}, Bits(-2));
  wide("mul.lo.s64", {Bits(-7), 6}, Bits(-42));
  wide("mul.hi.u64", {kMinus1, kMinus1}, kMinus1 - 1);
  wide("mul.hi.s64", {kMinus1, kMinus1}, 0);
  wide("mad.lo.s64", {5, 6, 7}, 37);
  wide("div.s64", {Bits(-7), 2}, Bits(-3));
  wide("rem.s64", {Bits(-7), 2}, Bits(-1));
  wide("rem.u64", {7, 4}, 3);
  wide("min.s64", {Bits(-7), 2}, Bits(-7));
  wide("max.u64", {Bits(-7), 2}, Bits(-7));
  wide("neg.s64", {5}, Bits(-5));
  wide("abs.s64", {Bits(-5)}, 5);
  narrow("add.s32", {kLowMinus1, 3}, 2);
  narrow("mul.hi.u32", {kLowMinus1, kLowMinus1}, kLowMinus1 - 1);
  narrow("div.s32", {Bits(std::uint32_t(-8)), 3}, std::uint32_t(-2));
  EXPECT_EQ(run("mul.wide.u32 %o, %r0, %r1;", {kLowMinus1, 2}), kLowMinus1 * 2);
  EXPECT_EQ(run("mul.wide.s32 %o, %r0, %r1;", {kLowMinus1, 2}), Bits(-2));
  EXPECT_EQ(run("mad.wide.s32 %o, %r0, %r1, %c;", {kLowMinus1, 2, 10}), 8u);
  EXPECT_EQ(run("mul.hi.u16 %h2, %h0, %h1; cvt.u64.u16 %o, %h2;", {0xffff, 0xffff}), 0xfffeu);
  EXPECT_EQ(run("add.cc.s64 %d1, %a, %b; addc.s64 %o, %c, 0;", {kMinus1, 1, 4}), 5u);
  EXPECT_EQ(run("sub.cc.s64 %d1, %a, %b; subc.s64 %o, %c, 0;", {0, 1, 4}), 3u);
}

TEST_F(SimulatedInstructions, Reals) {
  const double a = 0.1, b = 0.3, c = -0.03;
  wide("add.rn.f64", {f64(a), f64(b)}, f64(a + b));
  wide("sub.rn.f64", {f64(a), f64(b)}, f64(a - b));
  wide("mul.rn.f64", {f64(a), f64(b)}, f64(a * b));
  wide("div.rn.f64", {f64(a), f64(b)}, f64(a / b));
  wide("fma.rn.f64", {f64(a), f64(b), f64(c)}, f64(std::fma(a, b, c)));
  EXPECT_NE(std::fma(a, b, c), a * b + c);
  wide("rcp.rn.f64", {f64(b)}, f64(1 / b));
  wide("sqrt.rn.f64", {f64(b)}, f64(std::sqrt(b)));
  wide("neg.f64", {f64(0.0)}, f64(-0.0));
  wide("abs.f64", {f64(-kInfinity)}, f64(kInfinity));
  wide("copysign.f64", {f64(-1.0), f64(2.5)}, f64(-2.5));
  wide("min.f64", {f64(kNan), f64(2.0)}, f64(2.0));
  wide("max.f64", {f64(-3.0), f64(kNan)}, f64(-3.0));
  wide("min.f64", {f64(0.0), f64(-0.0)}, f64(-0.0));
  wide("max.f64", {f64(-0.0), f64(0.0)}, f64(0.0));
  EXPECT_TRUE(std::isnan(std::bit_cast<double>(run("max.NaN.f64 %o, %a, %b;", {f64(1.0), f64(kNan)}))));
  const float x = 0.1f, y = 0.7f, tiny = std::numeric_limits<float>::denorm_min();
  narrow("add.rn.f32", {f32(x), f32(y)}, f32(x + y));
  narrow("fma.rn.f32", {f32(x), f32(y), f32(-0.07f)}, f32(std::fma(x, y, -0.07f)));
  narrow("mul.rn.f32", {f32(tiny), f32(3.0f)}, f32(3 * tiny));  // small numbers stay
  narrow("sqrt.rn.f32", {f32(y)}, f32(std::sqrt(y)));
}

TEST_F(SimulatedInstructions, BitsAndShifts) {
  wide("and.b64", {12, 10}, 8);
  wide("or.b64", {12, 10}, 14);
  wide("xor.b64", {12, 10}, 6);
  wide("not.b64", {12}, ~Bits(12));
  EXPECT_EQ(run("shl.b64 %o, %a, %r1;", {3, 62}), Bits(3) << 62);
  EXPECT_EQ(run("shl.b64 %o, %a, %r1;", {3, 64}), 0u);
  EXPECT_EQ(run("shr.u64 %o, %a, %r1;", {kMinus1, 63}), 1u);
  EXPECT_EQ(run("shr.s64 %o, %a, %r1;", {Bits(-8), 200}), kMinus1);
  narrow("shf.l.wrap.b32", {0x80000001, 0x80000001, 33}, 3);
  narrow("shf.r.clamp.b32", {1, 7, 32}, 7);
  EXPECT_EQ(run("clz.b64 %r9, %a; cvt.u64.u32 %o, %r9;", {1}), 63u);
  EXPECT_EQ(run("popc.b64 %r9, %a; cvt.u64.u32 %o, %r9;", {kMinus1}), 64u);
  narrow("brev.b32", {1}, 0x80000000);
  narrow("bfind.u32", {0x00010000}, 16);
  EXPECT_EQ(run("bfe.u64 %o, %a, %r1, %r2;", {0xabcd, 4, 8}), 0xbcu);
  EXPECT_EQ(run("bfe.s32 %r9, %r0, %r1, %r2; cvt.s64.s32 %o, %r9;", {0xf0, 4, 4}), kMinus1);
  EXPECT_EQ(run("bfi.b64 %o, %a, %b, 8, 4;", {0xf, 0x1000}), 0x1f00u);
  narrow("prmt.b32", {0x03020100, 0x07060504, 0x7531}, 0x07050301);
  EXPECT_EQ(run("lop3.b32 %r9, %r0, %r1, %r2, 0x96; cvt.u64.u32 %o, %r9;", {12, 10, 6}), 12u ^ 10u ^ 6u);
  EXPECT_EQ(run("mov.b64 %o, {%r1, %r0};", {1, 2}), (Bits(1) << 32) | 2);
  EXPECT_EQ(run("mov.b64 {%r8, %r9}, %a; cvt.u64.u32 %o, %r9;", {Bits(5) << 32}), 5u);
}

TEST_F(SimulatedInstructions, ComparisonsAndChoices) {
  auto holds = [&](const std::string& comparison, Bits a, Bits b) {
    return run("setp." + comparison + " %p1, %a, %b;\n  selp.b64 %o, 1, 0, %p1;", {a, b}) == 1;
  };
  EXPECT_TRUE(holds("lt.s64", Bits(-1), 1));
  EXPECT_FALSE(holds("lt.u64", Bits(-1), 1));
  EXPECT_TRUE(holds("eq.b64", 4, 4));
  EXPECT_TRUE(holds("ge.f64", f64(2), f64(2)));
  for (const char* ordered : {"eq", "ne", "lt", "le", "gt", "ge", "num"})
    EXPECT_FALSE(holds(std::string(ordered) + ".f64", f64(kNan), f64(1))) << ordered;
  for (const char* unordered : {"equ", "neu", "ltu", "leu", "gtu", "geu", "nan"})
    EXPECT_TRUE(holds(std::string(unordered) + ".f64", f64(1), f64(kNan))) << unordered;
  EXPECT_EQ(run("setp.gt.s64 %p1, %a, 0;\n  setp.lt.and.s64 %p2, %a, %b, %p1;\n  not.pred %p3, %p2;\n  @%p3 bra X;\n  mov.b64 %o, 7;\nX:", {3, 5}), 7u);
  EXPECT_EQ(run("setp.eq.s64 %p1, %a, 3;\n  @!%p1 mov.b64 %o, 8;\n  @%p1 mov.b64 %o, 9;", {3}), 9u);
  EXPECT_EQ(run("testp.finite.f64 %p1, %a;\n  selp.b64 %o, 1, 2, %p1;", {f64(kInfinity)}), 2u);
}

TEST_F(SimulatedInstructions, Conversions) {
  wide("cvt.rn.f64.s64", {Bits(-3)}, f64(-3.0));
  wide("cvt.rn.f64.u64", {kMinus1}, f64(18446744073709551616.0));
  wide("cvt.rzi.s64.f64", {f64(-2.9)}, Bits(-2));
  wide("cvt.rni.s64.f64", {f64(2.5)}, 2);
  wide("cvt.rzi.s64.f64", {f64(1e300)}, Bits(std::numeric_limits<std::int64_t>::max()));
  wide("cvt.rzi.s64.f64", {f64(-1e300)}, Bits(1) << 63);
  wide("cvt.rzi.s64.f64", {f64(kNan)}, Bits(1) << 63);
  wide("cvt.rzi.u64.f64", {f64(-5.0)}, 0);
  wide("cvt.rmi.f64.f64", {f64(-2.5)}, f64(-3.0));
  wide("cvt.rpi.f64.f64", {f64(-2.5)}, f64(-2.0));
  wide("cvt.rni.f64.f64", {f64(3.5)}, f64(4.0));
  EXPECT_EQ(run("cvt.rn.f32.f64 %r9, %a; cvt.u64.u32 %o, %r9;", {f64(0.1)}), f32(0.1f));
  EXPECT_EQ(run("cvt.f64.f32 %o, %r0;", {f32(0.1f)}), f64(double(0.1f)));
  EXPECT_EQ(run("cvt.s64.s32 %o, %r0;", {kLowMinus1}), kMinus1);
  EXPECT_EQ(run("cvt.s64.s8 %o, %a;", {0x80}), Bits(-128));
  EXPECT_EQ(run("cvt.rzi.s32.f64 %r9, %a; cvt.u64.u32 %o, %r9;", {f64(-7.5)}), std::uint32_t(-7));
}

TEST_F(SimulatedInstructions, MemoryOfAllKinds) {
  EXPECT_EQ(run(".shared .align 8 .b8 s[16];\n  st.shared.b64 [s+8], %a;\n  mov.b64 %d1, s;\n  cvta.shared.u64 %d2, %d1;\n  ld.b64 %o, [%d2+8];", {77}), 77u);
  EXPECT_EQ(run(".local .align 8 .b8 l[16];\n  mov.b64 %d1, l;\n  cvta.local.u64 %d2, %d1;\n"
                "  st.b32 [%d2+4], %r0;\n  ld.local.u32 %r9, [%d1+4];\n  cvt.u64.u32 %o, %r9;", {78}), 78u);
  EXPECT_EQ(run("ld.global.s8 %r9, [%in];\n  cvt.s64.s32 %o, %r9;", {0xff}), kMinus1);
  EXPECT_EQ(run("ld.global.nc.v2.b64 {%d1, %d2}, [%in];\n  add.s64 %o, %d1, %d2;", {1, 2}), 3u);
  EXPECT_EQ(run("ld.global.v4.b32 {%r3, %r4, %r5, %r6}, [%in];\n  cvt.u64.u32 %o, %r6;", {1, Bits(9) << 32}), 9u);
  EXPECT_EQ(run("st.global.b64 [%out], 5;\n  atom.global.add.u64 %d1, [%out], %a;\n  ld.global.b64 %o, [%out];", {3}), 8u);
  EXPECT_EQ(run("st.global.b64 [%out], 5;\n  atom.acq_rel.gpu.global.cas.b64 %o, [%out], 5, %a;", {3}), 5u);
  EXPECT_EQ(run("st.release.gpu.global.b64 [%out], 5;\n"
                "  red.global.max.u64 [%out], %a;\n  fence.acq_rel.gpu;\n  ld.acquire.gpu.global.b64 %o, [%out];", {30}), 30u);
  EXPECT_EQ(run("st.global.f64 [%out], 0d3FF0000000000000;\n"
                "  atom.global.add.f64 %d1, [%out], %a;\n  ld.volatile.global.b64 %o, [%out];", {f64(0.5)}), f64(1.5));
}

TEST_F(SimulatedInstructions, CallsAndTables) {
  const std::string text = R"(.version 8.0
.target sm_80
.address_size 64
.global .align 8 .b8 table[16] = {1, 0, 0, 0, 0, 0, 0, 0, 2};
.global .align 4 .u32 counter = 5;
.func (.param .align 8 .b8 result[16]) both(.param .b64 x, .param .b32 y)
{
  .reg .b64 %d<5>;
  .reg .b32 %r<2>;
  ld.param.b64 %d1, [x];
  ld.param.b32 %r1, [y];
  cvt.u64.u32 %d2, %r1;
  add.s64 %d3, %d1, %d2;
  sub.s64 %d4, %d1, %d2;
  st.param.v2.b64 [result], {%d3, %d4};
  ret;
}
.visible .entry test(.param .u64 out)
.maxntid 32
{
  .reg .b64 %d<9>;
  .reg .b32 %r<9>;
  ld.param.b64 %d0, [out];
  { // scopes may use names again
  .param .b64 p0;
  .param .b32 p1;
  .param .align 8 .b8 back[16];
  st.param.b64 [p0], 40;
  st.param.b32 [p1], 2;
  call.uni (back), both, (p0, p1);
  ld.param.v2.b64 {%d1, %d2}, [back];
  }
  st.global.b64 [%d0], %d1;
  st.global.b64 [%d0+8], %d2;
  ld.global.b64 %d3, [table+8];
  st.global.b64 [%d0+16], %d3;
  ld.global.b32 %r1, [counter];
  sub.s32 %r2, %r1, 4;
$targets: .branchtargets $one, $two;
  brx.idx %r2, $targets;
$one:
  mov.b64 %d4, 100;
  bra.uni $end;
$two:
  mov.b64 %d4, 200;
$end:
  st.global.b64 [%d0+24], %d4;
  ret;
}
)";
  const DeviceBytes to(32);
  const DeviceKernel kernel(text, "test");
  kernel.launch(1, 1, to.address);
  Bits out[4];
  to.read(out, 32);
  EXPECT_EQ(out[0], 42u);
  EXPECT_EQ(out[1], 38u);
  EXPECT_EQ(out[2], 2u);
  EXPECT_EQ(out[3], 200u);
}

/// Every thread stores one number; 64 threads.
std::vector<std::uint32_t> threadsOf(const std::string& body) {
  const std::string text = ".version 8.0\n.target sm_80\n.address_size 64\n.visible .entry test(.param .u64 out)\n{\n  .reg .pred %p<9>;\n  .reg .b32 %r<32>;\n"
                           "  .reg .b64 %d<9>;\n  .shared .align 4 .b8 s[256];\n"
                           "  ld.param.b64 %d0, [out];\n  mov.u32 %r0, %tid.x;\n  mul.wide.u32 %d1, %r0, 4;\n"
                           "  add.s64 %d2, %d0, %d1;\n  mov.u32 %r1, %laneid;\n" + body + "\n  st.global.b32 [%d2], %r9;\n  ret;\n}\n";
  const DeviceBytes to(256);
  const DeviceKernel kernel(text, "test");
  kernel.launch(1, 64, to.address);
  std::vector<std::uint32_t> out(64);
  to.read(out.data(), 256);
  return out;
}

TEST_F(SimulatedInstructions, ExchangesBetweenThreads) {
  for (int seed = 1; seed < 4; ++seed) {
    driver.set("seed", seed);
    const auto down = threadsOf("shfl.sync.down.b32 %r9|%p1, %r0, 4, 31, -1;");
    const auto butterfly = threadsOf("shfl.sync.bfly.b32 %r9, %r0, 1, 31, -1;");
    const auto first = threadsOf("shfl.sync.idx.b32 %r9, %r0, 0, 0x181f, -1;");  // of segments of 8
    const auto up = threadsOf("shfl.sync.up.b32 %r9|%p1, %r0, 1, 0, -1;\n  selp.b32 %r9, %r9, 999, %p1;");
    const auto ballot = threadsOf("setp.gt.u32 %p1, %r1, 29;\n  vote.sync.ballot.b32 %r9, %p1, -1;");
    const auto sum = threadsOf("redux.sync.add.u32 %r9, %r1, -1;");
    const auto shared = threadsOf("mul.lo.s32 %r2, %r0, 4;\n  cvt.u64.u32 %d3, %r2;\n  st.shared.b32 [%d3], %r0;\n  bar.sync 0;\n  xor.b32 %r3, %r2, 252;\n"
                                  "  cvt.u64.u32 %d3, %r3;\n  ld.shared.b32 %r9, [%d3];");
    for (std::uint32_t t = 0; t < 64; ++t) {
      const auto lane = t % 32;
      EXPECT_EQ(down[t], lane < 28 ? t + 4 : t);
      EXPECT_EQ(butterfly[t], t ^ 1);
      EXPECT_EQ(first[t], t & ~7u);
      EXPECT_EQ(up[t], lane == 0 ? 999 : t - 1);
      EXPECT_EQ(ballot[t], 0xc0000000u);
      EXPECT_EQ(sum[t], 496u);
      EXPECT_EQ(shared[t], 63 - t);
    }
  }
}

}  // namespace
}  // namespace nuthatch::test
