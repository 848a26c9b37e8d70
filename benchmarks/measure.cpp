#include "benchmarks/measure.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace nuthatch::benchmark {

bool Options::wanted(const std::string& kind) const {
  return what.empty() || std::find(what.begin(), what.end(), kind) != what.end();
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::vector<double> time_calls(int repetitions, const std::function<void()>& call) {
  call();
  std::vector<double> values;
  for (int i = 0; i < repetitions; ++i) {
    const auto start = Clock::now();
    call();
    values.push_back(seconds_since(start));
  }
  return values;
}

std::int64_t enough_calls(const std::function<void(std::int64_t)>& run) {
  for (std::int64_t count = 1; count < (1 << 30); count *= 4) {
    const auto start = Clock::now();
    run(count);
    if (seconds_since(start) >= 0.01) return count;
  }
  return 1 << 30;
}

void WorstError::compare(double found, double expected) {
  const double error = std::abs(found - expected) / std::max(1.0, std::abs(expected));
  value = std::isnan(error) ? INFINITY : std::max(value, error);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  return n % 2 ? values[n / 2] : 0.5 * (values[n / 2 - 1] + values[n / 2]);
}

namespace {
std::map<std::string, double>& medians() {
  static std::map<std::string, double> all;
  return all;
}
}  // namespace

const std::map<std::string, double>& reported() { return medians(); }

void report(const Measurement& m) {
  if (m.values.empty()) return;
  medians()[m.name] = median(m.values);
  auto rounded = [](double x) {  // four digits are more than a timing is good for
    char text[32];
    std::snprintf(text, sizeof text, "%.4g", x);
    return std::atof(text);
  };
  nlohmann::ordered_json line{{"name", m.name},
                              {"model", m.model},
                              {"what", m.what},
                              {"unit", m.unit},
                              {"median", rounded(median(m.values))},
                              {"min", rounded(*std::min_element(m.values.begin(), m.values.end()))},
                              {"repetitions", m.values.size()},
                              {"threads", m.threads},
                              {"chains", m.chains},
                              {"lane_width", m.lane_width},
                              {"checked", m.checked}};
  if (!m.device.empty()) line["device"] = m.device;
  std::printf("%s\n", line.dump().c_str());
  std::fflush(stdout);
}

}  // namespace nuthatch::benchmark
