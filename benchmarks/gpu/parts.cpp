#include "benchmarks/gpu/parts.h"

#include <algorithm>
#include <cmath>

namespace nuthatch::benchmark::gpu {

Measurement measurement(const Options& options, const std::string& name, const std::string& what, const std::string& unit) {
  Measurement m{"gpu/" + name, name.substr(0, name.find('/')), what, unit, {}};
  m.device = nuthatch::name(options.device);
  return m;
}

namespace {
bool every_one_right = true;
}

void publish(const Measurement& m) {
  every_one_right = every_one_right && (m.checked || m.values.empty());
  report(m);
}

bool all_checked() { return every_one_right; }

double error_of(const Tensor& found, const Tensor& expected) {
  const auto a = found.to_vector<double>(), b = expected.to_vector<double>();
  if (a.size() != b.size()) return INFINITY;
  double difference = 0, largest = 1;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::isnan(a[i])) return INFINITY;
    difference = std::max(difference, std::abs(a[i] - b[i]));
    largest = std::max(largest, std::abs(b[i]));
  }
  return difference / largest;
}

}  // namespace nuthatch::benchmark::gpu
