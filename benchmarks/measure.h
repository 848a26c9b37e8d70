#pragma once
// Timing and reporting: one JSON object per line and measurement.
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace nuthatch::benchmark {

using Clock = std::chrono::steady_clock;

struct Options {
  std::string folder;             // data/ and reference/ of the models
  std::vector<std::string> models;
  std::vector<std::string> what;  // "gradient", "nuts", "end_to_end", "adaptation", "compile", "first_draw", "diagnostics"
  int repetitions = 5;
  std::string peers_python;       // interpreter for the scripts in peers/; empty: our own measurements alone
  double budget = 25.0;           // seconds that one end-to-end run may take; longer ones are given up
  bool wanted(const std::string& kind) const;
};

struct Measurement {
  std::string name, model, what, unit;
  std::vector<double> values;  // one per repetition
  int threads = 1, chains = 1, lane_width = 1;
  bool checked = false;  // the program's results were compared with the reference
  std::string device = {};  // empty: the processors
};

double seconds_since(Clock::time_point start);
/// Seconds that each of `repetitions` calls took, after one that is not counted.
std::vector<double> time_calls(int repetitions, const std::function<void()>& call);
/// How many calls in one go take 10 ms: `run` is given their number.
std::int64_t enough_calls(const std::function<void(std::int64_t)>& run);
double median(std::vector<double> values);
/// The largest error so far, relative to the larger of the expected number and 1; infinite when one is not a number.
struct WorstError {
  double value = 0;
  void compare(double found, double expected);
};
/// Prints the line.
void report(const Measurement&);
/// The medians reported so far, by name.
const std::map<std::string, double>& reported();

}  // namespace nuthatch::benchmark
