// Programs that are no models, one call at a time: data and results stay on the device.
#include <cmath>
#include <cstdio>

#include "benchmarks/gpu/data.h"
#include "benchmarks/gpu/parts.h"

namespace nuthatch::benchmark::gpu {
namespace {

/// Seconds per call of each repetition. Calls of a GPU return before it is done, so several go together, then all are
/// waited for.
std::vector<double> seconds_per_call(const Options& options, const std::function<void()>& call) {
  auto run = [&](std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) call();
    options.wait();
  };
  run(1);  // compiles
  const std::int64_t count = enough_calls(run);
  std::vector<double> seconds;
  for (const double s : time_calls(options.repetitions, [&] { run(count); })) seconds.push_back(s / double(count));
  return seconds;
}

/// Reports the call in `unit`, `scale` of which are a second, and returns the median in seconds.
double measure(const Options& options, Measurement m, double scale, const std::function<void()>& call) {
  const auto seconds = seconds_per_call(options, call);
  for (const double s : seconds) m.values.push_back(scale * s);
  publish(m);
  return median(seconds);
}

/// Whether an error is small enough; says so where it is not.
bool small_enough(const std::string& name, double error, double allowed) {
  if (error <= allowed) return true;
  std::fprintf(stderr, "%s: off by %.2g, of which %.2g is allowed\n", name.c_str(), error, allowed);
  return false;
}

const char* text(Dtype dtype) { return dtype == f64 ? "f64" : "f32"; }
double allowed(Dtype dtype) { return dtype == f64 ? 1e-12 : 1e-4; }

std::string count_of(std::int64_t n) { return n >= 1'000'000 ? std::to_string(n / 1'000'000) + " million" : std::to_string(n); }

/// a [n, n] times v.
std::vector<double> product(const std::vector<double>& a, const std::vector<double>& v) {
  std::vector<double> result(v.size(), 0.0);
  for (std::size_t i = 0; i < v.size(); ++i)
    for (std::size_t j = 0; j < v.size(); ++j) result[i] += a[i * v.size() + j] * v[j];
  return result;
}

void matrix_product(const Options& options, Dtype dtype) {
  const std::int64_t n = options.small ? 48 : 4'096;
  const Tensor a = reshape(Tensor(normals(n * n, 11)), {n, n}).cast(dtype), b = reshape(Tensor(normals(n * n, 12)), {n, n}).cast(dtype);
  auto f = jit([](Tensor p, Tensor q) { return matmul(p, q); }, {.device = options.device});
  Measurement m = measurement(options, std::string("matrix_product/") + text(dtype),
                              "product of two matrices of size " + std::to_string(n) + ", " + text(dtype), "ms");
  // (a b) v = a (b v) for any v.
  const auto v = normals(n, 13);
  m.checked = small_enough(m.name, error_of(product(f(a, b).to_vector<double>(), v), product(a.to_vector<double>(), product(b.to_vector<double>(), v))),
                           allowed(dtype));
  measure(options, m, 1e3, [&] { f(a, b); });
}

}  // namespace

void covertype_gradient(const Options& options) {
  const std::int64_t rows = options.small ? 500 : 581'012, columns = options.small ? 5 : 55;
  const Tensor X = reshape(Tensor(normals(rows * columns, 7)), {rows, columns});
  const Tensor y = (Tensor(uniforms(rows, 8)) > 0.5).cast(f64), beta = 0.1 * Tensor(normals(columns, 9));
  auto gradient = [](Tensor b, Tensor A, Tensor t) {
    return grad([&](Tensor at) {
      Tensor eta = matmul(A, at);
      return sum(t * eta - softplus(eta));
    })(b);
  };
  const Tensor expected = jit(gradient, {.device = Device::cpu()})(beta, X, y);
  for (const Dtype dtype : {f64, f32}) {
    auto f = jit(gradient, {.device = options.device});
    const Tensor b = beta.cast(dtype), A = X.cast(dtype), t = y.cast(dtype);
    Measurement m = measurement(options, std::string("covertype/") + text(dtype),
                                "gradient of a logistic regression, " + std::to_string(rows) + " x " + std::to_string(columns) + ", " + text(dtype), "ms");
    m.checked = small_enough(m.name, error_of(f(b, A, t), expected), allowed(dtype));
    measure(options, m, 1e3, [&] { f(b, A, t); });
  }
}

void long_scan(const Options& options) {
  const std::int64_t n = options.small ? 2'000 : 10'000'000;
  const auto x = normals(n, 10);
  auto f = jit([](Tensor start, Tensor xs) {
    return scan(start, xs, [](Tensor c, Tensor now) {
             Tensor next = 0.5 * c + now;
             return std::pair{next, next};
           }).second;
  }, {.device = options.device});
  std::vector<double> expected(x.size());
  double c = 0;
  for (std::size_t i = 0; i < x.size(); ++i) expected[i] = c = 0.5 * c + x[i];
  const Tensor xs = x, start = 0.0;
  Measurement m = measurement(options, "scan", "scan of " + count_of(n) + " scalar steps, all of them kept", "s");
  m.checked = small_enough(m.name, error_of(f(start, xs), expected), 1e-12);
  measure(options, m, 1, [&] { f(start, xs); });
}

void elementwise_chain(const Options& options) {
  const std::int64_t n = options.small ? 5'000 : 16'000'000;
  const Tensor x = normals(n, 14);
  auto chain = [](Tensor v) { return (2.0 * v + 1.0) * v - abs(v) * 0.5 + square(v - 3.0); };
  auto f = jit(chain, {.device = options.device});
  Measurement m = measurement(options, "elementwise", "seven operations on " + count_of(n) + " f64", "ms");
  m.checked = small_enough(m.name, error_of(f(x), jit(chain, {.device = Device::cpu()})(x)), 1e-12);
  const double time = measure(options, m, 1e3, [&] { f(x); });
  // No program may leave out changing the signs, and it reads and writes what a copy does.
  auto negated = jit([](Tensor v) { return -v; }, {.device = options.device});
  Measurement copy = measurement(options, "copy", count_of(n) + " f64 copied on the device with their signs changed", "ms");
  copy.checked = small_enough(copy.name, error_of(-negated(x), x), 0);
  const double copied = measure(options, copy, 1e3, [&] { negated(x); });
  Measurement bandwidth = measurement(options, "copy/bandwidth", "bytes read and written per second by that copy", "GB/s");
  bandwidth.values = {16e-9 * double(n) / copied};
  Measurement share = measurement(options, "elementwise/share", "bandwidth of the seven operations, of that of the copy", "1");
  share.values = {copied / time};
  bandwidth.checked = copy.checked;
  share.checked = m.checked && copy.checked;
  publish(bandwidth);
  publish(share);
}

void matrix_products(const Options& options) {
  for (const Dtype dtype : {f64, f32}) matrix_product(options, dtype);
}

}  // namespace nuthatch::benchmark::gpu
