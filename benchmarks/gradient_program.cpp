#include "benchmarks/gradient_program.h"

namespace nuthatch::benchmark {
namespace {

using detail::Array;
using detail::TensorType;

struct Carry {
  Tensor z, total;
  static constexpr auto fields = names("z", "total");
};

std::vector<Tensor> wrapped(const detail::Values& values, std::size_t first) {
  std::vector<Tensor> result;
  for (std::size_t i = first; i < values.size(); ++i) result.push_back(detail::wrap(values[i]));
  return result;
}

std::vector<TensorType> types(const LogDensity& density, bool counted) {
  std::vector<TensorType> result{{f64, {density.dim()}}};
  if (counted) result.push_back({i64, {}});
  for (const Tensor& x : density.data()) result.push_back({x.dtype(), x.shape()});
  return result;
}

}  // namespace

detail::ProgramPtr gradient_program(const LogDensity& density) {
  return detail::trace_program(
      types(density, false),
      [&](const detail::Values& values) {
        const auto data = wrapped(values, 1);
        auto [value, gradient] = value_and_grad([&](Tensor z) { return density(z, data); })(detail::wrap(values[0]));
        return detail::Values{detail::value(value), detail::value(gradient)};
      },
      std::source_location::current());
}

detail::ProgramPtr repeated_gradient_program(const LogDensity& density) {
  return detail::trace_program(
      types(density, true),
      [&](const detail::Values& values) {
        const auto data = wrapped(values, 2);
        Carry last = fori_loop(Tensor(0), detail::wrap(values[1]), Carry{detail::wrap(values[0]), 0.0},
                               [&](Tensor, const Carry& c) {
                                 auto [value, gradient] =
                                     value_and_grad([&](Tensor z) { return density(z, data); })(c.z);
                                 return Carry{c.z + 1e-12 * gradient, c.total + value};
                               });
        return detail::Values{detail::value(last.z), detail::value(last.total)};
      },
      std::source_location::current());
}

detail::LaneOptions lanes(const LogDensity&, int width, std::size_t results) {
  detail::LaneOptions options;
  options.width = width;
  options.varying_argument = {true};  // data are shared
  options.varying_result.assign(results, true);
  return options;
}

std::vector<Array> arguments(const LogDensity& density, const Array& z) {
  std::vector<Array> result{z};
  for (const Tensor& x : density.data()) result.push_back(detail::value(x)->array);
  return result;
}

std::vector<Array> arguments(const LogDensity& density, const Array& z, std::int64_t count) {
  Array n(i64, {});
  n.as<std::int64_t>()[0] = count;
  auto result = arguments(density, z);
  result.insert(result.begin() + 1, n);
  return result;
}

}  // namespace nuthatch::benchmark
