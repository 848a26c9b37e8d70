#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "benchmarks/bounds/bounds.h"

namespace nuthatch::benchmark {
namespace {

nlohmann::json read(const std::string& folder, const std::string& name) {
  std::ifstream in(folder + "/data/" + name + ".json");
  if (!in) throw std::runtime_error("cannot read " + folder + "/data/" + name + ".json");
  return nlohmann::json::parse(in);
}

Bound radon(const std::string& folder, bool centred) {
  const auto d = read(folder, "radon");
  bounds::Radon model{centred, d.at("county"), d.at("J"), d.at("x"), d.at("y")};
  for (auto& county : model.county) --county;
  return {model.counties + 4, model};
}

Bound logistic(const std::string& folder) {
  const auto d = read(folder, "logistic");
  const auto rows = d.at("X").get<std::vector<std::vector<double>>>();
  bounds::Logistic model{std::int64_t(rows.size()), std::int64_t(rows[0].size()), {}, d.at("y")};
  for (std::size_t k = 0; k < rows[0].size(); ++k)
    for (const auto& row : rows) model.by_column.push_back(row[k]);
  return {model.columns + 1, model};
}

}  // namespace

Bound load_bound(const std::string& model, const std::string& folder) {
  if (model == "eight_schools_noncentered") {
    const auto d = read(folder, "eight_schools");
    return {10, bounds::EightSchools{d.at("y"), d.at("sigma")}};
  }
  if (model == "radon_centered") return radon(folder, true);
  if (model == "radon_noncentered") return radon(folder, false);
  if (model == "logistic_glm") return logistic(folder);
  if (model == "stoch_vol") {
    bounds::StochasticVolatility m{read(folder, "stoch_vol").at("y")};
    return {std::int64_t(m.y.size()) + 3, m};
  }
  if (model == "gauss_mix3") return {8, bounds::GaussianMixture{read(folder, "gauss_mix3").at("y")}};
  if (model == "hmm_forward") return {12, bounds::HiddenMarkov{read(folder, "hmm").at("y")}};
  if (model == "gp_regr") {
    const auto d = read(folder, "gp_regr");
    return {3, bounds::GaussianProcess{d.at("x"), d.at("y")}};
  }
  return {};
}

}  // namespace nuthatch::benchmark
