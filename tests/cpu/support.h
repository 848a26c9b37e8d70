#pragma once
// Textual programs run four ways: by the interpreter, compiled without lanes, with lanes over chains, and for groups of
// threads.
#include <gtest/gtest.h>
#include <mlir/Parser/Parser.h>
#include <random>

#include "backends/cpu/compile.h"
#include "backends/driver/emulated.h"
#include "ir/interpreter/interpreter.h"
#include "ir/trace/program.h"
#include "ir/trace/trace.h"
#include "nuthatch/detail/executor.h"

namespace nuthatch::test {

using detail::Array;

inline Shared<ir::TracedProgram> parse(const std::string& text) {
  auto p = share<ir::TracedProgram>();
  p->context = ir::makeContext();
  p->module = mlir::parseSourceString<mlir::ModuleOp>(text, p->context.get());
  if (!p->module) throw std::runtime_error("does not parse:\n" + text);
  for (auto t : p->main().getArgumentTypes()) p->arguments.push_back(ir::apiType(t));
  for (auto t : p->main().getResultTypes()) p->results.push_back(ir::apiType(t));
  return p;
}

/// Normal reals, integers in [0, 5), random truth values.
inline Array randomArray(Dtype d, Shape shape, std::mt19937& g) {
  Array a(d, shape);
  std::normal_distribution<double> normal;
  for (std::int64_t i = 0; i < a.num_elements(); ++i) switch (d) {
      case Dtype::f64: a.as<double>()[i] = normal(g); break;
      case Dtype::f32: a.as<float>()[i] = float(normal(g)); break;
      case Dtype::bool_: a.as<std::uint8_t>()[i] = g() % 2; break;
      case Dtype::i32: case Dtype::ui32: a.as<std::int32_t>()[i] = std::int32_t(g() % 5); break;
      default: a.as<std::int64_t>()[i] = std::int64_t(g() % 5);
    }
  return a;
}

inline void expectSameBits(const Array& a, const std::byte* b, const std::string& what) {
  if (std::memcmp(a.data.get(), b, a.bytes()) == 0) return;
  for (std::int64_t i = 0; i < a.num_elements(); ++i) {
    auto size = size_of(a.dtype);
    if (std::memcmp(a.data.get() + i * size, b + i * size, size) == 0) continue;
    if (a.dtype == Dtype::f64) {
      double x = a.as<double>()[i], y = reinterpret_cast<const double*>(b)[i];
      if (std::isnan(x) && std::isnan(y)) continue;  // which NaN is not defined
      ADD_FAILURE() << what << ": element " << i << ": interpreter " << x << ", compiled " << y;
    } else {
      ADD_FAILURE() << what << ": element " << i << " differs";
    }
    return;
  }
}

/// `shared[i]`: argument i is the same for all chains.
/// Groups have 1, 4 or 32 threads, in turn.
inline void runAllWays(const std::string& text, std::vector<bool> shared = {}, unsigned seed = 1, bool groups = true) {
  SCOPED_TRACE(text);
  auto program = parse(text);
  shared.resize(program->arguments.size(), false);
  std::mt19937 g(seed);
  std::vector<Array> first;
  for (const auto& t : program->arguments) first.push_back(randomArray(t.dtype, t.shape, g));
  auto expected = detail::interpret(*program, first);
  const Device device = default_device();  // NUTHATCH_DEVICE=gpu:0 takes all of this to a GPU instead
  auto got = detail::executor(device).compile(program)->run(first);
  for (std::size_t i = 0; i < expected.size(); ++i)
    expectSameBits(expected[i], got[i].data.get(), "no lanes, result " + std::to_string(i));
  // Lanes, then groups of threads; of a GPU where there is one.
  static int calls = 0;
  std::vector<int> widths{4, 8};
  if (device.is_gpu()) widths.clear();
  if (groups) widths.push_back(device.is_gpu() ? std::array{-32, -4, -1, -64}[std::size_t(calls++ % 4)] : std::array{-32, -4, -1}[std::size_t(calls++ % 3)]);
  for (int width : widths) {
    const std::int64_t chains = width > 0 ? 11 : 2;
    std::vector<std::vector<Array>> perChain(chains);
    std::vector<Array> stacked;
    detail::LaneOptions options;
    options.width = std::max(width, 1);
    for (std::size_t i = 0; i < first.size(); ++i) {
      const auto& t = program->arguments[i];
      options.varying_argument.push_back(!shared[i]);
      if (shared[i]) {
        for (auto& c : perChain) c.push_back(first[i]);
        stacked.push_back(first[i]);
        continue;
      }
      Shape s{chains};
      s.insert(s.end(), t.shape.begin(), t.shape.end());
      stacked.push_back(randomArray(t.dtype, s, g));
      for (std::int64_t c = 0; c < chains; ++c) {
        Array one(t.dtype, t.shape);
        std::memcpy(one.data.get(), stacked.back().data.get() + c * one.bytes(), one.bytes());
        perChain[c].push_back(one);
      }
    }
    options.varying_result.assign(program->results.size(), true);
    options.threads_per_chain = -std::min(width, 0);
    auto compiled = width > 0         ? detail::executor().compile_lanes(program, options)
                    : device.is_gpu() ? detail::executor(device).compile_lanes(program, options)
                                      : detail::compileEmulated(program, options, -width);
    auto lanes = compiled->run(stacked, chains, 1, {});
    for (std::int64_t c = 0; c < chains; ++c) {
      auto want = detail::interpret(*program, perChain[c]);
      for (std::size_t i = 0; i < want.size(); ++i)
        expectSameBits(want[i], lanes[i].data.get() + c * want[i].bytes(),
                       (width > 0 ? "width " : "threads ") + std::to_string(std::abs(width)) + ", chain " + std::to_string(c) + ", result " + std::to_string(i));
    }
  }
}

}  // namespace nuthatch::test
