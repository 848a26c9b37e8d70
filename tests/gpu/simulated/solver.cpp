// The functions of cuSOLVER that are used.
#include "tests/gpu/simulated/matrices.h"

namespace nuthatch::simulated {
namespace {

using Eigen::Index;

MathHandles& handles() {
  static auto* h = new MathHandles;
  return *h;
}

/// cusolverStatus_t.
template <class F>
int solverStatus(const char* name, F f) {
  switch (guarded(name, f)) {
    case kSuccess: return 0;
    case kNotInitialized: case kInvalidContext: return 1;
    case kOutOfMemory: return 2;
    case kInvalidValue: case kInvalidHandle: return 3;
    default: return 6;
  }
}

/// In place, column by column; the other triangle is left alone. Returns 0, or the order of the first leading minor that
/// is not positive.
template <class M>
int factorise(M&& a) {
  const Index n = a.rows();
  for (Index j = 0; j < n; ++j) {
    const auto pivot = a(j, j) - a.row(j).head(j).squaredNorm();
    if (!(pivot > 0)) return int(j) + 1;
    a(j, j) = std::sqrt(pivot);
    const Index below = n - j - 1;
    if (!below) break;
    a.col(j).tail(below) -= a.bottomLeftCorner(below, j) * a.row(j).head(j).transpose();
    a.col(j).tail(below) /= a(j, j);
  }
  return 0;
}

int workspaceOf(int n) { return std::max(1, 32 * n); }

void check(int uplo, int n, int lda) { require((uplo | 1) == 1 && n >= 0 && lda >= std::max(1, n), "sizes of a matrix"); }

template <class T>
int potrf(void* handle, int uplo, int n, T* a, int lda, T* workspace, int elements, int* info) {
  return solverStatus("cusolverDn potrf", [&](Driver& d) {
    check(uplo, n, lda);
    require(elements >= workspaceOf(n), "a workspace that is too small");
    Device& device = *handles().at(handle).device;
    handles().put(d, handle, [=, &device] {
      auto matrix = matrixAt(device, a, n, n, lda, "a matrix to factorise");
      auto scratch = matrixAt(device, workspace, elements, 1, elements, "the workspace of a factorisation");
      auto outcome = matrixAt(device, info, 1, 1, 1, "the outcome of a factorisation");
      scratch.setConstant(std::numeric_limits<T>::signaling_NaN());  // it is written
      outcome(0, 0) = uplo == 0 ? factorise(matrix) : factorise(matrix.transpose());
    });
  });
}

int bufferSize(void* handle, int uplo, int n, int lda, int* elements) {
  return solverStatus("cusolverDn potrf_bufferSize", [&](Driver&) {
    handles().at(handle);
    check(uplo, n, lda);
    *elements = workspaceOf(n);
  });
}

}  // namespace

SIMULATED cusolverDnCreate(void** handle) {
  return solverStatus("cusolverDnCreate", [&](Driver& d) {
    d.unsafeInCapture("cusolverDnCreate");
    *handle = handles().make(d.current());
  });
}
SIMULATED cusolverDnDestroy(void* handle) {
  return solverStatus("cusolverDnDestroy", [&](Driver&) { handles().destroy(handle); });
}
SIMULATED cusolverDnSetStream(void* handle, CUstream stream) {
  return solverStatus("cusolverDnSetStream", [&](Driver& d) {
    d.stream(stream);
    handles().at(handle).stream = stream;
  });
}
SIMULATED cusolverDnDpotrf_bufferSize(void* h, int uplo, int n, double*, int lda, int* elements) { return bufferSize(h, uplo, n, lda, elements); }
SIMULATED cusolverDnSpotrf_bufferSize(void* h, int uplo, int n, float*, int lda, int* elements) { return bufferSize(h, uplo, n, lda, elements); }
SIMULATED cusolverDnDpotrf(void* h, int uplo, int n, double* a, int lda, double* workspace, int elements, int* info) {
  return potrf(h, uplo, n, a, lda, workspace, elements, info);
}
SIMULATED cusolverDnSpotrf(void* h, int uplo, int n, float* a, int lda, float* workspace, int elements, int* info) {
  return potrf(h, uplo, n, a, lda, workspace, elements, info);
}

}  // namespace nuthatch::simulated
