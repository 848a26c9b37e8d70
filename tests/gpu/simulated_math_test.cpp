// cuBLAS and cuSOLVER of the simulated device against sums written out.
#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "tests/gpu/simulated_driver.h"

namespace nuthatch::test {
namespace {

std::vector<double> randomNumbers(std::size_t n, unsigned seed) {
  std::mt19937 g(seed);
  std::normal_distribution<double> normal;
  std::vector<double> out(n);
  for (auto& x : out) x = normal(g);
  return out;
}

template <class T>
std::vector<T> as(const std::vector<double>& x) { return {x.begin(), x.end()}; }

/// Element (i, j) of op(A), where A has columns of `stride`.
template <class T>
double at(const std::vector<T>& a, int stride, int transposed, int i, int j) {
  return double(transposed ? a[std::size_t(i * stride + j)] : a[std::size_t(j * stride + i)]);
}

template <class T>
struct Names;
template <>
struct Names<double> {
  static constexpr const char *gemm = "cublasDgemm_v2", *batched = "cublasDgemmStridedBatched", *trsm = "cublasDtrsm_v2", *gemv = "cublasDgemv_v2",
                              *size = "cusolverDnDpotrf_bufferSize", *potrf = "cusolverDnDpotrf";
  static constexpr double tolerance = 1e-12;
};
template <>
struct Names<float> {
  static constexpr const char *gemm = "cublasSgemm_v2", *batched = "cublasSgemmStridedBatched", *trsm = "cublasStrsm_v2", *gemv = "cublasSgemv_v2",
                              *size = "cusolverDnSpotrf_bufferSize", *potrf = "cusolverDnSpotrf";
  static constexpr double tolerance = 2e-4;
};

template <class T>
class SimulatedMath : public testing::Test {
 protected:
  void SetUp() override {
    driver.start();
    driver("cuStreamCreate", &stream, 1u);
    driver("cublasCreate_v2", &blas);
    driver("cublasSetStream_v2", blas, stream);
    driver("cublasSetMathMode", blas, 2);
    driver("cusolverDnCreate", &solver);
    driver("cusolverDnSetStream", solver, stream);
  }
  void TearDown() override {
    driver.call("cublasDestroy_v2", blas);
    driver.call("cusolverDnDestroy", solver);
  }
  DeviceBytes put(const std::vector<T>& x) { return {x.data(), x.size() * sizeof(T)}; }
  std::vector<T> get(const DeviceBytes& x, std::size_t n) {
    std::vector<T> out(n);
    driver("cuStreamSynchronize", stream);
    x.read(out.data(), n * sizeof(T));
    return out;
  }
  static T* pointer(const DeviceBytes& x) { return reinterpret_cast<T*>(x.address); }
  using N = Names<T>;
  SimulatedDriver& driver = SimulatedDriver::get();
  void *blas = nullptr, *solver = nullptr, *stream = nullptr;
};
using Types = testing::Types<double, float>;
TYPED_TEST_SUITE(SimulatedMath, Types);

TYPED_TEST(SimulatedMath, Products) {
  using T = TypeParam;
  const int m = 5, n = 4, k = 7, lda = 9, ldb = 8, ldc = 6;
  const auto a = as<T>(randomNumbers(81, 1)), b = as<T>(randomNumbers(72, 2)), c = as<T>(randomNumbers(24, 3));
  const auto da = this->put(a), db = this->put(b);
  const T alpha = T(1.5);
  for (const T beta : {T(0), T(1), T(-0.5)})
    for (int ta : {0, 1})
      for (int tb : {0, 1}) {
        auto start = c;
        if (beta == 0) std::fill(start.begin(), start.end(), std::numeric_limits<T>::quiet_NaN());  // is not read
        const auto dc = this->put(start);
        this->driver(Names<T>::gemm, this->blas, ta, tb, m, n, k, &alpha, this->pointer(da), lda, this->pointer(db), ldb, &beta, this->pointer(dc), ldc);
        const auto out = this->get(dc, 24);
        for (int j = 0; j < n; ++j)
          for (int i = 0; i < m; ++i) {
            double sum = beta == 0 ? 0 : double(beta) * double(c[std::size_t(j * ldc + i)]);
            for (int l = 0; l < k; ++l) sum += double(alpha) * at(a, lda, ta, i, l) * at(b, ldb, tb, l, j);
            EXPECT_NEAR(double(out[std::size_t(j * ldc + i)]), sum, 20 * Names<T>::tolerance);
          }
      }
  T *pa = this->pointer(da), *pb = this->pointer(db);
  EXPECT_EQ(this->driver.call(Names<T>::gemm, this->blas, 0, 0, m, n, k, &alpha, pa, 3, pb, ldb, &alpha, pa, ldc), 7) << "rows that overlap";
}

TYPED_TEST(SimulatedMath, ProductsOfABatchAndWithAVector) {
  using T = TypeParam;
  const int n = 3, batch = 4;
  const auto a = as<T>(randomNumbers(36, 1)), b = as<T>(randomNumbers(9, 2));
  const auto da = this->put(a), db = this->put(b), dc = this->put(std::vector<T>(36)), dv = this->put(std::vector<T>(3));
  const T one = 1, zero = 0;
  this->driver(Names<T>::batched, this->blas, 0, 1, n, n, n, &one, this->pointer(da), n, 9ll, this->pointer(db), n, 0ll, &zero, this->pointer(dc), n, 9ll,
               batch);
  const auto out = this->get(dc, 36);
  for (int c = 0; c < batch; ++c)
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j) {
        double sum = 0;
        for (int l = 0; l < n; ++l) sum += double(a[std::size_t(9 * c + l * n + i)]) * at(b, n, 1, l, j);
        EXPECT_NEAR(double(out[std::size_t(9 * c + j * n + i)]), sum, 10 * Names<T>::tolerance);
      }
  for (int trans : {0, 1}) {
    this->driver(Names<T>::gemv, this->blas, trans, n, n, &one, this->pointer(db), n, this->pointer(da), 2, &zero, this->pointer(dv), 1);
    const auto v = this->get(dv, 3);
    for (int i = 0; i < n; ++i) {
      double sum = 0;
      for (int l = 0; l < n; ++l) sum += at(b, n, trans, i, l) * double(a[std::size_t(2 * l)]);
      EXPECT_NEAR(double(v[std::size_t(i)]), sum, 10 * Names<T>::tolerance);
    }
  }
}

TYPED_TEST(SimulatedMath, TriangularSystems) {
  using T = TypeParam;
  const int m = 4, n = 3;
  auto a = as<T>(randomNumbers(16, 1));
  for (int i = 0; i < 4; ++i) a[std::size_t(5 * i)] += T(4);
  const auto b = as<T>(randomNumbers(12, 2));
  const T alpha = T(2);
  for (int side : {0, 1})
    for (int upper : {0, 1})
      for (int trans : {0, 1})
        for (int unit : {0, 1}) {
          const int order = side ? n : m;
          const auto da = this->put(a), db = this->put(b);
          this->driver(Names<T>::trsm, this->blas, side, upper, trans, unit, m, n, &alpha, this->pointer(da), 4, this->pointer(db), m);
          const auto x = this->get(db, 12);
          auto triangle = [&](int i, int j) {  // of op(A)
            const int row = trans ? j : i, column = trans ? i : j;
            if (row == column && unit) return 1.0;
            return (upper ? row <= column : row >= column) ? double(a[std::size_t(column * 4 + row)]) : 0.0;
          };
          for (int i = 0; i < m; ++i)
            for (int j = 0; j < n; ++j) {
              double sum = 0;
              auto unknown = [&](int row, int column) { return double(x[std::size_t(column * m + row)]); };
              for (int l = 0; l < order; ++l) sum += side ? unknown(i, l) * triangle(l, j) : triangle(i, l) * unknown(l, j);
              EXPECT_NEAR(sum, 2 * double(b[std::size_t(j * m + i)]), 50 * Names<T>::tolerance) << side << upper << trans << unit;
            }
        }
}

TYPED_TEST(SimulatedMath, FactorsOfPositiveDefiniteMatrices) {
  using T = TypeParam;
  const int n = 6, lda = 7;
  const auto x = randomNumbers(36, 1);
  std::vector<T> a(42, T(-99));
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) {
      double sum = i == j ? 3 : 0;
      for (int l = 0; l < n; ++l) sum += x[std::size_t(i * n + l)] * x[std::size_t(j * n + l)];
      a[std::size_t(j * lda + i)] = T(sum);
    }
  for (int upper : {0, 1}) {
    const auto da = this->put(a);
    int elements = 0, info = -1;
    this->driver(Names<T>::size, this->solver, upper, n, this->pointer(da), lda, &elements);
    const DeviceBytes work(std::size_t(elements) * sizeof(T)), outcome(4);
    int* where = reinterpret_cast<int*>(outcome.address);
    auto factorise = [&](const DeviceBytes& matrix) {
      this->driver(Names<T>::potrf, this->solver, upper, n, this->pointer(matrix), lda, this->pointer(work), elements, where);
      this->driver("cuStreamSynchronize", this->stream);
      outcome.read(&info, 4);
    };
    factorise(da);
    EXPECT_EQ(info, 0);
    const auto f = this->get(da, 42);
    auto factor = [&](int i, int j) { return i < j ? 0.0 : double(upper ? f[std::size_t(i * lda + j)] : f[std::size_t(j * lda + i)]); };
    for (int i = 0; i < n; ++i)
      for (int j = 0; j <= i; ++j) {
        double sum = 0;
        for (int l = 0; l < n; ++l) sum += factor(i, l) * factor(j, l);
        EXPECT_NEAR(sum, double(a[std::size_t(j * lda + i)]), 100 * Names<T>::tolerance);
        if (i != j) {  // the other triangle is left alone
          const auto other = std::size_t(upper ? j * lda + i : i * lda + j);
          EXPECT_EQ(f[other], a[other]);
        }
      }
    auto indefinite = a;
    indefinite[std::size_t(3 * lda + 3)] = T(-1);
    factorise(this->put(indefinite));
    EXPECT_EQ(info, 4);
    EXPECT_EQ(this->driver.call(Names<T>::potrf, this->solver, upper, n, this->pointer(da), lda, this->pointer(work), 1, where), 3);
  }
}

TYPED_TEST(SimulatedMath, TakesPartInGraphsAndFindsBadPointers) {
  using T = TypeParam;
  const auto da = this->put({T(2), T(0), T(0), T(3)}), dc = this->put({T(1), T(0), T(0), T(1)});
  const T one = 1, zero = 0;
  void *graph = nullptr, *executable = nullptr;
  this->driver("cuCtxSynchronize");
  this->driver("cuStreamBeginCapture_v2", this->stream, 1);
  for (int k = 0; k < 2; ++k)
    this->driver(Names<T>::gemm, this->blas, 0, 0, 2, 1, 2, &one, this->pointer(da), 2, this->pointer(dc), 2, &zero, this->pointer(dc) + 2, 2);
  this->driver("cuStreamEndCapture", this->stream, &graph);
  this->driver("cuGraphInstantiateWithFlags", &executable, graph, 0ull);
  EXPECT_EQ(this->get(dc, 4)[2], T(0));
  this->driver("cuGraphLaunch", executable, this->stream);
  EXPECT_EQ(this->get(dc, 4)[2], T(2));
  this->driver(Names<T>::gemm, this->blas, 0, 0, 2, 3, 2, &one, this->pointer(da), 2, this->pointer(dc), 2, &zero, this->pointer(dc), 2);
  EXPECT_EQ(this->driver.call("cuStreamSynchronize", this->stream), 700);
}

}  // namespace
}  // namespace nuthatch::test
