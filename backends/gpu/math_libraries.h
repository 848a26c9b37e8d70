#pragma once
// cuBLAS and cuSOLVER, for matrices so large that their kernels are worth a launch: declared by ourselves, opened when a
// program first needs them. Matrices are column-major there.
#include "backends/gpu/card.h"

namespace nuthatch::gpu {

struct BlasHandle;
struct SolverHandle;
using Blas = BlasHandle*;
using Solver = SolverHandle*;

inline constexpr int kNoTranspose = 0, kTranspose = 1;
inline constexpr int kLower = 0, kUpper = 1;
inline constexpr int kLeft = 0, kRight = 1;
inline constexpr int kNonUnit = 0, kUnit = 1;

/// Functions for element type T; names as in cuBLAS and cuSOLVER without the type's letter.
template <class T>
struct BlasFunctions {
  int (*gemm)(Blas, int ta, int tb, int m, int n, int k, const T* alpha, const T* a, int lda, const T* b, int ldb, const T* beta, T* c, int ldc);
  int (*gemmStridedBatched)(Blas, int ta, int tb, int m, int n, int k, const T* alpha, const T* a, int lda, long long stride_a, const T* b,
                            int ldb, long long stride_b, const T* beta, T* c, int ldc, long long stride_c, int batch);
  int (*trsm)(Blas, int side, int uplo, int trans, int diag, int m, int n, const T* alpha, const T* a, int lda, T* b, int ldb);
  int (*gemv)(Blas, int trans, int m, int n, const T* alpha, const T* a, int lda, const T* x, int incx, const T* beta, T* y, int incy);
};
template <class T>
struct SolverFunctions {
  int (*potrf_bufferSize)(Solver, int uplo, int n, T* a, int lda, int* elements);
  int (*potrf)(Solver, int uplo, int n, T* a, int lda, T* workspace, int elements, int* info);
};

struct BlasLibrary {
  int (*create)(Blas*);
  int (*setStream)(Blas, cuda::Stream);
  int (*setMathMode)(Blas, int);
  int (*setWorkspace)(Blas, void*, std::size_t);
  BlasFunctions<double> f64;
  BlasFunctions<float> f32;
  std::string problem;  // why it cannot be used; empty: it can
};
struct SolverLibrary {
  int (*create)(Solver*);
  int (*setStream)(Solver, cuda::Stream);
  SolverFunctions<double> f64;
  SolverFunctions<float> f32;
  std::string problem;
};
/// Opened at the first call. NUTHATCH_CUBLAS and NUTHATCH_CUSOLVER name other files.
const BlasLibrary& blas();
const SolverLibrary& solver();

/// Handles of a card, bound to its stream; full precision, and a workspace of their own, so that they may be captured into
/// graphs. Throw nuthatch::Error where the library cannot be used.
Blas blasOf(Card&);
Solver solverOf(Card&);
/// Throws nuthatch::Error where a function of them returned a failure.
void checkBlas(const Card&, int status, const char* what);
void checkSolver(const Card&, int status, const char* what);

}  // namespace nuthatch::gpu
