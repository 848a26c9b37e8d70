// nuthatch: looks at saved fits from the command line. Exit code 0: done, and nothing is wrong; 1: something is wrong
// with the sample, or two fits differ; 2: bad arguments or files.
#include <nuthatch/nuthatch.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>

#include "tools/nuthatch/commands.h"

namespace {

using namespace nuthatch;

struct Arguments {
  std::vector<std::string> files, variables;
  std::string output, group, dim;
};

void add_files(CLI::App& command, Arguments& a, int least, int most, const std::string& what) {
  command.add_option("files", a.files, what)->required()->expected(least, most);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Summaries, diagnostics, comparison and conversion of fits saved by Nuthatch, ArviZ, PyMC, NumPyro or nutpie\n"
               "(Zarr version 2 or NetCDF-4)");
  app.require_subcommand(1);
  Arguments a;
  int status = 0;
  auto command = [&](const char* name, const std::string& help, auto&& run) {
    CLI::App* sub = app.add_subcommand(name, help);
    sub->callback([run, &status] { status = run(); });
    return sub;
  };
  const std::string variables = "variables in this order; ~name leaves one out instead";

  SummaryOptions summary;
  auto* sub = command("summary", "table of means, intervals, effective sample sizes and R-hat",
                      [&] { return tool::summary(a.files[0], a.variables, summary); });
  add_files(*sub, a, 1, 1, "a fit");
  sub->add_option("--var", a.variables, variables);
  sub->add_option("--prob", summary.prob, "probability of the intervals")->check(CLI::Range(0.0, 1.0));
  sub->add_option("--kind", summary.kind, "all, stats, diagnostics, all_median, stats_median, diagnostics_median, mc_diagnostics");
  sub->add_option("--interval", summary.ci_kind, "hdi or eti");
  sub->add_option("--layout", summary.layout, "legacy or v1: ArviZ's before and since 1.0");
  sub->add_option("--group", summary.group, "group to summarise; default posterior, else prior");

  sub = command("diagnose", "what is wrong with the sample; exit code 1 if anything is",
                [&] { return tool::diagnose(a.files[0]); });
  add_files(*sub, a, 1, 1, "a fit");

  sub = command("show", "groups, dimensions and variables", [&] { return tool::show(a.files[0]); });
  add_files(*sub, a, 1, 1, "a fit");

  CompareOptions comparison;
  sub = command("compare", "ranks models by their expected log predictive density",
                [&] { return tool::compare(a.files, comparison); });
  add_files(*sub, a, 2, 1000, "fits with the group log_likelihood");
  sub->add_option("--ic", comparison.ic, "loo or waic");
  sub->add_option("--method", comparison.method, "stacking, pseudo-BMA or BB-pseudo-BMA");
  sub->add_option("--layout", comparison.layout, "legacy or v1");

  LooOptions loo;
  sub = command("loo", "leave-one-out cross-validation by Pareto smoothed importance sampling",
                [&] { return tool::loo(a.files[0], loo); });
  add_files(*sub, a, 1, 1, "a fit with the group log_likelihood");
  sub->add_option("--var", loo.var_name, "variable of log_likelihood");
  WaicOptions waic;
  sub = command("waic", "the widely applicable information criterion", [&] { return tool::waic(a.files[0], waic); });
  add_files(*sub, a, 1, 1, "a fit with the group log_likelihood");
  sub->add_option("--var", waic.var_name, "variable of log_likelihood");

  SensitivityOptions sensitivity;
  sub = command("psense", "sensitivity to powers of prior and likelihood", [&] { return tool::psense(a.files[0], sensitivity); });
  add_files(*sub, a, 1, 1, "a fit with the groups log_prior and log_likelihood");
  sub->add_option("--var", sensitivity.var_names, variables);

  sub = command("convert", "writes a fit in the format that the second name ends in: .nc is NetCDF-4, anything else Zarr",
                [&] { return tool::convert(a.files[0], a.files[1]); });
  add_files(*sub, a, 2, 2, "from, to");

  sub = command("extract", "draws as CSV: chain, draw, then one column per number",
                [&] { return tool::extract(a.files[0], a.variables, a.group, a.output); });
  add_files(*sub, a, 1, 1, "a fit");
  sub->add_option("--var", a.variables, variables);
  sub->add_option("--group", a.group, "default posterior");
  sub->add_option("-o,--output", a.output, "default: standard output");

  sub = command("diff", "which groups, variables and values differ; exit code 1 if any do",
                [&] { return tool::diff(a.files[0], a.files[1]); });
  add_files(*sub, a, 2, 2, "two fits");

  sub = command("concatenate", "joins fits of one model", [&] { return tool::concatenate(a.files, a.dim, a.output); });
  add_files(*sub, a, 2, 1000, "fits");
  sub->add_option("--dim", a.dim, "chain or draw")->default_val("chain");
  sub->add_option("-o,--output", a.output, "the new fit")->required();

  bool gpu = false;
  sub = command("devices", "where programs can run; with --gpu exit code 1 where no GPU can be used", [&] { return tool::devices(gpu); });
  sub->add_flag("--gpu", gpu, "a GPU is needed");

  command("version", "", [] {
    print("nuthatch {}\n", NUTHATCH_VERSION);
    return 0;
  });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "nuthatch: %s\n", error.what());
    return 2;
  }
  return status;
}
