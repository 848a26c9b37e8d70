// Programs with foreign code in the cache on disk: another process with another function under the name runs that one, and
// one without the name is told so.
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "nuthatch/error.h"
#include "nuthatch/foreign.h"
#include "tests/cpu/support.h"

namespace nuthatch::test {
namespace {

const char* kProgram = R"(func.func @main(%x: tensor<3xf64>) -> tensor<3xf64> {
  %e = nh.unary exp %x : tensor<3xf64> -> tensor<3xf64>
  %r = nh.custom_call %e {function = "foreign_cache_test", batch = 0 : i64, types = [tensor<3xf64>]} : (tensor<3xf64>) -> tensor<3xf64>
  return %r : tensor<3xf64>
})";

template <int factor> void times(const ForeignCall* c) {
  for (std::int64_t i = 0; i < c->result_sizes[0]; ++i)
    static_cast<double*>(c->results[0])[i] = factor * static_cast<const double*>(c->inputs[0])[i];
}

struct Outcome {
  bool from_cache;
  double first;
};
Outcome run() {
  auto program = parse(kProgram);
  Array x(Dtype::f64, {3});
  std::fill_n(x.as<double>(), 3, 0.0);
  auto compiled = detail::executor().compile(program);
  return {compiled->stats().from_cache, compiled->run({x})[0].as<double>()[0]};
}

/// f's result in a process of its own, which has registered nothing.
template <class F> int elsewhere(F f) {
  const pid_t child = ::fork();
  if (child == 0) {
    int code = 100;
    try {
      code = f();
    } catch (...) {
    }
    ::_exit(code);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(ForeignCache, ObjectsFindTheFunctionByName) {
  if (std::getenv("NUTHATCH_CHECK") && std::string(std::getenv("NUTHATCH_CHECK")).find("memory") != std::string::npos)
    return;  // programs with memory checks are not cached
  const auto folder = std::filesystem::path(testing::TempDir()) / "nuthatch_foreign_cache";
  std::filesystem::remove_all(folder);
  const char* before = std::getenv("NUTHATCH_CACHE");
  const std::string restore = before ? before : "";
  ::setenv("NUTHATCH_CACHE", folder.c_str(), 1);
  EXPECT_EQ(elsewhere([] {
              register_kernel("foreign_cache_test", times<2>);
              const Outcome o = run();
              return o.from_cache ? 101 : int(o.first);
            }), 2);
  EXPECT_EQ(elsewhere([] {
              register_kernel("foreign_cache_test", times<3>);
              const Outcome o = run();
              return o.from_cache ? int(o.first) : 102;
            }), 3);
  EXPECT_EQ(elsewhere([] {
              try {
                run();
              } catch (const Error& e) {
                return std::string(e.what()).find("no function is registered under the name 'foreign_cache_test'") == std::string::npos ? 103 : 7;
              }
              return 104;
            }), 7);
  std::filesystem::remove_all(folder);
  before ? ::setenv("NUTHATCH_CACHE", restore.c_str(), 1) : ::unsetenv("NUTHATCH_CACHE");
}

}  // namespace
}  // namespace nuthatch::test
