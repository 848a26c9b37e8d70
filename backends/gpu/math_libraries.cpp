#include "backends/gpu/math_libraries.h"

#include <map>

#include "backends/gpu/library.h"
#include "nuthatch/error.h"

namespace nuthatch::gpu {
namespace {

constexpr int kDefaultMath = 0;  // full precision of the element type
constexpr std::size_t kWorkspace = std::size_t(32) << 20;

BlasLibrary openBlas() {
  BlasLibrary b{};
  Library library("NUTHATCH_CUBLAS", {"libcublas.so.13", "libcublas.so.12", "libcublas.so"});
  library.find("cublasCreate_v2", b.create);
  library.find("cublasSetStream_v2", b.setStream);
  library.find("cublasSetMathMode", b.setMathMode);
  library.find("cublasSetWorkspace_v2", b.setWorkspace);
  library.find("cublasDgemm_v2", b.f64.gemm);
  library.find("cublasSgemm_v2", b.f32.gemm);
  library.find("cublasDgemmStridedBatched", b.f64.gemmStridedBatched);
  library.find("cublasSgemmStridedBatched", b.f32.gemmStridedBatched);
  library.find("cublasDtrsm_v2", b.f64.trsm);
  library.find("cublasStrsm_v2", b.f32.trsm);
  library.find("cublasDgemv_v2", b.f64.gemv);
  library.find("cublasSgemv_v2", b.f32.gemv);
  if (!library.problem().empty()) b.problem = "cuBLAS cannot be used: " + library.problem();
  return b;
}

SolverLibrary openSolver() {
  SolverLibrary s{};
  Library library("NUTHATCH_CUSOLVER", {"libcusolver.so.12", "libcusolver.so.11", "libcusolver.so"});
  library.find("cusolverDnCreate", s.create);
  library.find("cusolverDnSetStream", s.setStream);
  library.find("cusolverDnDpotrf_bufferSize", s.f64.potrf_bufferSize);
  library.find("cusolverDnSpotrf_bufferSize", s.f32.potrf_bufferSize);
  library.find("cusolverDnDpotrf", s.f64.potrf);
  library.find("cusolverDnSpotrf", s.f32.potrf);
  if (!library.problem().empty()) s.problem = "cuSOLVER cannot be used: " + library.problem();
  return s;
}

void check(const Card& card, int status, const std::string& what) {
  if (status) throw Error("gpu:" + std::to_string(card.index()) + " (" + card.facts().name + "): " + what + ": status " + std::to_string(status));
}

/// One for each card, made at the first call.
template <class H, class Make>
H handleOf(Card& card, std::map<int, H>& all, Make make) {
  const std::lock_guard lock(card.mutex());
  card.use();
  H& handle = all[card.index()];
  if (!handle) handle = make();
  return handle;
}

}  // namespace

const BlasLibrary& blas() {
  static const BlasLibrary b = openBlas();
  return b;
}
const SolverLibrary& solver() {
  static const SolverLibrary s = openSolver();
  return s;
}

void checkBlas(const Card& card, int status, const char* what) { check(card, status, std::string("cuBLAS, ") + what); }
void checkSolver(const Card& card, int status, const char* what) { check(card, status, std::string("cuSOLVER, ") + what); }

Blas blasOf(Card& card) {
  if (!blas().problem.empty()) throw Error(blas().problem);
  static auto* all = new std::map<int, Blas>;
  return handleOf(card, *all, [&] {
    Blas h = nullptr;
    checkBlas(card, blas().create(&h), "starting");
    checkBlas(card, blas().setStream(h, card.stream()), "its stream");
    checkBlas(card, blas().setMathMode(h, kDefaultMath), "its precision");
    const auto* memory = new Block(card, kWorkspace);  // as long as the process
    checkBlas(card, blas().setWorkspace(h, reinterpret_cast<void*>(memory->at()), kWorkspace), "its workspace");
    return h;
  });
}

Solver solverOf(Card& card) {
  if (!solver().problem.empty()) throw Error(solver().problem);
  static auto* all = new std::map<int, Solver>;
  return handleOf(card, *all, [&] {
    Solver h = nullptr;
    checkSolver(card, solver().create(&h), "starting");
    checkSolver(card, solver().setStream(h, card.stream()), "its stream");
    return h;
  });
}

}  // namespace nuthatch::gpu
