// One table of small functions of the API; each gives the same value, gradient and batch compiled as interpreted.
#include "nuthatch/fft.h"
#include "nuthatch/groups.h"
#include "nuthatch/numeric.h"
#include "tests/api/helpers.h"

using namespace nuthatch;

namespace {
struct Case {
  const char* name;
  std::function<Tensor(Tensor)> f;  // of a vector of four positive numbers below 1
  bool smooth = true;
  double tolerance = 1e-11;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

const std::vector<Case>& cases() {
  static const Tensor data{0.5, -1.0, 2.0, 0.25};
  static const Tensor where{2, 0, 2};
  static const std::vector<Case> all_cases{
      {"arithmetic", [](Tensor x) { return (1.0 - x) * x / (x + 2.0) - -x % 0.37; }},
      {"exponentials", [](Tensor x) { return exp(x) + expm1(x) - exp2(x) + log(x) + log1p(x) + log2(x) + log10(x); }},
      {"powers", [](Tensor x) { return sqrt(x) + rsqrt(x) + pow(x, 3) + pow(x, 1.7) + pow(2.0, x) + cube(x) + reciprocal(x); }},
      {"circular", [](Tensor x) { return sin(x) + cos(x) * tan(x) + asin(x) + acos(x) + atan(x) + atan2(x, 1.0 + x); }},
      {"hyperbolic", [](Tensor x) { return sinh(x) + cosh(x) * tanh(x) + asinh(x) + acosh(1.5 + x) + atanh(x); }},
      {"logistic", [](Tensor x) { return sigmoid(x) + logit(x) + softplus(x) + log_sigmoid(x) + log1mexp(x) + relu(x - 0.3); }},
      {"normal", [](Tensor x) { return erf(x) + erfc(x) + erf_inv(x) + ndtr(x) + log_ndtr(x - 6.0) + log_ndtr(x) + ndtri(x); }},
      {"gamma", [](Tensor x) { return lgamma(x) + digamma(x) + trigamma(x) + betaln(x, 2.0) + log_binomial(5.0, x) + multigammaln(x + 2.0, 3); }},
      {"special", [](Tensor x) { return igamma(x, 2.0) + igammac(2.0, x) + betainc(x, 1.5, 0.3) + betainc(2.0, 3.0, x) + polygamma(2, x) + owens_t(x, 0.5) + cbrt(x); }},
      {"quantiles", [](Tensor x) { return igamma_inv(x + 0.5, 0.4) + igammac_inv(2.0, x) + betainc_inv(x + 0.5, 1.5, x) + erfc_inv(x) + erfcx(x); }, true, 1e-9},
      {"bessel", [](Tensor x) { return bessel_i0(x) + bessel_i1(x) + bessel_i0e(-x) + bessel_i1e(-x) + log_bessel_i0(10.0 * x); }},
      {"limits", [](Tensor x) { return maximum(x, 0.4) + minimum(x, data) + clamp(x, 0.2, 0.6) + abs(x - 0.5) + fma(x, x, data); }},
      {"logic", [](Tensor x) { return select((x > 0.3) & ~(x > 0.8) | isnan(x), x, 2.0 * x) + (x >= 0.5).cast(f64); }},
      {"rounding", [](Tensor x) { return floor(3.0 * x) + ceil(x) + round(5.0 * x) + sign(x - 0.5) + (10.0 * x).cast(i64).cast(f64); }, false},
      {"xlogy", [](Tensor x) { return xlogy(x - 0.5, x) + xlog1py(x, x) + logaddexp(x, data); }},
      {"reductions", [](Tensor x) { return sum(x) * mean(x) + prod(x) + max(x) + min(x) + variance(x) + stddev(x, {.ddof = 1}) + logsumexp(x) + x; }},
      {"running", [](Tensor x) { return cumsum(x) + cumprod(x) + cummax(x) + cummin(x) + cumlogsumexp(x) + cumsum(x, {.reverse = true}); }},
      {"softmax", [](Tensor x) { return softmax(x) + log_softmax(x); }},
      {"indexing", [](Tensor x) { return concat({x[where], x[slice(3, 0, -2)], expand_dims(x[1], 0), x[from(2)]}); }},
      {"updates", [](Tensor x) { return x.at(1).set(2.0).at(where).add(x[until(3)]).at(slice(0, 4, 2)).mul(3.0).at(Tensor{0, 3}).max(0.4); }},
      {"shapes", [](Tensor x) { return flatten(transpose(reshape(x, {2, 2})) + tile(x, {2})[slice(1, 3)] + repeat(x, 2)[until(2)] + flip(roll(x, 1))[from(2)]); }},
      {"padding", [](Tensor x) { return pad(diff(x), {{1, 2}}, 0.5) + broadcast_to(x[0], {6}); }},
      {"matrices", [](Tensor x) { return flatten(tril(outer(x, x)) + triu(outer(x, data), 1) + diag(x)) + sum(diagonal(outer(x, x))); }},
      {"products", [](Tensor x) { Tensor m = reshape(x, {2, 2}); return flatten(matmul(m, m) + einsum("ij,kj,j->ik", {m, m, x[until(2)]})); }},
      {"factorisation",
       [](Tensor x) {
         Tensor l = cholesky(outer(x, x) + eye(4));
         return triangular_solve(l, x) + cho_solve(l, data) + cholesky_logdet(l);
       }},
      {"order", [](Tensor x) { return sort(x) * data + quantile(x, 0.3) + top_k(x, 2).first[0] + take_along_axis(x, argsort(-x), 0); }},
      {"systems",
       [](Tensor x) {
         Tensor m = outer(x, data) + eye(4);
         return solve(m, x) + det(m) + slogdet(m).second + flatten(inv(m))[until(4)] + flatten(expm(0.5 * m))[until(4)];
       }},
      {"decompositions",
       [](Tensor x) {
         Tensor m = outer(x, data) + diag(x + arange(4));
         auto [q, r] = qr(m);
         auto [u, s, vt] = svd(m);
         auto [w, v] = eigh(m);
         return sum(q, 0) + sum(r, 1) + sum(u, 0) + s + sum(vt, 0) + w + sum(v, 0);
       }, true, 1e-9},
      {"samples", [](Tensor x) { return gradient(x) + trapezoid(x, cumsum(x)) + interp(x, Tensor{0.0, 0.5, 1.0}, x[from(1)]) + convolve(x, data, ConvolveMode::same); }},
      {"moments", [](Tensor x) { return sum(cov(outer(x, data) + eye(4)), 0) + average(x, data + 2.0) + polyval(data, x) + nan_to_num(log(x - 0.05)); }},
      {"transforms", [](Tensor x) { return fft(x).real + irfft({cos(x[until(3)]), sin(x[until(3)])}) + ifft({x, data}).imag; }},
      {"segments",
       [](Tensor x) {
         const Tensor g{0, 1, 1, 0};
         return segment_max(x, g, 4).at(slice(2, 4)).set(0.0) + segment_logsumexp(x, g, 2)[g] + segment_mean(x, g, 2)[g] + segment_prod(x, g, 4) +
                histogram(x, 4).first.cast(f64);
       }},
      {"groups", [](Tensor x) { return segment_sum(x, Tensor{0, 1, 1, 0}, 3) + bincount(Tensor{0, 2, 2}); }},
      {"fori", [](Tensor x) { return fori_loop(0, 4, x, [&](Tensor i, Tensor s) { return s.at(i).add(sin(s[i]) * x[i]); }); }},
      {"scan", [](Tensor x) { auto [c, y] = scan(Tensor(0.0), x, [](Tensor s, Tensor e) { return std::pair{tanh(s + e), s * e}; }); return y + c; }},
      {"while", [](Tensor x) { return while_loop(x, [](Tensor s) { return sum(s) < 20.0; }, [](Tensor s) { return s * s + 1.0; }, {.max_trip = 12}); }},
      {"cond", [](Tensor x) { return cond(x[0] > x[1], [&] { return exp(x); }, [&] { return x * x; }); }},
      {"inner derivative", [](Tensor x) { return grad([&](Tensor v) { return sum(sin(v) * x * v); })(x); }},
      {"inner batch", [](Tensor x) { return vmap([&](Tensor v) { return v * sum(x * v); })(x); }},
      {"single precision", [](Tensor x) { return (exp(x.cast(f32)) * 0.5).cast(f64); }, false, 1e-6},
      {"random", [](Tensor x) { return x * uniform(Key(1), {4}) + normal(fold_in(Key(2), 5), {4}); }},
  };
  return all_cases;
}
const Tensor at{0.9, 0.1, 0.45, 0.62};
}  // namespace

class Everywhere : public testing::TestWithParam<Case> {};

TEST_P(Everywhere, Value) {
  const auto& f = GetParam().f;
  EXPECT_CLOSE(jit(f)(at), f(at), 1e-14);
}
TEST_P(Everywhere, Gradient) {
  const auto& f = GetParam().f;
  auto total = [&](Tensor x) { return sum(f(x) * cos(arange(f(x).size()).cast(f64))); };
  Tensor slope = grad(total)(at);
  EXPECT_CLOSE(jit(grad(total))(at), slope, 1e-13);
  if (GetParam().smooth) EXPECT_CLOSE(slope, differences(total, at, 1e-6), 1e-6);
}
TEST_P(Everywhere, Batch) {
  const auto& f = GetParam().f;
  Tensor many = stack({at, at[Tensor{1, 0, 3, 2}], 0.5 * at});
  Tensor expected = stack({f(many[0]), f(many[1]), f(many[2])});
  EXPECT_CLOSE(vmap(f)(many), expected, 1e-13);
  EXPECT_CLOSE(jit(vmap(f))(many), expected, 1e-13);
}
TEST_P(Everywhere, Tangent) {
  const auto& f = GetParam().f;
  Tensor direction{1.0, -0.5, 0.25, 2.0};
  auto along = [&](Tensor x) { return jvp(f, x, direction).second; };
  auto weights = [&](Tensor x) { return sum(f(x) * cos(arange(f(x).size()).cast(f64))); };
  EXPECT_CLOSE(sum(along(at) * cos(arange(along(at).size()).cast(f64))), sum(grad(weights)(at) * direction), GetParam().tolerance);
  EXPECT_CLOSE(jit(along)(at), along(at), 1e-13);
}
INSTANTIATE_TEST_SUITE_P(Table, Everywhere, testing::ValuesIn(cases()), [](const auto& info) {
  std::string name = info.param.name;
  for (char& c : name)
    if (c == ' ') c = '_';
  return name;
});
