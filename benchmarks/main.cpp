// nh-bench: how long things take. One JSON object per line; medians and minima over repetitions.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "benchmarks/parts.h"

using namespace nuthatch;
using namespace nuthatch::benchmark;

namespace {

std::string default_folder() {
  if (const char* folder = std::getenv("NUTHATCH_BENCH")) return folder;
  return "../shared/bench";
}

/// Both with and without lanes the gradient equals the reference's.
bool check(const Problem& problem, const Options& options) {
  bool good = true;
  for (const int width : {1, 8}) {
    const double error = gradient_error(problem, options.folder, width);
    if (error < 1e-10) continue;
    std::fprintf(stderr, "%s: the gradient in %d lanes is off by %.2g\n", problem.name.c_str(), width, error);
    good = false;
  }
  return good;
}

void measure(const Problem& problem, const Options& options) {
  const bool checked = check(problem, options);
  if (options.wanted("gradient")) {
    measure_gradient(problem, options, checked);
    measure_bound(problem, options);
  }
  if (options.wanted("nuts")) measure_nuts(problem, options, checked);
  if (options.wanted("end_to_end")) measure_end_to_end(problem, options, checked);
  if (options.wanted("adaptation")) measure_adaptation(problem, options, checked);
  if (options.wanted("compile")) measure_compile(problem, options);
  if (options.wanted("first_draw")) measure_first_draw(problem, options);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  options.folder = default_folder();
  std::string first_draw_of;
  CLI::App app("Benchmarks of gradients, samplers and compilation");
  app.add_option("--models", options.models, "which models; default all")->delimiter(',');
  app.add_option("--what", options.what, "gradient, nuts, end_to_end, adaptation, compile, first_draw, diagnostics, compute; default all")->delimiter(',');
  app.add_option("--repetitions", options.repetitions, "repetitions of each measurement")->check(CLI::PositiveNumber);
  app.add_option("--budget", options.budget, "seconds one end-to-end run may take");
  app.add_option("--data", options.folder, "folder with data/ and reference/; default: environment NUTHATCH_BENCH");
  app.add_option("--peers", options.peers_python, "Python interpreter that has NumPyro and nutpie: measures them too");
  app.add_option("--first-draw", first_draw_of, "stop at the first draw of this model (used by first_draw itself)");
  CLI11_PARSE(app, argc, argv);

  int failures = 0;
  const bool about_models = std::any_of(options.what.begin(), options.what.end(), [](const std::string& what) {
    return what != "diagnostics" && what != "compute";
  });
  if (options.models.empty() && (options.what.empty() || about_models)) options.models = problem_names();
  try {
    if (!first_draw_of.empty()) return first_draw(load_problem(first_draw_of, options.folder));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  for (const std::string& name : options.models) {
    try {
      measure(load_problem(name, options.folder), options);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s: %s\n", name.c_str(), error.what());
      ++failures;
    }
  }
  if (options.wanted("diagnostics")) measure_diagnostics(options);
  if (options.wanted("compute")) measure_compute(options);
  if (!options.peers_python.empty()) measure_peers(options);
  return failures > 0 ? 1 : 0;
}
