// Checks and prints in models that are sampled: a failed check is an Error of the run, whatever the schedule.
#include <nuthatch/distributions.h>
#include <nuthatch/mcmc.h>
#include <nuthatch/report.h>

#include "tests/api/helpers.h"

using namespace nuthatch;

namespace {
auto model(double limit, bool print) {
  return [=] {
    Tensor x = sample("x", Normal(0.0, 1.0));
    check(abs(x) < limit, "x = {} is beyond {}", x, limit);
    if (print) debug_print("x = {:.3f}", x);
    sample("y", Normal(x, 1.0), Tensor(0.5));
  };
}
}  // namespace

TEST(SamplerReports, AFailedCheckIsAnError) {
  const MCMCOptions options{.num_warmup = 50, .num_samples = 50, .num_chains = 6, .progress = false};
  const auto fit = MCMC(NUTS(model(1e100, false)), options).run(Key(1));
  EXPECT_EQ(fit["x"].shape(), (Shape{300}));
  const std::string failed = message([&] { MCMC(NUTS(model(1.0, false)), options).run(Key(1)); });
  EXPECT_NE(failed.find("sampler_report_test.cpp:14: check: x = "), std::string::npos) << failed;
  EXPECT_NE(failed.find(" is beyond 1, in chain "), std::string::npos) << failed;
  EXPECT_EQ(failed, message([&] { MCMC(NUTS(model(1.0, false)), options).run(Key(1)); }));
}

TEST(SamplerReports, PrintsNameTheChain) {
  testing::internal::CaptureStdout();
  MCMC(NUTS(model(1e100, true)), {.num_warmup = 5, .num_samples = 5, .num_chains = 2, .progress = false}).run(Key(1));
  std::fflush(stdout);
  const std::string lines = testing::internal::GetCapturedStdout();
  EXPECT_NE(lines.find("chain 0: x = "), std::string::npos);
  EXPECT_NE(lines.find("chain 1: x = "), std::string::npos);
}
