#pragma once
/// A small fit whose numbers follow from formulas.
#include <cmath>

#include "nuthatch/fit.h"

namespace nuthatch::testing {

template <class F> detail::Array filled(Dtype dtype, Shape shape, F value) {
  detail::Array out(dtype, std::move(shape));
  for (std::int64_t i = 0; i < out.num_elements(); ++i) {
    switch (dtype) {
    case Dtype::bool_: out.as<std::uint8_t>()[i] = value(i) != 0; break;
    case Dtype::i32: out.as<std::int32_t>()[i] = static_cast<std::int32_t>(value(i)); break;
    case Dtype::i64: out.as<std::int64_t>()[i] = static_cast<std::int64_t>(value(i)); break;
    case Dtype::ui32: out.as<std::uint32_t>()[i] = static_cast<std::uint32_t>(value(i)); break;
    case Dtype::ui64: out.as<std::uint64_t>()[i] = static_cast<std::uint64_t>(value(i)); break;
    case Dtype::f32: out.as<float>()[i] = static_cast<float>(value(i)); break;
    case Dtype::f64: out.as<double>()[i] = static_cast<double>(value(i)); break;
    }
  }
  return out;
}

/// 2 chains of 5 draws: mu, tau, theta over three schools, b without names of dimensions.
inline Fit example_fit() {
  const auto wave = [](std::int64_t i) { return std::sin(static_cast<double>(i)); };
  Fit fit;
  fit.posterior.set("tau", DataArray({"chain", "draw"}, filled(f64, {2, 5}, wave)));
  fit.posterior.set("mu", DataArray({"chain", "draw"}, filled(f64, {2, 5}, [](auto i) { return i; })));
  fit.posterior.set("theta", DataArray({"chain", "draw", "school"}, filled(f64, {2, 5, 3}, wave)));
  fit.posterior.set("b", DataArray({"chain", "draw", "b_dim_0", "b_dim_1"}, filled(f32, {2, 5, 1, 2}, wave)));
  fit.posterior.set_coord("school", std::vector<std::string>{"Choate", "Zürich", "Ōsaka 𝛉"});
  fit.posterior.attrs["sampling_time"] = 0.25;
  fit.sample_stats.set("diverging",
                       DataArray({"chain", "draw"}, filled(bool_, {2, 5}, [](auto i) { return i % 3 == 0; })));
  fit.sample_stats.set("tree_depth", DataArray({"chain", "draw"}, filled(i64, {2, 5}, [](auto i) { return i - 4; })));
  fit.observed_data.set("y", DataArray({"year"}, filled(i32, {2}, [](auto i) { return -i; })));
  fit.observed_data.set_coord("year", std::vector<double>{1999.5, 2000.25});
  fit.constant_data.set("n", DataArray(std::vector<std::string>{}, filled(ui64, {}, [](auto) { return 7; })));
  fit.constant_data.set("none", DataArray({"empty"}, filled(f64, {0}, wave)));
  fit.attrs["key"] = std::int64_t{42};
  fit.attrs["model_hash"] = std::string("00ff");
  fit.attrs["options"] = Json{R"({"num_chains":2})"};
  fit.attrs["interrupted"] = false;
  fit.warnings = {"3 of 10 draws diverged"};
  fit.set_timing({.trace = Seconds(0.25), .compile = Seconds(0.5), .warmup = Seconds(1), .sampling = Seconds(2)});
  SamplerState state;
  for (int i = 0; i < 300; ++i) state.bytes.push_back(static_cast<std::byte>(i));
  state.attrs["kernel"] = std::string("NUTS");
  fit.set_state(std::move(state));
  return fit;
}

} // namespace nuthatch::testing
