// Loops over data that threads share: which loops are, and that the bits are those of one thread.
#include <atomic>
#include <thread>

#include "backends/runtime/data_threads.h"
#include "nuthatch/threads.h"
#include "tests/cpu/support.h"

namespace nuthatch::test {
namespace {

/// A function of one vector and one matrix, as text.
std::string program(const std::string& body, const std::string& results, const std::string& types) {
  return "func.func @main(%v: tensor<100000xf64>, %x: tensor<50000x12xf64>, %b: tensor<12xf64>) -> (" + types + ") {\n" +
         body + "  return " + results + " : " + types + "\n}\n";
}

const std::string kElementwise = program(R"(
  %a = nh.unary sin %v : tensor<100000xf64> -> tensor<100000xf64>
  %e = nh.unary exp %a : tensor<100000xf64> -> tensor<100000xf64>
  %y = nh.unary tanh %x : tensor<50000x12xf64> -> tensor<50000x12xf64>
)",
                                         "%e, %y", "tensor<100000xf64>, tensor<50000x12xf64>");

const std::string kReductions = program(R"(
  %e = nh.unary exp %v : tensor<100000xf64> -> tensor<100000xf64>
  %t = nh.unary tanh %e : tensor<100000xf64> -> tensor<100000xf64>
  %s = nh.reduce sum %t {dims = array<i64: 0>} : (tensor<100000xf64>) -> tensor<f64>
  %m = nh.reduce max %v {dims = array<i64: 0>} : (tensor<100000xf64>) -> tensor<f64>
  %c = nh.compare lt %t, %e : (tensor<100000xf64>, tensor<100000xf64>) -> tensor<100000xi1>
  %all = nh.reduce all %c {dims = array<i64: 0>} : (tensor<100000xi1>) -> tensor<i1>
  %y = nh.unary exp %x : tensor<50000x12xf64> -> tensor<50000x12xf64>
  %r = nh.reduce sum %y {dims = array<i64: 1>} : (tensor<50000x12xf64>) -> tensor<50000xf64>
)",
                                        "%s, %m, %all, %r", "tensor<f64>, tensor<f64>, tensor<i1>, tensor<50000xf64>");

const std::string kRowPass = program(R"(
  %eta = nh.dot_general %x, %b {lhs_batch = array<i64>, rhs_batch = array<i64>, lhs_contract = array<i64: 1>, rhs_contract = array<i64: 0>} : (tensor<50000x12xf64>, tensor<12xf64>) -> tensor<50000xf64>
  %p = nh.unary softplus %eta : tensor<50000xf64> -> tensor<50000xf64>
  %s = nh.reduce sum %p {dims = array<i64: 0>} : (tensor<50000xf64>) -> tensor<f64>
  %r = nh.unary logistic %eta : tensor<50000xf64> -> tensor<50000xf64>
  %g = nh.dot_general %r, %x {lhs_batch = array<i64>, rhs_batch = array<i64>, lhs_contract = array<i64: 0>, rhs_contract = array<i64: 0>} : (tensor<50000xf64>, tensor<50000x12xf64>) -> tensor<12xf64>
)",
                                     "%s, %r, %g", "tensor<f64>, tensor<50000xf64>, tensor<12xf64>");

class Threads {
 public:
  explicit Threads(int n) { set_num_threads(n); }
  ~Threads() { set_num_threads(0); }
};

std::vector<Array> argumentsOf(const ir::TracedProgram& p, std::int64_t chains = 0) {
  std::mt19937 g(1);
  std::vector<Array> out;
  for (const auto& t : p.arguments) {
    Shape shape = t.shape;
    if (chains && t.shape == Shape{12}) shape.insert(shape.begin(), chains);  // the coefficients differ
    out.push_back(randomArray(t.dtype, shape, g));
  }
  return out;
}

TEST(Chunks, GiveTheBitsOfTheInterpreterWithAnyNumberOfThreads) {
  for (const auto& text : {kElementwise, kReductions, kRowPass}) {
    SCOPED_TRACE(text);
    auto source = parse(text);
    const auto arguments = argumentsOf(*source);
    const auto expected = detail::interpret(*source, arguments);
    auto compiled = detail::executor().compile(source);
    EXPECT_NE(compiled->dump("llvm").find(runtime::kRunChunks), std::string::npos);
    for (int threads : {1, 2, 5}) {
      Threads scope(threads);
      auto got = compiled->run(arguments);
      for (std::size_t i = 0; i < expected.size(); ++i)
        expectSameBits(expected[i], got[i].data.get(), std::to_string(threads) + " threads, result " + std::to_string(i));
    }
  }
}

TEST(Chunks, ServeLanesToo) {
  const std::int64_t chains = 7;
  auto source = parse(kRowPass);
  auto compiled = detail::executor().compile_lanes(source, {.width = 8, .varying_argument = {false, false, true}});
  EXPECT_NE(compiled->dump("llvm").find(runtime::kRunChunks), std::string::npos);
  const auto arguments = argumentsOf(*source, chains);
  const auto one = compiled->run(arguments, chains, 1, {}), four = compiled->run(arguments, chains, 4, {});
  for (std::size_t i = 0; i < one.size(); ++i) expectSameBits(one[i], four[i].data.get(), "result " + std::to_string(i));
  auto first = arguments;  // the first chain by itself
  first[2] = Array(Dtype::f64, {12});
  std::memcpy(first[2].data.get(), arguments[2].data.get(), first[2].bytes());
  const auto alone = detail::interpret(*source, first);
  for (std::size_t i = 0; i < one.size(); ++i) expectSameBits(alone[i], four[i].data.get(), "chain 0, result " + std::to_string(i));
}

TEST(Chunks, LeaveSmallLoopsAlone) {
  auto source = parse("func.func @main(%v: tensor<1000xf64>) -> tensor<1000xf64> {\n"
                      "  %e = nh.unary exp %v : tensor<1000xf64> -> tensor<1000xf64>\n  return %e : tensor<1000xf64>\n}\n");
  EXPECT_EQ(detail::executor().compile(source)->dump("llvm").find(runtime::kRunChunks), std::string::npos);
}

TEST(Chunks, AreRunOnceEachByManyCallersAtOnce) {
  std::vector<std::thread> callers;
  std::atomic<int> wrong{0};
  for (int c = 0; c < 4; ++c)
    callers.emplace_back([&] {
      const runtime::DataThreads three(3);
      for (int repeat = 0; repeat < 200; ++repeat) {
        std::array<std::atomic<int>, 37> calls{};
        runtime::runChunks([](void* all, std::int64_t k) { ++(*static_cast<std::array<std::atomic<int>, 37>*>(all))[std::size_t(k)]; },
                           &calls, 37);
        for (auto& n : calls) wrong += n != 1;
      }
    });
  for (auto& t : callers) t.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace nuthatch::test
