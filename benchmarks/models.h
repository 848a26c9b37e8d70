#pragma once
// The models that are measured, each with its data and the order in which the reference gradients list its unknowns.
#include <nuthatch/nuthatch.h>

#include <functional>
#include <string>
#include <vector>

namespace nuthatch::benchmark {

struct Problem {
  std::string name;
  BoundModel bound;
  Model model;
  std::function<Fit(const Kernel&, const MCMCOptions&, const Key&)> run;
  /// Sites in the order of the reference's unconstrained vector.
  std::vector<std::string> reference_order;
};

template <class M, class... A>
Problem make_problem(const M& model, std::vector<std::string> order, const A&... arguments) {
  Model any(model);
  return {"", any(arguments...), any,
          [=](const Kernel& kernel, const MCMCOptions& options, const Key& key) {
            return MCMC(kernel, options).run(key, arguments...);
          },
          std::move(order)};
}

/// Names of all problems.
const std::vector<std::string>& problem_names();
/// Reads the data of a problem from `folder`/data.
Problem load_problem(const std::string& name, const std::string& folder);

}  // namespace nuthatch::benchmark
