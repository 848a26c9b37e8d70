#pragma once
// Log densities and gradients at five points against 40-digit values (tools/densities.py).
#include <fstream>

#include "tests/posteriordb/reference.h"

namespace nuthatch::posteriordb {

inline const nlohmann::json& densities() {
  static const nlohmann::json all = [] {
    std::ifstream in(std::string(NUTHATCH_SOURCE_DIR) + "/tests/posteriordb/densities.json");
    return nlohmann::json::parse(in);
  }();
  return all;
}

inline Tensor tensor_of(const nlohmann::json& x) {
  return x.is_array() ? Tensor(x.get<std::vector<double>>()) : full(Shape{}, Tensor(x.get<double>()));
}

/// The log density, up to a constant, and its gradient in the values of the sites, to 1e-9.
inline void expect_density(const std::string& posterior, const BoundModel& model) {
  ASSERT_TRUE(densities().contains(posterior)) << posterior;
  auto log_density = [&](const Values& values) { return trace(substitute(model, values)).log_density(); };
  auto near = [](double x, double exact) { return std::abs(x - exact) <= 1e-9 * std::max(1.0, std::abs(exact)); };
  double first = NAN;
  for (const auto& row : densities().at(posterior)) {
    Values values;
    for (const auto& [name, value] : row.at("point").items()) values[name] = tensor_of(value);
    auto [value, gradient] = value_and_grad(log_density)(values);
    if (std::isnan(first)) first = value.item();
    const double exact = row.at("log_density");
    EXPECT_TRUE(near(value.item() - first, exact)) << posterior << ": " << value.item() - first << " is not " << exact;
    for (const auto& [name, derivative] : row.at("gradient").items()) {
      const auto ours = flatten(gradient.at(name)).to_vector(), theirs = flatten(tensor_of(derivative)).to_vector();
      ASSERT_EQ(ours.size(), theirs.size()) << posterior << ", " << name;
      for (std::size_t i = 0; i < ours.size(); ++i)
        EXPECT_TRUE(near(ours[i], theirs[i])) << posterior << ", d/d " << name << "[" << i + 1 << "]: " << ours[i]
                                              << " is not " << theirs[i];
    }
  }
}

/// The density, and the posterior with default settings.
template <class M, class... A>
void expect_agreement(const std::string& posterior, const M& model, const A&... arguments) {
  expect_density(posterior, Model(model)(arguments...));
  expect_agreement(posterior, Sample([=](const Settings& with, const Key& key) {
                     return MCMC(NUTS(model, with.nuts), with.mcmc).run(key, arguments...);
                   }));
}

}  // namespace nuthatch::posteriordb
