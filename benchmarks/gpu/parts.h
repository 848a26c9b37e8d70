#pragma once
// What is measured on a GPU, or on the processors where that is the device.
#include <nuthatch/nuthatch.h>

#include <functional>
#include <string>

#include "benchmarks/measure.h"
#include "benchmarks/models.h"

namespace nuthatch::benchmark::gpu {

struct Options {
  Device device;
  std::function<void()> wait;     // until the device has done everything that it was given
  std::string self;               // the command that starts this program
  int repetitions = 3;
  double budget = 60;             // seconds that one sampling run may take; longer ones are cut off
  bool small = false;             // sizes for a GPU that is simulated
};

/// A line of what this device did.
Measurement measurement(const Options&, const std::string& name, const std::string& what, const std::string& unit);
/// Prints the line.
void publish(const Measurement&);
/// Whether every result so far was right.
bool all_checked();
/// The largest difference, relative to the largest number expected, or to 1; infinite when one is not a number.
double error_of(const Tensor& found, const Tensor& expected);

/// Not centred.
Problem eight_schools_problem();

// ---- samplers: draws and leapfrogs per second, seconds in all, compilation ----
void eight_schools_draws(const Options&);
void stochastic_volatility_draws(const Options&);
void hidden_markov_draws(const Options&);
void logistic_draws(const Options&);
// ---- programs: one call, arguments and results on the device ----
void covertype_gradient(const Options&);
void long_scan(const Options&);
void elementwise_chain(const Options&);
void matrix_products(const Options&);
/// From the start of a process to its first draw, with nothing compiled before and with everything.
void first_draw(const Options&);
/// The process that is started for this.
int stop_at_first_draw(const Options&);

}  // namespace nuthatch::benchmark::gpu
