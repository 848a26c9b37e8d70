#include "benchmarks/models.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "benchmarks/model_functions.h"

namespace nuthatch::benchmark {
namespace {

using Data = nlohmann::json;

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

struct Entry {
  std::string name;
  std::function<Problem(const std::string& folder)> load;
};

Problem load_eight_schools(const std::string& folder, bool centred) {
  const Data d = read(folder, "eight_schools");
  Tensor sigma = numbers(d, "sigma"), y = numbers(d, "y");
  if (centred) return make_problem(eight_schools, {"theta", "mu", "tau"}, sigma, y);
  return make_problem(reparam(eight_schools, {{"theta", LocScaleReparam(0.0)}}), {"theta_decentered", "mu", "tau"}, sigma, y);
}

Problem load_radon(const std::string& folder, bool centred) {
  const Data d = read(folder, "radon");
  Tensor county = Tensor(d.at("county").get<std::vector<std::int64_t>>()) - 1;
  const int counties = d.at("J");
  Tensor x = numbers(d, "x"), y = numbers(d, "y");
  const std::vector<std::string> rest{"beta", "mu_alpha", "sigma_alpha", "sigma_y"};
  std::vector<std::string> order{centred ? "alpha" : "alpha_decentered"};
  order.insert(order.end(), rest.begin(), rest.end());
  if (centred) return make_problem(radon, order, county, counties, x, y);
  return make_problem(reparam(radon, {{"alpha", LocScaleReparam(0.0)}}), order, county, counties, x, y);
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
         return make_problem(stochastic_volatility, {"mu", "phi", "sigma", "h_std"}, y, y);
       }},
      {"gauss_mix3",
       [](const std::string& f) {
         Tensor y = numbers(read(f, "gauss_mix3"), "y");
         return make_problem(gaussian_mixture, {"theta", "mu", "sigma"}, y, y);
       }},
      {"hmm_forward",
       [](const std::string& f) {
         return make_problem(hidden_markov, {"pi0", "theta", "mu", "sigma"}, numbers(read(f, "hmm"), "y"));
       }},
      {"logistic_glm",
       [](const std::string& f) {
         const Data d = read(f, "logistic");
         return make_problem(logistic, {"alpha", "beta"}, matrix(d, "X"), numbers(d, "y"));
       }},
      {"gp_regr",
       [](const std::string& f) {
         const Data d = read(f, "gp_regr");
         return make_problem(gaussian_process, {"rho", "alpha", "sigma"}, numbers(d, "x"), numbers(d, "y"));
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
