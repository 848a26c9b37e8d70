// Factorisations, sorting and running sums whose loops the threads of a group share: the interpreter's bits.
#include "tests/cpu/support.h"
#include "tests/gpu/device_program.h"

namespace nuthatch::test {
namespace {

/// In groups of `threads`, two chains; then in segments of 8 and blocks of 64 on the simulated device, with its check of
/// races.
void expectInGroups(const std::string& text, std::initializer_list<std::int64_t> groups = {4, 32}) {
  SCOPED_TRACE(text);
  auto program = parse(text);
  std::mt19937 g(3);
  const std::int64_t chains = 2;
  std::vector<Array> stacked;
  std::vector<std::vector<Array>> perChain(chains);
  for (const auto& t : program->arguments) {
    Shape s{chains};
    s.insert(s.end(), t.shape.begin(), t.shape.end());
    stacked.push_back(randomArray(t.dtype, s, g));
    for (std::int64_t c = 0; c < chains; ++c) {
      Array one(t.dtype, t.shape);
      std::memcpy(one.data.get(), stacked.back().data.get() + c * one.bytes(), one.bytes());
      perChain[std::size_t(c)].push_back(one);
    }
  }
  detail::LaneOptions options;
  options.varying_argument.assign(program->arguments.size(), true);
  options.varying_result.assign(program->results.size(), true);
  auto expectSame = [&](const Shared<detail::LaneExecutable>& code, const std::string& how) {
    auto got = code->run(stacked, chains, 1, {});
    for (std::int64_t c = 0; c < chains; ++c) {
      auto want = detail::interpret(*program, perChain[std::size_t(c)]);
      for (std::size_t i = 0; i < want.size(); ++i)
        expectSameBits(want[i], got[i].data.get() + c * want[i].bytes(),
                       how + ", chain " + std::to_string(c) + ", result " + std::to_string(i));
    }
  };
  for (std::int64_t threads : groups) expectSame(detail::compileEmulated(program, options, threads), std::to_string(threads) + " threads");
  SimulatedDriver::get().start({{"race_check", 1}});
  expectSame(compileForDevice(program, options, gpu::Unit::segment, 8), "a segment");
  expectSame(compileForDevice(program, options, gpu::Unit::segment, 8, gpu::Memory::global), "a segment and global memory");
  expectSame(compileForDevice(program, options, gpu::Unit::block, 64), "a block");
}

std::string tensor(std::vector<int> shape, const char* type = "f64") {
  std::string out = "tensor<";
  for (int n : shape) out += std::to_string(n) + "x";
  return out + type + ">";
}

std::vector<int> join(std::vector<int> a, std::initializer_list<int> b) {
  a.insert(a.end(), b);
  return a;
}

/// x x^T + n in a batch.
std::string positiveDefinite(std::vector<int> batch, int n) {
  const std::string square = tensor(join(batch, {n, n})), outer = tensor(join(batch, {n, n}));
  std::string dims, list;
  for (std::size_t k = 0; k < batch.size(); ++k) dims += (k ? ", " : ": ") + std::to_string(k);
  const std::string last = std::to_string(batch.size() + 1);
  return "    %p = nh.dot_general %x, %x {lhs_batch = array<i64" + dims + ">, rhs_batch = array<i64" + dims + ">, lhs_contract = array<i64: " +
         last + ">, rhs_contract = array<i64: " + last + ">} : (" + square + ", " + square + ") -> " + outer + "\n" + list;
}

std::string choleskyProgram(std::vector<int> batch, int n, int columns) {
  const std::string m = tensor(join(batch, {n, n})), y = tensor(join(batch, {n, columns}));
  std::string out = "func.func @main(%x: " + m + ", %y: " + y + ") -> (" + m + ", " + m;
  for (int k = 0; k < 4; ++k) out += ", " + y;
  out += ") {\n" + positiveDefinite(batch, n) + "    %l = nh.cholesky %p : (" + m + ") -> " + m + "\n" +
         "    %b = nh.cholesky_pullback %l, %x : (" + m + ", " + m + ") -> " + m + "\n";
  for (int k = 0; k < 4; ++k)
    out += "    %s" + std::to_string(k) + " = nh.triangular_solve %l, %y {lower = true, transpose = " + (k % 2 ? "true" : "false") +
           ", unit_diagonal = " + (k / 2 ? "true" : "false") + "} : (" + m + ", " + y + ") -> " + y + "\n";
  out += "    return %l, %b, %s0, %s1, %s2, %s3 : " + m + ", " + m;
  for (int k = 0; k < 4; ++k) out += ", " + y;
  return out + "\n  }";
}

TEST(SharedLoops, CholeskyFactorsTheirPullbackAndSolves) {
  for (int n : {1, 2, 4, 5, 11, 21}) expectInGroups(choleskyProgram({}, n, 1));
  for (auto [n, columns] : {std::pair{9, 3}, {13, 40}, {3, 5}}) expectInGroups(choleskyProgram({}, n, columns));
  expectInGroups(choleskyProgram({3}, 6, 2));
  expectInGroups(choleskyProgram({2, 3}, 3, 1));
  expectInGroups(choleskyProgram({40}, 7, 2), {4, 32, 2048});
}

std::string spectralProgram(std::vector<int> batch, int rows, int columns) {
  const std::string x = tensor(join(batch, {rows, columns})), s = tensor(join(batch, {columns, columns})), w = tensor(join(batch, {columns})),
                    p = tensor(join(batch, {columns}), "i64");
  const std::string all = x + ", " + s + ", " + s + ", " + p + ", " + w + ", " + s + ", " + x + ", " + w + ", " + s;
  return "func.func @main(%x: " + x + ", %y: " + s + ") -> (" + all + ") {\n    %q, %r = nh.qr %x : (" + x + ") -> (" + x + ", " + s +
         ")\n    %lu, %p = nh.lu %y : (" + s + ") -> (" + s + ", " + p + ")\n    %w, %v = nh.eigh %y : (" + s + ") -> (" + w + ", " + s +
         ")\n    %u, %s, %vt = nh.svd %x : (" + x + ") -> (" + x + ", " + w + ", " + s +
         ")\n    return %q, %r, %lu, %p, %w, %v, %u, %s, %vt : " + all + "\n  }";
}

TEST(SharedLoops, OrthogonalAndSpectralFactors) {
  for (auto [rows, columns] : {std::pair{1, 1}, {2, 2}, {6, 3}, {40, 4}, {7, 7}, {50, 11}}) expectInGroups(spectralProgram({}, rows, columns));
  expectInGroups(spectralProgram({2}, 7, 5));
  expectInGroups(spectralProgram({33}, 4, 3));
}

TEST(SharedLoops, SortingIsStable) {
  for (int n : {1, 2, 31, 33, 64, 100, 500}) {
    const std::string f = tensor({n}), i = tensor({n}, "i64"), two = tensor({3, n}), out = tensor({3, n}, "i64");
    expectInGroups("func.func @main(%x: " + f + ", %k: " + i + ", %m: " + two + ") -> (" + i + ", " + i + ", " + out + ") {\n    %a = nh.argsort %k {dim = 0 : i64} : (" +
                   i + ") -> " + i + "\n    %b = nh.argsort %k, %x {dim = 0 : i64} : (" + i + ", " + f + ") -> " + i +
                   "\n    %c = nh.argsort %m {dim = 1 : i64} : (" + two + ") -> " + out + "\n    return %a, %b, %c : " + i + ", " + i + ", " + out + "\n  }");
  }
}

TEST(SharedLoops, RunningSums) {
  expectInGroups("func.func @main(%x: tensor<12x0xf64>) -> tensor<12x0xf64> {\n"  // rows were counted by division by zero
                 "%c = nh.cumulative prod %x {dim = 0 : i64, reverse = false} : (tensor<12x0xf64>) -> tensor<12x0xf64>\n"
                 "return %c : tensor<12x0xf64>\n}");
  for (int n : {1, 2, 40, 333}) {
    const std::string f = tensor({n}), two = tensor({3, n});
    std::string lines, names, types;
    for (const char* kind : {"sum", "prod", "max", "logsumexp"})
      for (const char* reverse : {"true", "false"}) {
        const std::string name = std::string("%") + kind + reverse;
        lines += "    " + name + " = nh.cumulative " + kind + " %e {dim = 0 : i64, reverse = " + reverse + "} : (" + f + ") -> " + f + "\n";
        names += name + ", ";
        types += f + ", ";
      }
    lines += "    %m = nh.cumulative sum %y {dim = 1 : i64, reverse = false} : (" + two + ") -> " + two + "\n";
    expectInGroups("func.func @main(%x: " + f + ", %y: " + two + ") -> (" + types + two + ") {\n    %e = nh.unary exp %x : " + f + " -> " + f + "\n" + lines +
                   "    return " + names + "%m : " + types + two + "\n  }");
  }
}

}  // namespace
}  // namespace nuthatch::test
