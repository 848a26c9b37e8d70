// Fourier transforms against the defining sum in extended precision, and their properties.
#include "nuthatch/fft.h"

#include <complex>

#include "tests/api/helpers.h"

using namespace nuthatch;

namespace {
using Number = std::complex<long double>;

Tensor wave(std::int64_t n, double phase) { return cos(square(arange(n).cast(f64)) + phase); }

/// sum_j x_j exp(-2 pi i j k / n), the angle reduced exactly.
Complex by_definition(const Complex& x, int sign = -1) {
  const auto real = x.real.to_vector(), imag = x.imag.to_vector();
  const std::size_t n = real.size();
  std::vector<double> re, im;
  for (std::size_t k = 0; k < n; ++k) {
    Number sum = 0;
    for (std::size_t j = 0; j < n; ++j)
      sum += Number(real[j], imag[j]) * std::polar(1.0L, sign * 2 * std::numbers::pi_v<long double> * static_cast<long double>(j * k % n) / static_cast<long double>(n));
    re.push_back(double(sum.real()));
    im.push_back(double(sum.imag()));
  }
  return {Tensor(re), Tensor(im)};
}
void expect_close(const Complex& a, const Complex& b, double tolerance) {
  EXPECT_CLOSE(a.real, b.real, tolerance);
  EXPECT_CLOSE(a.imag, b.imag, tolerance);
}
}  // namespace

class Lengths : public testing::TestWithParam<int> {};
TEST_P(Lengths, TheDefinition) {
  const int n = GetParam();
  const double tolerance = 2e-15 * n;
  const Complex x{wave(n, 0), wave(n, 1)};
  const Complex y = fft(x);
  expect_close(y, by_definition(x), tolerance);
  expect_close(ifft(y), x, tolerance);
  const Complex half = rfft(x.real), whole = by_definition({x.real, zeros(n)});
  EXPECT_CLOSE(half.real, whole.real[until(n / 2 + 1)], tolerance);
  EXPECT_CLOSE(half.imag, whole.imag[until(n / 2 + 1)], tolerance);
  EXPECT_CLOSE(irfft(half, n), x.real, tolerance);
  expect_close(jit([](Tensor a, Tensor b) { return fft(Complex{a, b}); })(x.real, x.imag), y, 1e-14);
}
INSTANTIATE_TEST_SUITE_P(All, Lengths, testing::Values(1, 2, 3, 4, 7, 8, 12, 16, 32, 45, 49, 64, 100, 127, 256));

TEST(Fourier, AxesAndDefaults) {
  const Tensor x = reshape(wave(24, 0), {4, 6});
  EXPECT_CLOSE(fft(x, 0).real(all, 2), fft(x(all, 2)).real, 1e-15);
  EXPECT_CLOSE(irfft(rfft(x)), x, 1e-15);
  EXPECT_CLOSE(irfft(rfft(x, 0), -1, 0), x, 1e-15);
  EXPECT_EQ(rfft(x, 0).real.shape(), Shape({3, 6}));
  EXPECT_TENSOR(fftfreq(4, 0.5), Tensor{0.0, 0.5, -1.0, -0.5});
  EXPECT_CLOSE(fftfreq(5), Tensor{0.0, 0.2, 0.4, -0.4, -0.2}, 0);
  EXPECT_TENSOR(rfftfreq(4, 0.5), Tensor{0.0, 0.5, 1.0});
  // numpy.fft.irfft([1+5j, 2-1j, 3+7j]): imaginary parts of the first and the last term have no influence.
  EXPECT_CLOSE(irfft(Complex{Tensor{1.0, 2.0, 3.0}, Tensor{5.0, -1.0, 7.0}}), Tensor{2.0, 0.0, 0.0, -1.0}, 1e-15);
  EXPECT_MESSAGE(irfft(rfft(x), 9), "irfft: 4 terms along axis -1 for length 9, not length / 2 + 1");
  EXPECT_MESSAGE(fft(zeros({2, 0})), "fft: axis -1 of shape [2, 0] is empty");
  EXPECT_MESSAGE(fft(Complex{zeros(2), zeros(3)}), "fft: real part [2] and imaginary part [3] differ in shape");
}

TEST(Fourier, GradientsAndBatches) {
  for (int n : {6, 16, 50}) {
    auto f = [&](Tensor x) {
      const Complex y = rfft(x);
      return sum(square(y.real)) + sum(y.imag * cos(arange(y.imag.size()).cast(f64))) + sum(square(irfft({y.real, 2.0 * y.imag}, n)));
    };
    const Tensor x = wave(n, 0.5);
    EXPECT_CLOSE(grad(f)(x), differences(f, x), 1e-6);
    const Tensor many = stack({x, flip(x), x * x});
    EXPECT_CLOSE(vmap([](Tensor a) { return rfft(a).imag; })(many), rfft(many).imag, 1e-14);
  }
}
