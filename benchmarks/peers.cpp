// Other systems on the same models, machine and run: the scripts in peers/, and how we compare.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "benchmarks/parts.h"

namespace nuthatch::benchmark {
namespace {

std::string quoted(const std::string& word) {
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

/// Runs one script, passes its lines on, and returns the median of each line that it reports, by name.
std::map<std::string, double> run_script(const std::string& python, const std::string& script, const Options& options) {
  std::string command = quoted(python) + " " + quoted(std::string(NUTHATCH_PEERS) + "/" + script) + " " + quoted(options.folder);
  for (const std::string& model : options.models) command += " " + quoted(model);
  command += " --repetitions " + std::to_string(options.repetitions) + " --budget " + std::to_string(options.budget);
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  if (!pipe) throw Error("cannot run " + command);
  std::map<std::string, double> medians;
  std::string line;
  for (int c = std::getc(pipe.get()); c != EOF; c = std::getc(pipe.get())) {
    if (c != '\n') {
      line += char(c);
      continue;
    }
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
    const auto parsed = nlohmann::json::parse(line, nullptr, false);
    if (parsed.is_object() && parsed.contains("median")) medians[parsed.value("name", "")] = parsed.at("median");
    line.clear();
  }
  return medians;
}

}  // namespace

void measure_peers(const Options& options) {
  const std::map<std::string, double>& ours = reported();
  const std::string& python = options.peers_python;
  for (const auto& [peer, script] : std::array<std::pair<const char*, const char*>, 2>{
           {{"numpyro", "numpyro_bench.py"}, {"nutpie", "nutpie_bench.py"}}}) {
    if (std::system((quoted(python) + " -c 'import " + peer + "' 2>/dev/null").c_str()) != 0) {
      std::fprintf(stderr, "%s: not installed for %s; see benchmarks/peers/README.md\n", peer, python.c_str());
      continue;
    }
    for (const auto& [name, theirs] : run_script(python, script, options)) {
      const auto found = ours.find(name);
      if (found == ours.end()) continue;
      // Effective draws per second: more is better; of times, less is.
      const bool rate = name.ends_with("/ess");
      const double ratio = rate ? found->second / theirs : theirs / found->second;
      std::printf("%s\n", nlohmann::json{{"name", "ratio/" + std::string(peer) + "/" + name}, {"unit", "times better"},
                                         {"ours", found->second}, {"theirs", theirs}, {"median", ratio}}
                              .dump()
                              .c_str());
    }
  }
}

}  // namespace nuthatch::benchmark
