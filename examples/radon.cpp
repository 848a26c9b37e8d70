// Houses in counties: intercepts that vary by county and are pooled as much as the data ask for. The data are simulated,
// so that what should be found is known; counties have from 1 to 30 houses.
#include <nuthatch/nuthatch.h>

#include "outcome.h"
using namespace nuthatch;

void radon(const Tensor& county, int counties, const Tensor& floor, const Observed& log_radon) {
  Tensor mu = sample("mu_alpha", Normal(0.0, 10.0)), spread = sample("sigma_alpha", HalfNormal(1.0));
  Tensor alpha = plate("county", counties, [&] { return sample("alpha", Normal(mu, spread)); });
  Tensor beta = sample("beta", Normal(0.0, 10.0));
  Tensor sigma = sample("sigma_y", HalfNormal(1.0));
  Plate houses("house", county.size());
  sample("log_radon", Normal(alpha[county] + beta * floor, sigma), log_radon);
}

int main() {
  const int counties = 60;
  std::vector<std::int64_t> of_house;
  for (int c = 0; c < counties; ++c)
    for (int house = 0; house < 1 + (c * c) % 30; ++house) of_house.push_back(c);
  Tensor county(of_house);
  const std::int64_t houses = county.size();

  auto [ka, kf, ke, kfit] = split<4>(Key(1));
  Tensor truth = 1.5 + 0.4 * normal(ka, {counties});
  Tensor floor = bernoulli(kf, 0.2, {houses}).cast(f64);
  Tensor y = truth[county] - 0.7 * floor + 0.75 * normal(ke, {houses});

  auto model = reparam(radon, {{"alpha", LocScaleReparam(0.0)}});
  auto fit = MCMC(NUTS(model)).run(kfit, county, counties, floor, y);
  fit.print_summary({.var_names = {"mu_alpha", "sigma_alpha", "beta", "sigma_y"}});

  // Shrinkage: a county's estimate lies between its own mean and that of all counties, closer to the latter the fewer
  // houses it has.
  Tensor residual = y - mean(fit["beta"]) * floor, count = bincount(county, counties);
  Tensor own = segment_sum(residual, county, counties) / count, pooled = mean(fit["alpha"], 0);
  for (int c : {0, 1, 2, 3, 5})
    print("county {} with {:>2.0f} houses: own mean {:.2f}, estimate {:.2f}, truth {:.2f}\n", c, count[c], own[c],
          pooled[c], truth[c]);

  example::Outcome outcome;
  auto root_mean_square = [](const Tensor& x) { return sqrt(mean(square(x))).item(); };
  outcome.near("beta", mean(fit["beta"]).item(), -0.7, 0.35);
  outcome.near("sigma_alpha", mean(fit["sigma_alpha"]).item(), 0.4, 0.25);
  outcome.near("sigma_y", mean(fit["sigma_y"]).item(), 0.75, 0.15);
  outcome.require("pooled estimates beat the counties' own means",
                  root_mean_square(pooled - truth) < root_mean_square(own - truth));
  outcome.require("R-hat below 1.02", fit.diagnose().max_r_hat < 1.02);
  return outcome.status();
}
