// The functions of cuBLAS that are used. Factors are read from the host at the call (its default mode).
#include "tests/gpu/simulated/matrices.h"

namespace nuthatch::simulated {
namespace {

using Eigen::Index;

MathHandles& handles() {
  static auto* h = new MathHandles;
  return *h;
}

/// cublasStatus_t.
template <class F>
int blasStatus(const char* name, F f) {
  switch (guarded(name, f)) {
    case kSuccess: return 0;
    case kNotInitialized: case kInvalidContext: return 1;
    case kOutOfMemory: return 3;
    case kInvalidValue: case kInvalidHandle: return 7;
    default: return 13;
  }
}

void checkShape(int rows, int columns, int stride) { require(rows >= 0 && columns >= 0 && stride >= std::max(1, rows), "sizes of a matrix"); }
void checkTranspose(int t) { require(t >= 0 && t <= 2, "transposition"); }

template <class T>
void product(Device& device, int ta, int tb, Index m, Index n, Index k, T alpha, const T* a, Index lda, const T* b, Index ldb, T beta, T* c, Index ldc) {
  auto out = matrixAt(device, c, m, n, ldc, "the sum of a product");
  if (m == 0 || n == 0) return;
  // With beta = 0 what was there is not read.
  if (beta == T(0)) out.setZero();
  else if (beta != T(1)) out *= beta;
  if (k == 0 || alpha == T(0)) return;
  const auto left = matrixAt(device, a, ta ? k : m, ta ? m : k, lda, "the left factor of a product");
  const auto right = matrixAt(device, b, tb ? n : k, tb ? k : n, ldb, "the right factor of a product");
  if (ta && tb) out.noalias() += alpha * (left.transpose() * right.transpose());
  else if (ta) out.noalias() += alpha * (left.transpose() * right);
  else if (tb) out.noalias() += alpha * (left * right.transpose());
  else out.noalias() += alpha * (left * right);
}

template <class T>
int gemm(void* handle, int ta, int tb, int m, int n, int k, const T* alpha, const T* a, int lda, long long stride_a, const T* b, int ldb, long long stride_b,
         const T* beta, T* c, int ldc, long long stride_c, int batch) {
  return blasStatus("cublas gemm", [&](Driver& d) {
    checkTranspose(ta);
    checkTranspose(tb);
    checkShape(ta ? k : m, ta ? m : k, lda);
    checkShape(tb ? n : k, tb ? k : n, ldb);
    checkShape(m, n, ldc);
    require(batch >= 0 && alpha && beta, "factors and number of products");
    require(batch < 2 || n == 0 || stride_c >= (long long)ldc * (n - 1) + m, "results of products that overlap");
    Device& device = *handles().at(handle).device;
    handles().put(d, handle, [=, &device, x = *alpha, y = *beta] {
      for (long long j = 0; j < batch; ++j)
        product<T>(device, ta, tb, m, n, k, x, a + j * stride_a, lda, b + j * stride_b, ldb, y, c + j * stride_c, ldc);
    });
  });
}

template <class A, class B>
void solveLeft(const A& a, int uplo, int diagonal, B&& b) {
  if (uplo == 0 && diagonal == 0) a.template triangularView<Eigen::Lower>().solveInPlace(b);
  else if (uplo == 0) a.template triangularView<Eigen::UnitLower>().solveInPlace(b);
  else if (diagonal == 0) a.template triangularView<Eigen::Upper>().solveInPlace(b);
  else a.template triangularView<Eigen::UnitUpper>().solveInPlace(b);
}

template <class T>
int trsm(void* handle, int side, int uplo, int trans, int diagonal, int m, int n, const T* alpha, const T* a, int lda, T* b, int ldb) {
  return blasStatus("cublas trsm", [&](Driver& d) {
    checkTranspose(trans);
    require((side | 1) == 1 && (uplo | 1) == 1 && (diagonal | 1) == 1 && alpha, "kind of a triangular system");
    const int order = side == 0 ? m : n;
    checkShape(order, order, lda);
    checkShape(m, n, ldb);
    Device& device = *handles().at(handle).device;
    handles().put(d, handle, [=, &device, factor = *alpha] {
      auto x = matrixAt(device, b, m, n, ldb, "the right side of a triangular system");
      if (m == 0 || n == 0) return;
      const auto matrix = matrixAt(device, a, order, order, lda, "a triangular matrix");
      // Only the triangle is read, and a transposed lower one is an upper one.
      Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic> full = matrix;
      const bool transposed = (trans != 0) != (side == 1);  // X A = B is A' X' = B'
      if (transposed) full.transposeInPlace();
      const int triangle = transposed ? 1 - uplo : uplo;
      Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic> right = factor * x;
      if (side == 1) right.transposeInPlace();
      solveLeft(full, triangle, diagonal, right);
      if (side == 0) x = right;
      else x = right.transpose();
    });
  });
}

template <class T>
int gemv(void* handle, int trans, int m, int n, const T* alpha, const T* a, int lda, const T* x, int x_step, const T* beta, T* y, int y_step) {
  return blasStatus("cublas gemv", [&](Driver& d) {
    checkTranspose(trans);
    checkShape(m, n, lda);
    require(x_step > 0 && y_step > 0 && alpha && beta, "steps of vectors");
    Device& device = *handles().at(handle).device;
    // Vectors are rows of matrices with as many rows as the step.
    handles().put(d, handle, [=, &device, p = *alpha, q = *beta] {
      const Index length = trans ? n : m, other = trans ? m : n;
      auto out = matrixAt(device, y, 1, length, y_step, "the result of a product");
      if (length == 0) return;
      if (q == T(0)) out.setZero();
      else if (q != T(1)) out *= q;
      if (other == 0 || p == T(0)) return;
      const auto matrix = matrixAt(device, a, m, n, lda, "the matrix of a product");
      const auto in = matrixAt(device, x, 1, other, x_step, "the vector of a product");
      if (trans) out.noalias() += p * (in * matrix);
      else out.noalias() += p * (in * matrix.transpose());
    });
  });
}

}  // namespace

SIMULATED cublasCreate_v2(void** handle) {
  return blasStatus("cublasCreate", [&](Driver& d) {
    d.unsafeInCapture("cublasCreate");
    *handle = handles().make(d.current());
  });
}
SIMULATED cublasDestroy_v2(void* handle) {
  return blasStatus("cublasDestroy", [&](Driver& d) {
    d.unsafeInCapture("cublasDestroy");
    handles().destroy(handle);
  });
}
SIMULATED cublasSetStream_v2(void* handle, CUstream stream) {
  return blasStatus("cublasSetStream", [&](Driver& d) {
    d.stream(stream);
    handles().at(handle).stream = stream;
  });
}
SIMULATED cublasSetMathMode(void* handle, int) {
  return blasStatus("cublasSetMathMode", [&](Driver&) { handles().at(handle); });
}
SIMULATED cublasSetWorkspace_v2(void* handle, void* memory, std::size_t bytes) {
  return blasStatus("cublasSetWorkspace", [&](Driver& d) {
    handles().at(handle);
    if (bytes) d.current().memory.at(reinterpret_cast<std::uint64_t>(memory), bytes, "the workspace of cuBLAS");
  });
}

#define PRODUCTS(LETTER, T)                                                                                                                              \
  SIMULATED cublas##LETTER##gemm_v2(void* h, int ta, int tb, int m, int n, int k, const T* alpha, const T* a, int lda, const T* b, int ldb, const T* beta, \
                                    T* c, int ldc) {                                                                                                     \
    return gemm<T>(h, ta, tb, m, n, k, alpha, a, lda, 0, b, ldb, 0, beta, c, ldc, 0, 1);                                                                 \
  }                                                                                                                                                      \
  SIMULATED cublas##LETTER##gemmStridedBatched(void* h, int ta, int tb, int m, int n, int k, const T* alpha, const T* a, int lda, long long sa,          \
                                               const T* b, int ldb, long long sb, const T* beta, T* c, int ldc, long long sc, int batch) {               \
    return gemm<T>(h, ta, tb, m, n, k, alpha, a, lda, sa, b, ldb, sb, beta, c, ldc, sc, batch);                                                          \
  }                                                                                                                                                      \
  SIMULATED cublas##LETTER##trsm_v2(void* h, int side, int uplo, int trans, int diag, int m, int n, const T* alpha, const T* a, int lda, T* b, int ldb) { \
    return trsm<T>(h, side, uplo, trans, diag, m, n, alpha, a, lda, b, ldb);                                                                             \
  }                                                                                                                                                      \
  SIMULATED cublas##LETTER##gemv_v2(void* h, int trans, int m, int n, const T* alpha, const T* a, int lda, const T* x, int incx, const T* beta, T* y,    \
                                    int incy) {                                                                                                          \
    return gemv<T>(h, trans, m, n, alpha, a, lda, x, incx, beta, y, incy);                                                                               \
  }
PRODUCTS(D, double)
PRODUCTS(S, float)
#undef PRODUCTS

}  // namespace nuthatch::simulated
