// Fourier transforms composed of slices, products with constants, and sums.
#include "nuthatch/fft.h"

#include <bit>
#include <cmath>
#include <numbers>

#include "ir/api/operands.h"
#include "nuthatch/array.h"
#include "nuthatch/index.h"
#include "nuthatch/linalg.h"

namespace nuthatch {
using namespace detail;

namespace {
constexpr std::int64_t kMatrix = 48;  // transforms of at most so many terms, other than powers of two, are one product

Complex operator*(const Complex& a, const Complex& b) { return {a.real * b.real - a.imag * b.imag, a.real * b.imag + a.imag * b.real}; }

/// exp(-2 pi i k / n) for integers k(0), ..., k(count - 1), exactly periodic.
template <class F> Complex roots(std::int64_t n, std::int64_t count, Dtype dtype, Where where, F&& k) {
  Array real(f64, {count}), imag(f64, {count});
  for (std::int64_t j = 0; j < count; ++j) {
    const double angle = -2 * std::numbers::pi * double(k(j) % n) / double(n);
    real.as<double>()[j] = std::cos(angle);
    imag.as<double>()[j] = std::sin(angle);
  }
  return {convert(constant(std::move(real), where), dtype, where), convert(constant(std::move(imag), where), dtype, where)};
}

/// Rows [batch, n] times the matrix of the transform.
Complex by_matrix(const Complex& x, std::int64_t n, Where where) {
  const Complex flat = roots(n, n * n, x.real.dtype(), where, [&](std::int64_t i) { return (i / n) * (i % n); });
  const Complex w{reshape(flat.real, {n, n}), reshape(flat.imag, {n, n})};
  return {matmul(x.real, w.real) - matmul(x.imag, w.imag), matmul(x.real, w.imag) + matmul(x.imag, w.real)};
}

/// Stockham's algorithm: stage after stage, [2, m, s] becomes [m, 2, s] with halves a, b to a + b, (a - b) w. Van Loan
/// (1992), Computational Frameworks for the Fast Fourier Transform, section 1.7.
Complex radix_two(Complex x, std::int64_t n, Where where) {
  const std::int64_t batch = x.real.shape()[0];
  for (std::int64_t m = n / 2, s = 1; m >= 1; m /= 2, s *= 2) {
    const Complex flat = roots(2 * m, m, x.real.dtype(), where, [](std::int64_t p) { return p; });
    const Complex w{reshape(flat.real, {m, 1}), reshape(flat.imag, {m, 1})};
    auto half = [&](const Tensor& part, std::int64_t k) { return reshape(part, {batch, 2, m, s})(all, k); };
    const Complex a{half(x.real, 0), half(x.imag, 0)}, b{half(x.real, 1), half(x.imag, 1)};
    const Complex sum{a.real + b.real, a.imag + b.imag}, difference = Complex{a.real - b.real, a.imag - b.imag} * w;
    auto joined = [&](const Tensor& first, const Tensor& second) { return reshape(stack({first, second}, 2), {batch, n}); };
    x = {joined(sum.real, difference.real), joined(sum.imag, difference.imag)};
  }
  return x;
}

Complex conjugate(const Complex& x) { return {x.real, -x.imag}; }

/// With j k = (j^2 + k^2 - (k - j)^2) / 2 the transform is a convolution with a chirp, done in a length that is a power of
/// two. Bluestein (1970), IEEE Trans. Audio Electroacoustics 18.
Complex bluestein(const Complex& x, std::int64_t n, Where where) {
  const auto length = std::int64_t(std::bit_ceil(std::uint64_t(2 * n - 1)));
  const Dtype dtype = x.real.dtype();
  const Complex chirp = roots(2 * n, n, dtype, where, [](std::int64_t j) { return j * j; });
  auto padded = [&](const Tensor& part) { return pad(part, {{0, 0}, {0, length - n}}, literal(0, dtype)); };
  const Complex weighted = x * chirp;
  // The conjugate chirp at distances -(n - 1) ... n - 1, wrapped around.
  auto wrapped = [&](const Tensor& part) {
    return reshape(concat({part, zeros(length - 2 * n + 1, dtype), flip(part(from(1)))}), {1, length});
  };
  const Complex kernel = radix_two({wrapped(chirp.real), wrapped(-chirp.imag)}, length, where);
  const Complex product = radix_two({padded(weighted.real), padded(weighted.imag)}, length, where) * kernel;
  const Complex back = conjugate(radix_two(conjugate(product), length, where));
  auto first = [&](const Tensor& part) { return part(all, until(n)) / double(length); };
  return Complex{first(back.real), first(back.imag)} * chirp;
}

Complex transform_rows(const Complex& x, Where where) {
  const std::int64_t n = x.real.shape()[1];
  if (n <= 1) return x;
  if (std::has_single_bit(std::uint64_t(n))) return n <= 8 ? by_matrix(x, n, where) : radix_two(x, n, where);
  return n <= kMatrix ? by_matrix(x, n, where) : bluestein(x, n, where);
}

/// The parts as floats of one type and shape.
Complex checked_parts(const char* op, const Complex& x, Where where) {
  Tensor real = to_float(op, x.real, where), imag = to_float(op, x.imag, where);
  if (real.shape() != imag.shape())
    fail(op, "real part " + to_string(real.shape()) + " and imaginary part " + to_string(imag.shape()) + " differ in shape", where);
  const Dtype dtype = promote(op, real, imag, where);
  return {convert(real, dtype, where), convert(imag, dtype, where)};
}

/// Along an axis, which is not empty.
Complex along(const char* op, const Complex& x, int axis, Where where) {
  const Shape shape = x.real.shape();
  const int dim = axis_of(op, axis, shape.size(), shape, where);
  const std::int64_t n = shape[std::size_t(dim)];
  if (n == 0) fail(op, "axis " + std::to_string(axis) + " of shape " + to_string(shape) + " is empty", where);
  if (x.real.size() == 0) return x;
  Tensor real = moveaxis(x.real, dim, -1, where), imag = moveaxis(x.imag, dim, -1, where);
  const Shape moved = real.shape();
  CallerLine line(where);
  const Complex y = transform_rows({reshape(real, {-1, n}), reshape(imag, {-1, n})}, where);
  return {moveaxis(reshape(y.real, moved), -1, dim), moveaxis(reshape(y.imag, moved), -1, dim)};
}

Tensor part_along(const Tensor& x, int axis, std::int64_t from, std::int64_t to, Where where) {
  const auto d = std::size_t(axis_of("fft", axis, x.shape().size(), x.shape(), where));
  Ints start(x.shape().size(), 0), limit(x.shape()), stride(x.shape().size(), 1);
  start[d] = from;
  limit[d] = to;
  return sliced(x, start, limit, stride, where);
}
}  // namespace

Complex fft(const Complex& x, int axis, Where where) { return along("fft", checked_parts("fft", x, where), axis, where); }
Complex fft(const Tensor& x, int axis, Where where) {
  Tensor real = to_float("fft", x, where);
  return along("fft", {real, zeros_like(real, where)}, axis, where);
}
Complex ifft(const Complex& operand, int axis, Where where) {
  const Complex x = checked_parts("ifft", operand, where);
  CallerLine line(where);
  const Complex y = along("ifft", conjugate(x), axis, where);
  const double n = double(x.real.size(axis));
  return {y.real / n, -y.imag / n};
}

Complex rfft(const Tensor& x, int axis, Where where) {
  const Complex y = fft(x, axis, where);
  const std::int64_t terms = x.size(axis) / 2 + 1;
  return {part_along(y.real, axis, 0, terms, where), part_along(y.imag, axis, 0, terms, where)};
}

// The missing terms are the conjugates of those at n - k.
Tensor irfft(const Complex& operand, std::int64_t n, int axis, Where where) {
  const Complex x = checked_parts("irfft", operand, where);
  axis_of("irfft", axis, x.real.shape().size(), x.real.shape(), where);
  const std::int64_t terms = x.real.size(axis), length = n < 0 ? 2 * (terms - 1) : n;
  if (length < 1 || terms != length / 2 + 1)
    fail("irfft", std::to_string(terms) + " terms along axis " + std::to_string(axis) + " for length " + std::to_string(length) + ", not length / 2 + 1", where);
  CallerLine line(where);
  const std::int64_t mirrored = (length - 1) / 2;  // terms 1 ... mirrored have a partner
  auto tail = [&](const Tensor& part) { return flip(part_along(part, axis, 1, 1 + mirrored, where), axis); };
  auto without_ends = [&](const Tensor& part) {  // no imaginary part in terms 0 and length / 2
    Tensor inner = part_along(part, axis, 1, 1 + mirrored, where);
    Tensor none = zeros_like(part_along(part, axis, 0, 1, where));
    std::vector<Tensor> parts{none, inner};
    if (length % 2 == 0) parts.push_back(none);
    return concat(parts, axis);
  };
  return ifft({concat({x.real, tail(x.real)}, axis), concat({without_ends(x.imag), -tail(x.imag)}, axis)}, axis).real;
}

Tensor fftfreq(std::int64_t n, double d, Where where) {
  if (n < 1 || d == 0) fail("fftfreq", std::to_string(n) + " samples " + std::to_string(d) + " apart", where);
  Array x(f64, {n});
  for (std::int64_t k = 0; k < n; ++k) x.as<double>()[k] = double(k < (n + 1) / 2 ? k : k - n) / (double(n) * d);
  return constant(std::move(x), where);
}
Tensor rfftfreq(std::int64_t n, double d, Where where) {
  if (n < 1 || d == 0) fail("rfftfreq", std::to_string(n) + " samples " + std::to_string(d) + " apart", where);
  Array x(f64, {n / 2 + 1});
  for (std::int64_t k = 0; k <= n / 2; ++k) x.as<double>()[k] = double(k) / (double(n) * d);
  return constant(std::move(x), where);
}

}  // namespace nuthatch
