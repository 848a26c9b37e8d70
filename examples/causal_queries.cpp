// Seeing and doing: E[z | do(x = 2)], E[x | y = 1] and E[y | do(x = 2), z = 0] of a chain x -> y -> z.
#include <cmath>

#include <nuthatch/nuthatch.h>

#include "outcome.h"
using namespace nuthatch;

void world() {
  Tensor x = sample("x", Normal(0.0, 1.0));
  Tensor y = sample("y", Normal(x, 1.0));
  sample("z", Normal(y, 1.0));
}

int main() {
  auto forced = do_(world, {{"x", 2.0}});  // cuts what flows into x
  auto sim = Predictive(forced, {.num_samples = 20000})(Key(0));
  auto seen = MCMC(NUTS(condition(world, {{"y", 1.0}})), {.num_samples = 4000}).run(Key(1));
  auto query = MCMC(NUTS(condition(forced, {{"z", 0.0}})), {.num_samples = 4000}).run(Key(2));
  print("E[z | do(x=2)]      {:.2f}\n", mean(sim["z"]));
  print("E[x | y=1]          {:.2f}\n", mean(seen["x"]));
  print("E[y | do(x=2), z=0] {:.2f}\n", mean(query["y"]));

  example::Outcome outcome;
  outcome.near("E[z | do(x=2)]", mean(sim["z"]).item(), 2.0, 4.5 * std::sqrt(2.0 / 20000));
  outcome.mean("E[x | y=1]", seen.posterior["x"], 0.5);
  outcome.mean("E[y | do(x=2), z=0]", query.posterior["y"], 1.0);
  return outcome.status();
}
