// Looking at models: the first number that is not finite, shapes, graphs, priors with given probabilities.
#include <cmath>
#include <cstdio>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "nuthatch/array.h"
#include "nuthatch/debug.h"
#include "nuthatch/distributions.h"
#include "nuthatch/find_constrained_prior.h"
#include "nuthatch/math.h"
#include "tests/errors/messages.h"

using namespace nuthatch;

namespace {

#define EXPECT_CONTAINS(text, part) EXPECT_NE(std::string(text).find(part), std::string::npos) << text

TEST(Debug, NamesSiteOperationAndLine) {
  int line = 0;
  auto model = [&](const Observed& y) {
    Tensor a = sample("a", Normal(0.0, 1.0));
    line = __LINE__ + 1;
    Tensor rate = deterministic("rate", log(a));
    sample("y", Normal(rate, 1.0), y);
  };
  LogDensity d = log_density(model, 0.5);
  DensityReport good = debug(d, Tensor{2.0});
  EXPECT_TRUE(good.ok);
  ASSERT_EQ(good.terms.size(), 2u);
  EXPECT_NEAR(good.terms[0].log_density, -2.0 - 0.5 * std::log(2 * M_PI), 1e-14);
  DensityReport bad = debug(d, Tensor{-1.0});
  EXPECT_FALSE(bad.ok);
  EXPECT_EQ(bad.site, "rate");
  EXPECT_EQ(bad.op, "log");
  EXPECT_EQ(bad.op_where.line(), unsigned(line));
  EXPECT_EQ(bad.where.line(), unsigned(line));
  EXPECT_CONTAINS(to_string(bad), "debug_test.cpp:" + std::to_string(line));
  auto wrong = [](const Observed& y) {
    Tensor s = sample("s", Normal(0.0, 1.0));
    sample("y", Normal(0.0, s), y);
  };
  DensityReport parameter = debug(log_density(wrong, 0.5), Tensor{-3.0});
  EXPECT_EQ(parameter.site, "y");
  EXPECT_CONTAINS(parameter.distribution, "scale = -3");
  EXPECT_CONTAINS(text_of_error([&] { debug(d, zeros(3)); }), "a concrete vector of length 1, but it has shape [3]");
  EXPECT_EQ(potential_energy(d, Tensor{2.0}).item(), -d(Tensor{2.0}).item());
}

void schools(const Tensor& sigma, const Observed& y) {
  Tensor mu = sample("mu", Normal(0.0, 5.0)), tau = sample("tau", HalfCauchy(5.0));
  deterministic("double", 2.0 * mu);
  Plate p("school", 3);
  Tensor theta = sample("theta", Normal(mu, tau));
  sample("y", Normal(theta, sigma), y);
}

TEST(Shapes, Table) {
  const std::string text = model_table(Model(schools)(ones(3), zeros(3)));
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line.substr(0, 4), "Site");
  bool theta = false, y = false;
  while (std::getline(lines, line)) {
    if (line.rfind("theta", 0) == 0) theta = line.find("latent") != std::string::npos && line.find("Normal") != std::string::npos && line.find("school=3") != std::string::npos;
    if (line.rfind("y ", 0) == 0) y = line.find("observed") != std::string::npos;
  }
  EXPECT_TRUE(theta) << text;
  EXPECT_TRUE(y) << text;
}

TEST(Graph, DirectDependences) {
  const std::string g = model_graph(Model(schools)(ones(3), zeros(3)));
  for (const char* edge : {"\"mu\" -> \"theta\"", "\"tau\" -> \"theta\"", "\"theta\" -> \"y\"", "\"mu\" -> \"double\""})
    EXPECT_CONTAINS(g, edge);
  for (const char* edge : {"\"mu\" -> \"y\"", "\"tau\" -> \"y\"", "\"mu\" -> \"tau\"", "\"double\" ->"})
    EXPECT_EQ(g.find(edge), std::string::npos) << g;
  EXPECT_CONTAINS(g, "subgraph \"cluster_school\"");
  auto mixture = [](const Observed& y) {
    Tensor c = sample("c", Categorical(Tensor{0.5, 0.5}));
    sample("y", Normal(Tensor{-1.0, 1.0}[c], 1.0), y);
  };
  EXPECT_CONTAINS(model_graph(Model(mixture)(0.3)), "\"c\" -> \"y\"");
  render_model(Model(schools)(ones(3), zeros(3)), "model_graph_test.dot");
  std::stringstream file;
  file << std::ifstream("model_graph_test.dot").rdbuf();
  EXPECT_EQ(file.str(), g);
  std::remove("model_graph_test.dot");
  EXPECT_CONTAINS(text_of_error([] { render_model(Model(schools)(ones(3)), "x.bmp"); }), "must end with .dot, .gv or .txt");
}

TEST(ConstrainedPrior, OneAndTwoParameters) {
  const double half = std::log(5.0);
  Distribution normal = find_constrained_prior([](Tensor sd) { return Normal(0.0, sd); }, 1.0, -half, half, 0.95);
  EXPECT_NEAR(normal.stddev().item(), half / 1.9599639845400545, 1e-7);  // the 97.5 % quantile of the standard normal
  // Two parameters: 5 % on either side.
  Distribution both = find_constrained_prior([](Tensor p) { return Normal(p[0], p[1]); }, Tensor{0.0, 1.0}, 0.1, 3.0, 0.9);
  EXPECT_NEAR(both.mean().item(), 1.55, 1e-7);
  EXPECT_NEAR(both.stddev().item(), 1.45 / 1.6448536269514722, 1e-7);
  Distribution cauchy = find_constrained_prior([](Tensor p) { return Cauchy(p[0], p[1]); }, Tensor{0.0, 1.0}, -1.0, 4.0, 0.5);
  EXPECT_NEAR(cauchy.parameters()[0].value.item(), 1.5, 1e-7);  // the quartiles are loc -+ scale
  EXPECT_NEAR(cauchy.parameters()[1].value.item(), 2.5, 1e-7);
  EXPECT_CONTAINS(text_of_error([] { find_constrained_prior([](Tensor s) { return Normal(0.0, s); }, 1.0, 1.0, -1.0, 0.9); }),
                  "lower 1 is not below upper -1");
  EXPECT_CONTAINS(text_of_error([] { find_constrained_prior([](Tensor s) { return Uniform(0.0, 1.0 + 0.0 * s); }, 1.0, 0.1, 0.2, 0.9); }),
                  "found; the closest miss it by");
}

}  // namespace
