#pragma once
/// The examples state what they should find and check it: main returns outcome.status().
#include <nuthatch/nuthatch.h>

#include <cmath>

namespace example {

class Outcome {
 public:
  /// The mean of draws (chain, draw) against a known value. An honest Monte Carlo error makes |z| > 5.5 a matter of one
  /// in 20 million.
  void mean(const std::string& what, const nuthatch::Tensor& draws, double expected) {
    const double found = nuthatch::mean(draws).item(), error = nuthatch::mcse_mean(draws).item();
    const double z = (found - expected) / error;
    nuthatch::print("{:<34} {:>11.5f}   exact {:>11.5f}   Monte Carlo error {:.5f}   z {:>5.2f}\n", what, found, expected,
                    error, z);
    require(what, std::abs(z) < 5.5);
  }
  /// A number that is known up to a tolerance, such as a parameter that data were made with.
  void near(const std::string& what, double found, double expected, double tolerance) {
    nuthatch::print("{:<34} {:>11.5f}   expected {:.5g} within {:.3g}\n", what, found, expected, tolerance);
    require(what, std::abs(found - expected) <= tolerance);
  }
  void require(const std::string& what, bool holds) {
    if (holds) return;
    nuthatch::print("NOT AS EXPECTED: {}\n", what);
    failed_ = true;
  }
  int status() const { return failed_ ? 1 : 0; }

 private:
  bool failed_ = false;
};

}  // namespace example
