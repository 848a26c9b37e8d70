#include "benchmarks/models.h"

#include <fstream>
#include <nlohmann/json.hpp>

namespace nuthatch::benchmark {
namespace {

using Data = nlohmann::json;

// ---- the models --------------------------------------------------------------------------------------------------

void eight_schools(const Tensor& sigma, const Observed& y) {
  Tensor mu = sample("mu", Normal(0.0, 5.0));
  Tensor tau = sample("tau", HalfCauchy(5.0));
  Plate schools("school", sigma.size());
  Tensor theta = sample("theta", Normal(mu, tau));
  sample("y", Normal(theta, sigma), y);
}

void logistic(const Tensor& X, const Observed& y) {
  Tensor alpha = sample("alpha", Normal(0.0, 5.0));
  Tensor beta = plate("feature", X.size(1), [&] { return sample("beta", Normal(0.0, 2.5)); });
  Plate rows("row", X.size(0));
  sample("y", Bernoulli({.logits = alpha + matmul(X, beta)}), y);
}

void radon(const Tensor& county, int counties, const Tensor& x, const Observed& y) {
  Tensor mu = sample("mu_alpha", Normal(0.0, 10.0)), spread = sample("sigma_alpha", HalfNormal(1.0));
  Tensor alpha = plate("county", counties, [&] { return sample("alpha", Normal(mu, spread)); });
  Tensor beta = sample("beta", Normal(0.0, 10.0));
  Tensor sigma = sample("sigma_y", HalfNormal(1.0));
  Plate houses("house", x.size());
  sample("y", Normal(alpha[county] + beta * x, sigma), y);
}

/// h_1 = mu + sigma e_1 / sqrt(1 - phi^2), h_t = mu + phi (h_{t-1} - mu) + sigma e_t, y_t ~ Normal(0, exp(h_t / 2)).
void stochastic_volatility(const Tensor& like, const Observed& y) {
  Tensor mu = sample("mu", Cauchy(0.0, 10.0));
  Tensor phi = sample("phi", Uniform(-1.0, 1.0));
  Tensor sigma = sample("sigma", HalfCauchy(5.0));
  Tensor e = plate("shock", like.size(), [&] { return sample("h_std", Normal(0.0, 1.0)); });
  Tensor start = sigma * e[0] / sqrt(1.0 - square(phi));
  auto [last, path] = scan(start, e[from(1)], [&](const Tensor& deviation, const Tensor& shock) {
    Tensor next = phi * deviation + sigma * shock;
    return std::pair{next, next};
  });
  Tensor h = mu + concat({start[newaxis], path});
  Plate days("day", like.size());
  sample("y", Normal(0.0, exp(0.5 * h)), y);
}

void gaussian_mixture(const Tensor& like, const Observed& y) {
  Tensor theta = sample("theta", Dirichlet(2.0 * ones(3)));
  Tensor mu = sample("mu", Normal(zeros(3), 5.0).to_event().restricted(constraints::ordered));
  Tensor sigma = sample("sigma", LogNormal(zeros(3), 1.0).to_event());
  Plate points("point", like.size());
  sample("y", MixtureSameFamily(Categorical(theta), Normal(mu, sigma)), y);
}

/// States summed out by the forward recursion, in log space.
void hidden_markov(const Tensor& y) {
  Tensor start = sample("pi0", Dirichlet(2.0 * ones(3)));
  Tensor transition = plate("state", 3, [&] { return sample("theta", Dirichlet(2.0 * ones(3))); });
  Tensor mu = sample("mu", Normal(zeros(3), 5.0).to_event().restricted(constraints::ordered));
  Tensor sigma = sample("sigma", HalfNormal(2.0));
  Tensor emission = Normal(mu, sigma).log_prob(y(all, newaxis));  // [time, state]
  Tensor log_transition = log(transition);
  auto [forward, unused] = scan(log(start) + emission[0], emission[from(1)], [&](const Tensor& before, const Tensor& now) {
    Tensor next = logsumexp(before(all, newaxis) + log_transition, 0) + now;
    return std::pair{next, next[0]};
  });
  factor("y", logsumexp(forward));
}

void gaussian_process(const Tensor& x, const Observed& y) {
  Tensor rho = sample("rho", InverseGamma(5.0, 5.0));
  Tensor alpha = sample("alpha", HalfNormal(1.0));
  Tensor sigma = sample("sigma", HalfNormal(1.0));
  Tensor distance = square(x(all, newaxis) - x);
  Tensor K = square(alpha) * exp(-0.5 * distance / square(rho)) + (square(sigma) + 1e-8) * eye(x.size());
  sample("y", MultivariateNormal({.covariance = K}), y);
}

// ---- model and data --------------------------------------------------------------------------------------------------

Data read(const std::string& folder, const std::string& name) {
  const std::string path = folder + "/data/" + name + ".json";
  std::ifstream in(path);
  if (!in) throw Error("cannot read " + path);
  return Data::parse(in);
}

Tensor numbers(const Data& data, const char* field) { return data.at(field).get<std::vector<double>>(); }

Tensor matrix(const Data& data, const char* field) {
  std::vector<double> all;
  const auto rows = data.at(field).get<std::vector<std::vector<double>>>();
  for (const auto& row : rows) all.insert(all.end(), row.begin(), row.end());
  return reshape(Tensor(all), {std::int64_t(rows.size()), std::int64_t(rows[0].size())});
}

template <class M, class... A>
Problem problem(const M& model, std::vector<std::string> order, const A&... arguments) {
  Model any(model);
  return {"", any(arguments...), any,
          [=](const Kernel& kernel, const MCMCOptions& options, const Key& key) {
            return MCMC(kernel, options).run(key, arguments...);
          },
          std::move(order)};
}

struct Entry {
  std::string name;
  std::function<Problem(const std::string& folder)> load;
};

Problem load_eight_schools(const std::string& folder, bool centred) {
  const Data d = read(folder, "eight_schools");
  Tensor sigma = numbers(d, "sigma"), y = numbers(d, "y");
  if (centred) return problem(eight_schools, {"theta", "mu", "tau"}, sigma, y);
  return problem(reparam(eight_schools, {{"theta", LocScaleReparam(0.0)}}), {"theta_decentered", "mu", "tau"}, sigma, y);
}

Problem load_radon(const std::string& folder, bool centred) {
  const Data d = read(folder, "radon");
  Tensor county = Tensor(d.at("county").get<std::vector<std::int64_t>>()) - 1;
  const int counties = d.at("J");
  Tensor x = numbers(d, "x"), y = numbers(d, "y");
  const std::vector<std::string> rest{"beta", "mu_alpha", "sigma_alpha", "sigma_y"};
  std::vector<std::string> order{centred ? "alpha" : "alpha_decentered"};
  order.insert(order.end(), rest.begin(), rest.end());
  if (centred) return problem(radon, order, county, counties, x, y);
  return problem(reparam(radon, {{"alpha", LocScaleReparam(0.0)}}), order, county, counties, x, y);
}

const std::vector<Entry>& entries() {
  static const std::vector<Entry> all{
      {"eight_schools_noncentered", [](const std::string& f) { return load_eight_schools(f, false); }},
      {"eight_schools_centered", [](const std::string& f) { return load_eight_schools(f, true); }},
      {"radon_centered", [](const std::string& f) { return load_radon(f, true); }},
      {"radon_noncentered", [](const std::string& f) { return load_radon(f, false); }},
      {"stoch_vol",
       [](const std::string& f) {
         Tensor y = numbers(read(f, "stoch_vol"), "y");
         return problem(stochastic_volatility, {"mu", "phi", "sigma", "h_std"}, y, y);
       }},
      {"gauss_mix3",
       [](const std::string& f) {
         Tensor y = numbers(read(f, "gauss_mix3"), "y");
         return problem(gaussian_mixture, {"theta", "mu", "sigma"}, y, y);
       }},
      {"hmm_forward",
       [](const std::string& f) {
         return problem(hidden_markov, {"pi0", "theta", "mu", "sigma"}, numbers(read(f, "hmm"), "y"));
       }},
      {"logistic_glm",
       [](const std::string& f) {
         const Data d = read(f, "logistic");
         return problem(logistic, {"alpha", "beta"}, matrix(d, "X"), numbers(d, "y"));
       }},
      {"gp_regr",
       [](const std::string& f) {
         const Data d = read(f, "gp_regr");
         return problem(gaussian_process, {"rho", "alpha", "sigma"}, numbers(d, "x"), numbers(d, "y"));
       }},
  };
  return all;
}

}  // namespace

const std::vector<std::string>& problem_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const Entry& e : entries()) list.push_back(e.name);
    return list;
  }();
  return names;
}

Problem load_problem(const std::string& name, const std::string& folder) {
  for (const Entry& e : entries()) {
    if (e.name != name) continue;
    Problem result = e.load(folder);
    result.name = name;
    return result;
  }
  throw Error("no benchmark model is called " + name);
}

}  // namespace nuthatch::benchmark
