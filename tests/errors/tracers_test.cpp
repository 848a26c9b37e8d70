// Traced values where they have no meaning, and exceptions of the user's code on their way through every transformation.
#include <stdexcept>
#include <thread>

#include "nuthatch/array.h"
#include "nuthatch/control.h"
#include "nuthatch/distributions/half_normal.h"
#include "nuthatch/distributions/normal.h"
#include "nuthatch/handlers.h"
#include "nuthatch/index.h"
#include "nuthatch/log_density.h"
#include "nuthatch/math.h"
#include "nuthatch/mcmc.h"
#include "nuthatch/transform.h"
#include "tests/errors/messages.h"

using namespace nuthatch;

namespace {

Tensor escaped() {
  Tensor kept;
  grad([&](Tensor x) { return kept = x * 2.0; })(1.0);
  return kept;
}

class Mine : public std::runtime_error {
 public:
  Mine() : std::runtime_error("mine") {}
};
[[noreturn]] Tensor fail() { throw Mine(); }

/// The thread traces, differentiates and compiles as before, and no handler is left behind.
void expect_usable() {
  EXPECT_FALSE(detail::tracing_now());
  EXPECT_TRUE(detail::handler_stack().empty());
  EXPECT_EQ((Tensor(1.0) + 2.0).item(), 3);
  EXPECT_EQ(grad([](Tensor x) { return fori_loop(0, 3, x, [](Tensor, Tensor y) { return y * 2.0; }); })(1.0).item(), 8);
  EXPECT_EQ(jit([](Tensor x) { return x * 3.0; })(2.0).item(), 6);
  EXPECT_ERROR("scale must be positive", Normal(0.0, -1.0).log_prob(0.0));  // tests of arguments are on
}

}  // namespace

TEST(EscapedTracers, AfterTheTrace) {
  const Tensor kept = escaped();
  EXPECT_ERROR_HERE("is used after its trace ended", jit([&](Tensor x) { return x + kept; })(1.0));
  EXPECT_ERROR_HERE("is used after its trace ended", jit([&](Tensor) { return kept; })(1.0));
  EXPECT_ERROR_HERE("is used after its trace ended", grad([](Tensor x) { return x; })(kept));
  EXPECT_ERROR_HERE("is used after its trace ended", cond(kept > 0.0, [] { return 1.0; }, [] { return 2.0; }));
  EXPECT_ERROR_HERE("is used after its trace ended", bool(kept > 0.0));
  EXPECT_ERROR_HERE("has no elements yet", kept.item());
  EXPECT_ERROR("traced value", jit([](Tensor x) { return x; })(kept));
  EXPECT_ERROR("after its trace ended", Normal(kept, 1.0).log_prob(0.0));
  expect_usable();
}

TEST(EscapedTracers, InASiblingTrace) {
  grad([&](Tensor x) {
    EXPECT_ERROR_HERE("is used inside another program", compile([&](Tensor z) { return z + x; }, 1.0));
    return x;
  })(1.0);
  expect_usable();
}

TEST(EscapedTracers, InAnotherThread) {
  const Tensor kept = escaped();
  std::thread([&] { EXPECT_ERROR_HERE("is used after its trace ended", kept + 1.0); }).join();
  grad([&](Tensor x) {
    std::thread([&] {
      EXPECT_ERROR_HERE("is used in another thread than its trace", x + 1.0);
      EXPECT_ERROR_HERE("is used in another thread than its trace",
                        fori_loop(0, 2, x, [](Tensor, Tensor y) { return y; }));
      EXPECT_ERROR_HERE("is used inside another program", jit([&](Tensor z) { return z + x; })(1.0));
      expect_usable();
    }).join();
    return x;
  })(1.0);
}

TEST(EscapedTracers, AsDataOfInference) {
  const auto model = [](const Tensor& scale) { sample("m", Normal(0.0, scale)); };
  const Tensor kept = escaped();
  EXPECT_ERROR_HERE("NUTS: an argument of the model is a traced value", MCMC(NUTS(model)).run(Key(0), kept));
  jit([&](Tensor scale) {
    EXPECT_ERROR_HERE("NUTS: an argument of the model is a traced value", MCMC(NUTS(model)).run(Key(0), scale));
    return scale;
  })(1.0);
}

TEST(TracedConditions, InLoopsAndModels) {
  EXPECT_ERROR("use select(p, a, b) elementwise",
               fori_loop(0, 2, 1.0, [](Tensor, Tensor x) { return x > 0.0 ? x : -x; }));
  EXPECT_ERROR("use select(p, a, b) elementwise", vmap([](Tensor x) { return x > 0.0 ? x : -x; })(ones(3)));
  const int line = __LINE__ + 3;
  const auto model = [] {
    Tensor a = sample("a", Normal(0.0, 1.0));
    if (a > 0.0) sample("b", Normal(a, 1.0));
  };
  EXPECT_ERROR("tracers_test.cpp:" + std::to_string(line) + ": if (x): the condition depends on a traced value",
               MCMC(NUTS(model)).run(Key(0)));
  expect_usable();
}

TEST(UserExceptions, LeaveTheThreadUsable) {
  const Tensor x = 1.0;
  const auto fails = [&](auto f) {
    EXPECT_THROW(f(), Mine);
    expect_usable();
  };
  fails([&] { grad([](Tensor) { return fail(); })(x); });
  fails([&] { jit([](Tensor) { return fail(); })(x); });
  fails([&] { vmap([](Tensor) { return fail(); })(ones(3)); });
  fails([&] { vjp([](Tensor) { return fail(); }, x); });
  fails([&] { jvp([](Tensor) { return fail(); }, x, x); });
  fails([&] { hessian([](Tensor y) { return y * fail(); })(x); });
  fails([&] { jit(vmap(grad([](Tensor y) { return y * fail(); })))(ones(3)); });
  fails([&] { fori_loop(0, 3, x, [](Tensor, Tensor) { return fail(); }); });
  fails([&] { fori_loop(0, 3, x, [](Tensor, Tensor y) { return fori_loop(0, 2, y, [](Tensor, Tensor) { return fail(); }); }); });
  fails([&] { scan(x, ones(3), [](Tensor c, Tensor) { return std::pair{c, fail()}; }); });
  fails([&] { while_loop(x, [](Tensor) { return fail(); }, [](Tensor y) { return y; }); });
  fails([&] { while_loop(x, [](Tensor y) { return y < 2.0; }, [](Tensor) { return fail(); }); });
  fails([&] { cond(x > 0.0, [] { return fail(); }, [&] { return x; }); });
  fails([&] { cond(x > 0.0, [&] { return x; }, [] { return fail(); }); });
  // After operations of the body were recorded already, with values of the outer trace captured.
  fails([&] {
    grad([](Tensor y) {
      Tensor outer = exp(y);
      return fori_loop(0, 3, y, [&](Tensor i, Tensor z) {
        Tensor sum = z * outer + i;
        return cond(sum > 0.0, [&] { return sum * outer; }, [&] { return fail(); });
      });
    })(x);
  });
}

TEST(UserExceptions, OfAModel) {
  const auto fails = [](auto model) {
    EXPECT_THROW(log_density(model), Mine);
    expect_usable();
    EXPECT_THROW(trace(seed(condition(model, {{"a", 1.0}}), Key(0)))(), Mine);
    expect_usable();
    EXPECT_THROW(MCMC(NUTS(model)).run(Key(0)), Mine);
    expect_usable();
  };
  fails([] { fail(); });
  fails([] {
    Tensor a = sample("a", Normal(0.0, 1.0));
    Plate rows("rows", 3);
    Scope inner("inner");
    Mask some(Tensor{true, false, true});
    Scale half(0.5);
    sample("b", Normal(a, 1.0));
    fail();
  });
  // Only once the sampler is traced.
  int runs = 0;
  EXPECT_THROW(MCMC(NUTS([&] {
                 sample("a", Normal(0.0, 1.0));
                 if (++runs > 1) fail();
               })).run(Key(0)),
               Mine);
  expect_usable();
}

TEST(UserExceptions, OfCallbacks) {
  MCMCOptions options{.num_warmup = 50, .num_samples = 50, .num_chains = 2, .progress = false};
  options.on_progress = [](const Progress&) -> bool { throw Mine(); };
  EXPECT_THROW(MCMC(NUTS([] { sample("a", Normal(0.0, 1.0)); }), options).run(Key(0)), Mine);
  expect_usable();
}
