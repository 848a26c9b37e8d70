// Written by tools/coefficients.py; the number after each comment is the largest
// weighted error of the approximation before its coefficients were rounded.
#pragma once

namespace nuthatch::math::detail {

// ln 2
inline constexpr double kLn2[] = {
    0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56, 0x1.7b57a079a1934p-111};
// 1 / ln 2
inline constexpr double kLog2E[] = {
    0x1.71547652b82fep+0, 0x1.777d0ffda0d24p-56};
// 1 / ln 10
inline constexpr double kLog10E[] = {
    0x1.bcb7b1526e50ep-2, 0x1.95355baaafad3p-57};
// pi / 2
inline constexpr double kHalfPi[] = {
    0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54, -0x1.f1976b7ed8fbcp-110, 0x1.4cf98e804177dp-164};
// 2^300 2 / pi in 26 bits at a time
inline constexpr double kTwoOverPiBits[][1] = {
    {0x1.45f3068000000p+299}, {0x1.7272208000000p+273}, {0x1.4a7f090000000p+246},
    {0x1.abe8fa8000000p+221}, {0x1.a6ee060000000p+193}, {0x1.b629590000000p+168},
    {0x1.2788720000000p+143}, {0x1.07f9440000000p+114}, {0x1.8eaf7a0000000p+90},
    {0x1.de2b0d8000000p+65}, {0x1.c91b8e0000000p+38}, {0x1.2126e90000000p+13},
    {0x1.c00c920000000p-13}, {0x1.77504e8000000p-39}, {0x1.921cfc0000000p-68},
    {0x1.0ef58e0000000p-91}, {0x1.62534e0000000p-117}, {0x1.f744118000000p-143},
    {0x1.7d4bae0000000p-170}, {0x1.a242748000000p-195}, {0x1.38e04d0000000p-221},
    {0x1.a2fbf20000000p-247}, {0x1.3991d40000000p-276}, {0x1.1cc1a98000000p-299},
    {0x1.cfa4e40000000p-327}, {0x1.17e2ec0000000p-354}, {0x1.bf25070000000p-377},
    {0x1.8ffc4b8000000p-403}, {0x1.ffbc0b0000000p-429}, {0x1.80fef20000000p-456},
    {0x1.e2316b0000000p-481}, {0x1.05368f8000000p-507}, {0x1.b4d9fb0000000p-534},
    {0x1.e4f9600000000p-561}, {0x1.36e9e88000000p-585}, {0x1.1fb34f0000000p-611},
    {0x1.7fa8b50000000p-638}, {0x1.a93dd60000000p-663}, {0x1.faf97c0000000p-690},
    {0x1.7b3d070000000p-716}, {0x1.cfbc520000000p-743}, {0x1.292ea60000000p-768},
    {0x1.7f6bf60000000p-793}, {0x1.1f8d5d0000000p-820}, {0x1.0ac0600000000p-849},
    {0x1.8237e38000000p-871}, {0x1.6d757e0000000p-897},
};
// 2 / pi
inline constexpr double kTwoOverPi[] = {
    0x1.45f306dc9c883p-1};
// pi
inline constexpr double kPi[] = {
    0x1.921fb54442d18p+1, 0x1.1a62633145c07p-53};
// log(pi)
inline constexpr double kLogPi[] = {
    0x1.250d048e7a1bdp+0, 0x1.7abf2ad8d5088p-57};
// (log(2 pi) - 1) / 2
inline constexpr double kStirling[] = {
    0x1.acfe390c97d69p-2, 0x1.3494bc9001442p-56};
// the positive root of digamma
inline constexpr double kDigammaRoot[] = {
    0x1.762d86356be3fp+0, 0x1.b86a722197829p-54};
// 2 / 3
inline constexpr double kTwoThirds[] = {
    0x1.5555555555555p-1, 0x1.5555555555555p-55};
// sqrt(1/2)
inline constexpr double kSqrtHalf[] = {
    0x1.6a09e667f3bcdp-1, -0x1.bdd3413b26456p-55};
// sqrt(2)
inline constexpr double kSqrtTwo[] = {
    0x1.6a09e667f3bcdp+0, -0x1.bdd3413b26456p-54};

// (e^r - 1 - r) / r^2, |r| <= ln(2)/2: 4.17e-18
inline constexpr double kExp[] = {
    0x1.0000000000008p-1, 0x1.55555555554fep-3, 0x1.55555555510bep-5,
    0x1.111111112762ap-7, 0x1.6c16c182b327ep-10, 0x1.a01a01297a3b7p-13,
    0x1.a0199d6728b59p-16, 0x1.71df2b9e605fbp-19, 0x1.28aac32c1a544p-22,
    0x1.ad70805f12675p-26,
};

// (e^r - 1 - r - r^2 / 2) / r^3 for the same r: 3.07e-19
inline constexpr double kExpm1[] = {
    0x1.5555555555558p-3, 0x1.5555555555558p-5, 0x1.111111110f9fbp-7,
    0x1.6c16c16c14d74p-10, 0x1.a01a01aec0b74p-13, 0x1.a01a01ae91915p-16,
    0x1.71ddfae6a9061p-19, 0x1.27e4c95242f4cp-22, 0x1.af5aab509556ep-26,
    0x1.1f909ff842271p-29,
};

// (2 atanh(s) / s - 2) / z, z = s^2 <= (3 - 2 sqrt 2)^2: 3.06e-16
inline constexpr double kLog[] = {
    0x1.5555555555558p-1, 0x1.999999999522ep-2, 0x1.2492492e03bf9p-2,
    0x1.c71c62d01021ap-3, 0x1.7462ba3b658a6p-3, 0x1.39fdb6ade9e79p-3,
    0x1.2b5fddc84d67ep-3,
};

// the same for s <= 1/3: 2.31e-18
inline constexpr double kLogUpToTwo[] = {
    0x1.5555555555555p-1, 0x1.9999999999940p-2, 0x1.249249249a1f8p-2,
    0x1.c71c71be9a4f9p-3, 0x1.745d19a3392d9p-3, 0x1.3b134f4b6c826p-3,
    0x1.111ae87a4a250p-3, 0x1.e09e98e8eb20ep-4, 0x1.bc586f5172342p-4,
    0x1.3256e4853b72ep-4, 0x1.409998eba2182p-3,
};

// (sin(r) - r) / r^3 in z = r^2, |r| <= pi/4: 2.1e-17
inline constexpr double kSin[] = {
    -0x1.5555555555555p-3, 0x1.1111111110b90p-7, -0x1.a01a019e7b8dfp-13,
    0x1.71de378c021a0p-19, -0x1.ae600008ccd41p-26, 0x1.5e072620f1556p-33,
};

// (cos(r) - 1 + z/2) / z^2 in z = r^2, |r| <= pi/4: 1.32e-18
inline constexpr double kCos[] = {
    0x1.5555555555555p-5, -0x1.6c16c16c16956p-10, 0x1.a01a019f4a9d6p-16,
    -0x1.27e4fa12912dfp-22, 0x1.1eeb63679dac5p-29, -0x1.9079ac72f3521p-37,
};

// (2 atanh(s) / s - 2 - 2/3 z) / z^2: 1.85e-18
inline constexpr double kLogAccurate[] = {
    0x1.999999999999ap-2, 0x1.2492492492523p-2, 0x1.c71c71c6ea395p-3,
    0x1.745d177ae865dp-3, 0x1.3b1395b2edb07p-3, 0x1.1118cdf314ef7p-3,
    0x1.df7b9e1186d85p-4, 0x1.e039c0ed50a98p-4,
};

// (atan(t) - t) / t^3 in z = t^2, |t| <= tan(pi/8): 1.09e-18
inline constexpr double kAtan[] = {
    -0x1.5555555555555p-2, 0x1.9999999999957p-3, -0x1.249249248db0cp-3,
    0x1.c71c71c327546p-4, -0x1.745d16641d6edp-4, 0x1.3b13937dbc4cap-4,
    -0x1.110e92a60e084p-4, 0x1.e19af58c15b22p-5, -0x1.ac809b6abd811p-5,
    0x1.74f76cd0612fep-5, -0x1.1b711aa4625ffp-5, 0x1.0b52807cf7fdfp-6,
};

// (asin(x) - x) / x^3 in z = x^2, |x| <= 1/2: 1.33e-17
inline constexpr double kAsin[] = {
    0x1.5555555555556p-3, 0x1.3333333332e3ap-4, 0x1.6db6db6e3f7bep-5,
    0x1.f1c71c15bcfcap-6, 0x1.6e8bb2fca4f63p-6, 0x1.1c4d1a3b9e83bp-6,
    0x1.c9d2273680383p-7, 0x1.7808819467f6cp-7, 0x1.52ffc6d2c8558p-7,
    0x1.5f6f08027aa02p-8, 0x1.213eeebe6fea5p-6, -0x1.f35e92ee2eb94p-7,
    0x1.db6bcd21aaa26p-6,
};

// sin(pi r) / r in z = r^2, |r| <= 1/2: 9.53e-22
inline constexpr double kSinPi[] = {
    0x1.921fb54442d18p+1, -0x1.4abbce625be53p+2, 0x1.466bc6775aae2p+1,
    -0x1.32d2cce62bd57p-1, 0x1.50783487ec1a4p-4, -0x1.e3074fdc52818p-8,
    0x1.e8f4338e33ef3p-12, -0x1.6fad48943a28ap-16, 0x1.aabbe6adcee7ep-21,
    -0x1.7ed527b61cd66p-26,
};

// cos(pi r) in z = r^2, |r| <= 1/2: 6.35e-21
inline constexpr double kCosPi[] = {
    0x1.0000000000000p+0, -0x1.3bd3cc9be45dep+2, 0x1.03c1f081b5ac3p+2,
    -0x1.55d3c7e3cbf5fp+0, 0x1.e1f5068913c78p-3, -0x1.a6d1f29e550d6p-6,
    0x1.f9d3881ea20b9p-10, -0x1.b6e192352ff8cp-14, 0x1.209de3d7573a1p-18,
    -0x1.20852fb0cf25ep-23,
};

// erf(x) / x - 1 in z = x^2, |x| <= 1: 7.1e-18
inline constexpr double kErf[] = {
    0x1.06eba8214db68p-3, -0x1.812746b0379c2p-2, 0x1.ce2f21a041018p-4,
    -0x1.b82ce312062bcp-6, 0x1.565bccfa9a825p-8, -0x1.c02db072f3fe0p-11,
    0x1.f9a2bf73f0c68p-14, -0x1.f4ca94990cb86p-17, 0x1.b9827b1885f9bp-20,
    -0x1.5c16e30fb0d45p-23, 0x1.d784936618cc2p-27, -0x1.acdff90b8ebd8p-31,
};

// log erfc(u + 2), -1 <= u <= 4: 6.55e-18
inline constexpr double kLogErfc[] = {
    -0x1.575b329b1f514p+2, -0x1.1ac3258a8dc2ap+2, -0x1.d8f5dece92965p-1,
    -0x1.0dc3b5fb314dcp-6, 0x1.d406b378bad92p-9, -0x1.7ffcfb020129ep-11,
    0x1.1bc3a4d4acb67p-13, -0x1.5b659d1deac23p-16, 0x1.06049f654f12ap-19,
    0x1.b58017c1893d6p-23, -0x1.73e1fd52e74cdp-23, 0x1.ef9bd1d97f7c1p-25,
    -0x1.e0b3423d2fdf9p-27, 0x1.66a4c8e8b9eb2p-29, -0x1.1a5482e3755fep-32,
    -0x1.3aa146d1372e4p-34, 0x1.41f37ac9c5134p-35, -0x1.560913f29d2ecp-38,
};

// (1 + 2a) exp(a^2) erfc(a) in t = (a - 4) / (a + 4): 3.36e-17
inline constexpr double kErfcx[] = {
    0x1.3ba5916e9fd7fp+0, -0x1.1df1ad154a281p-3, 0x1.f7f5df66fc3c5p-7,
    0x1.16ecefcfa497bp-4, -0x1.9ddb23c3e1785p-4, 0x1.7fee004e24d46p-4,
    -0x1.0fb06dfed95a7p-4, 0x1.3079edf4890ecp-5, -0x1.0962386f07ca0p-6,
    0x1.49c672ffb392ep-8, -0x1.8d4aa9bf44026p-11, -0x1.a1df6df773837p-13,
    0x1.3be122312d519p-13, -0x1.99522f257b75ap-16, -0x1.78a61c6f0a452p-17,
    0x1.7eed7a889cc5dp-18, 0x1.3fdf4cad48ff0p-22, -0x1.b87f36b43d8fcp-21,
    0x1.31f3bce227e14p-24, 0x1.c6e3b96f09276p-24, -0x1.19db6a09adcfep-26,
    -0x1.a2594041372d1p-27, 0x1.b2563741128d0p-30, 0x1.ef786648a0d88p-31,
};

// erf_inv(x) / x in w = -log(1 - x^2) <= 4: 5.68e-18
inline constexpr double kErfInv[] = {
    0x1.c5bf891b4ef6bp-1, 0x1.db29fb2fee5b9p-3, 0x1.7a72e72c24b2ap-7,
    -0x1.3211025f3edf4p-9, -0x1.0c86b7c82f562p-13, 0x1.870143f23804ap-15,
    0x1.0f203be48c08fp-19, -0x1.0fd66aa944724p-20, -0x1.3ec714f9cd7d6p-25,
    0x1.83e77f68dacf0p-26, 0x1.03cb62dcf5f63p-30, -0x1.684931b2a1df4p-31,
    0x1.d8951e91748a3p-35, -0x1.24fa072607264p-36, 0x1.4f22d1c2d943bp-37,
    -0x1.5a80b1d62f735p-39, 0x1.9114c5829df56p-42, -0x1.163b7636d5288p-45,
    0x1.b74571858f6f4p-50, -0x1.3304f7b0f16dfp-55,
};

// lgamma(2 + v) / v, -3/4 <= v <= 1/2: 1.06e-19
inline constexpr double kLgammaNear[] = {
    0x1.b0ee6072093cep-2, 0x1.4a34cc4a60fa6p-2, -0x1.13e001a557601p-4,
    0x1.51322ac7d844ep-6, -0x1.e404fc2191bf3p-8, 0x1.7add6eadbbdc9p-9,
    -0x1.38ac5c2a4754bp-10, 0x1.0b36af855f6d3p-11, -0x1.d3fd4db2f9f00p-13,
    0x1.a127b01ee2519p-14, -0x1.78de198e6f4c0p-15, 0x1.580e39ab94a6ep-16,
    -0x1.3cc4f70ddd012p-17, 0x1.2582fd59b81c9p-18, -0x1.11109284136ebp-19,
    0x1.028a350b9d0b2p-20, -0x1.efd809cc67e60p-22, 0x1.86e63cbab8bc8p-23,
    -0x1.7c4f0b894aa8bp-24, 0x1.ce3fa6733bf6cp-24, -0x1.8027c0218ce02p-28,
    -0x1.42f7699e65e9cp-25, -0x1.68165f53ca6a7p-25,
};

// x (lgamma(x) - (x - 1/2) log x + x - log(2 pi) / 2) in 1 / x^2, x >= 4.5: 5.23e-17
inline constexpr double kLgammaSeries[] = {
    0x1.5555555555552p-4, -0x1.6c16c16bc79cep-9, 0x1.a019ff7ec00f2p-11,
    -0x1.3812193b329b3p-11, 0x1.b8dbbb7779086p-11, -0x1.ebe0cc4a507b8p-10,
    0x1.5a84d70ae9812p-8, -0x1.76359f2ec7e9cp-7,
};

// digamma(x) / (x - root) in u = x - 1.5, |u| <= 1/2: 1.43e-17
inline constexpr double kDigammaNear[] = {
    0x1.e6f0cbb873617p-1, -0x1.b1cb63005ee9ap-2, 0x1.eca189b8e6d96p-3,
    -0x1.2feeeb98a7488p-3, 0x1.8512e5905dd71p-4, -0x1.fb44202a81c04p-5,
    0x1.4de9aa058657ep-5, -0x1.b9f8b0fea7e65p-6, 0x1.256475f55f69bp-6,
    -0x1.863568f24f489p-7, 0x1.03c0062b1c4abp-7, -0x1.5a06231b6da2fp-8,
    0x1.cd3e85de39bbcp-9, -0x1.3376200505020p-9, 0x1.980cd566d02eep-10,
    -0x1.0f5cb2232691ep-10, 0x1.7b4f6413864a5p-11, -0x1.00eefcc8d17d4p-11,
    0x1.dbf2ff66169b7p-13, -0x1.205a02c395c8dp-13, 0x1.108976bf4618cp-12,
    -0x1.816ea24d76b18p-13,
};

// x^2 (log x - 1 / (2x) - digamma(x)) in 1 / x^2, x >= 4: 2.88e-17
inline constexpr double kDigammaSeries[] = {
    0x1.5555555555553p-4, -0x1.1111111103725p-7, 0x1.041040c90dbf1p-8,
    -0x1.1110df334a88fp-8, 0x1.f0667c96f5f51p-8, -0x1.5835e5dbb4f65p-6,
    0x1.4744e40d02204p-4, -0x1.66f6f77742b2dp-2, 0x1.55399239c19d8p+0,
    -0x1.689bd72c84821p+1,
};

// x^3 (trigamma(x) - 1 / x - 1 / (2 x^2)) in 1 / x^2, x >= 4: 5.73e-17
inline constexpr double kTrigammaSeries[] = {
    0x1.5555555555553p-3, -0x1.1111111108d48p-5, 0x1.8618615aa2f68p-6,
    -0x1.1110fa99ffec9p-5, 0x1.36478fe7e198bp-4, -0x1.02b5f9f6f769ep-2,
    0x1.2471d7aeec437p+0, -0x1.8f33d7cbd0e98p+2, 0x1.0ea17a9842c44p+5,
    -0x1.184d79085d683p+7, 0x1.2b85c2c410541p+8,
};

// (0! I0(x) (2/x)^0 - 1) / z, z = x^2 / 4 <= 25: 1.8e-19
inline constexpr double kBesselI0Near[] = {
    0x1.0000000000000p+0, 0x1.ffffffffffffep-3, 0x1.c71c71c71c741p-6,
    0x1.c71c71c71c3f0p-10, 0x1.23456789ae532p-14, 0x1.02e85c087046bp-19,
    0x1.522a43f9bd6eap-25, 0x1.522a43c2ae27dp-31, 0x1.0b3134be9ece0p-37,
    0x1.560164e042981p-44, 0x1.69cc45007759bp-51, 0x1.4188ec9676a14p-58,
    0x1.e7e72f18ba057p-66, 0x1.3a83ab0933066p-73, 0x1.8252958b89949p-81,
    0x1.fc18a89466bc5p-90, 0x1.2969dabb222b8p-96,
};

// sqrt(x) e^-x I0(x) in 1 / x, x >= 10: 3.0e-18
inline constexpr double kBesselI0Far[] = {
    0x1.9884533d43651p-2, 0x1.9884533d43623p-5, 0x1.cb94dda66cb57p-6,
    0x1.debb0c5b9df04p-6, 0x1.6e8b150db3651p-5, 0x1.717b7d09617e3p-4,
    0x1.2244586bbbc41p-2, -0x1.24501650de69ep+2, 0x1.6bee4fb3e5446p+8,
    -0x1.203a4012342e3p+14, 0x1.5c72fe89e225ep+19, -0x1.42d00b7c2c6dap+24,
    0x1.cd9fd33d28d3cp+28, -0x1.fdcf3fb70d884p+32, 0x1.b0a46bc0bc397p+36,
    -0x1.16d1b20f2325ap+40, 0x1.0b4cf4ce587bfp+43, -0x1.7051cca153d8ep+45,
    0x1.57f460afffef5p+47, -0x1.8535a55dc8861p+48, 0x1.928261f6e57a1p+48,
};

// (1! I1(x) (2/x)^1 - 1) / z, z = x^2 / 4 <= 25: 2.93e-20
inline constexpr double kBesselI1Near[] = {
    0x1.0000000000000p-1, 0x1.5555555555555p-4, 0x1.c71c71c71c72cp-8,
    0x1.6c16c16c16ae1p-12, 0x1.845c8a0ce6d58p-17, 0x1.27e4fb776fb9cp-22,
    0x1.522a43f86757dp-28, 0x1.2c9758bd48b79p-34, 0x1.ab81ecdf612e6p-41,
    0x1.f17672b4c5ccdp-48, 0x1.e26525efde37ap-55, 0x1.8bc010b01ba09p-62,
    0x1.16b9769a753e0p-69, 0x1.500ae06c4b1bdp-77, 0x1.7f9ac9bb7a8a0p-85,
    0x1.ee02b2aeaedf9p-94, 0x1.0329ee1e27841p-100,
};

// sqrt(x) e^-x I1(x) in 1 / x, x >= 10: 3.12e-18
inline constexpr double kBesselI1Far[] = {
    0x1.9884533d43651p-2, -0x1.32633e6df2867p-3, -0x1.7efc0e0a8e5cdp-5,
    -0x1.4f1c88ef5d1dbp-5, -0x1.d744d3b775691p-5, -0x1.c3ac14e438efap-4,
    -0x1.54ef6770d5a29p-2, 0x1.47b4f1cbb4e5ep+2, -0x1.9468d9c10d46cp+8,
    0x1.3d034750390cdp+14, -0x1.7c18d49451f4ap+19, 0x1.5db5604acfda1p+24,
    -0x1.f127d045fa687p+28, 0x1.11225e9c8a723p+33, -0x1.cd86c5c5385e6p+36,
    0x1.28440b77b7ccbp+40, -0x1.1b079e33af2cbp+43, 0x1.84c27ff20614dp+45,
    -0x1.6a003c41d7804p+47, 0x1.988eba6799889p+48, -0x1.a580fafe9f5f5p+48,
};

// erfc_inv(2p), r = sqrt(-log p) - 2.3, 2.3 .. 6.2: 1.44e-17
inline constexpr double kErfcInvNum[] = {
    0x1.d1c109aec0390p+0, 0x1.09a4db7f5831ap+2, 0x1.f53bec5154515p+1,
    0x1.fe46318561794p+0, 0x1.2f1694431a062p-1, 0x1.a49cb84cd8869p-4,
    0x1.4144a9c9c71f3p-7, 0x1.d41cb39661dcbp-12, 0x1.cada6e888405cp-18,
};
inline constexpr double kErfcInvDen[] = {
    0x1.0000000000000p+0, 0x1.a9a29ffe0caecp+0, 0x1.25169f1cdc823p+0,
    0x1.a98d13c13e452p-2, 0x1.55691d49c7430p-4, 0x1.218049d52cf33p-7,
    0x1.c3a7dae3edeadp-12, 0x1.cad8440ccdfbbp-18,
};

// erfc_inv(2p), r = sqrt(-log p) - 6, 6 .. 27.4: 6.72e-18
inline constexpr double kErfcInvFarNum[] = {
    0x1.6f7f04e08ebfbp+2, 0x1.0df93cdd706acp+2, 0x1.43b4c889c57ffp+0,
    0x1.9884f81413737p-3, 0x1.23de8e43895b6p-6, 0x1.d9114b3185a88p-11,
    0x1.9c8af50df1c77p-16, 0x1.548d18822c4fap-22, 0x1.829673d3c55b7p-30,
};
inline constexpr double kErfcInvFarDen[] = {
    0x1.0000000000000p+0, 0x1.1c5042425ab49p-1, 0x1.f0e29d93dc2abp-4,
    0x1.b2c23172605bbp-7, 0x1.920003b99f9fdp-11, 0x1.7d8d92c92a316p-16,
    0x1.4b7e2408d0912p-22, 0x1.829636498e37bp-30, 0x1.5e75d4ab80fcbp-58,
};

} // namespace nuthatch::math::detail
