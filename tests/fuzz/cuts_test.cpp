// Random programs, cut at every product that can be cut: the results of the whole, bit for bit.
#include <cmath>
#include <cstring>
#include <optional>

#include <gtest/gtest.h>

#include "backends/gpu/cuts.h"
#include "ir/trace/program.h"
#include "nuthatch/error.h"
#include "tests/gpu/schedule_reference.h"
#include "tools/nh-fuzz/generate.h"

namespace nuthatch::test {
namespace {

Array rowOf(const Array& a, std::int64_t c) {
  Array row(a.dtype, Shape(std::vector<std::int64_t>(a.shape.begin() + 1, a.shape.end())));
  std::memcpy(row.data.get(), a.data.get() + std::size_t(c) * row.bytes(), row.bytes());
  return row;
}

Array stacked(const std::vector<Array>& rows) {
  Shape shape{std::int64_t(rows.size())};
  shape.insert(shape.end(), rows[0].shape.begin(), rows[0].shape.end());
  Array all(rows[0].dtype, shape);
  for (std::size_t c = 0; c < rows.size(); ++c) std::memcpy(all.data.get() + c * rows[c].bytes(), rows[c].data.get(), rows[c].bytes());
  return all;
}

/// Results of every chain, [chains, ...], by the interpreter.
std::vector<Array> interpretChains(const detail::Program& p, const std::vector<Array>& arguments, const std::vector<bool>& varying, std::int64_t chains) {
  std::vector<std::vector<Array>> results;
  for (std::int64_t c = 0; c < chains; ++c) {
    std::vector<Array> own;
    for (std::size_t i = 0; i < arguments.size(); ++i) own.push_back(varying[i] ? rowOf(arguments[i], c) : arguments[i]);
    auto out = detail::interpret(p, own);
    results.resize(out.size());
    for (std::size_t r = 0; r < out.size(); ++r) results[r].push_back(out[r]);
  }
  std::vector<Array> all;
  for (const auto& rows : results) all.push_back(stacked(rows));
  return all;
}

class InterpretedChains : public detail::LaneExecutable {
 public:
  InterpretedChains(detail::ProgramPtr p, std::vector<bool> v) : program(std::move(p)), varying(std::move(v)) {}
  std::vector<Array> run(const std::vector<Array>& arguments, std::int64_t chains, int, const std::vector<detail::Stream>&) override {
    return interpretChains(*program, arguments, varying, chains);
  }
  const CompileStats& stats() const override { return statistics; }
  std::string dump(const std::string&) const override { return ""; }

 private:
  detail::ProgramPtr program;
  std::vector<bool> varying;
  CompileStats statistics;
};

class Interpreter : public detail::Executor {
 public:
  Shared<detail::Executable> compile(const detail::ProgramPtr&) override { throw Error("only programs of chains"); }
  Shared<detail::LaneExecutable> compile_lanes(const detail::ProgramPtr& p, const detail::LaneOptions& o) override {
    return share<InterpretedChains>(p, o.varying_argument);
  }
  int pack_width(const detail::Program&, std::int64_t) const override { return 1; }
};

template <class T>
bool sameNumber(const std::byte* a, const std::byte* b) {
  T x, y;
  std::memcpy(&x, a, sizeof x);
  std::memcpy(&y, b, sizeof y);
  return std::memcmp(a, b, sizeof x) == 0 || (std::isnan(x) && std::isnan(y));
}

bool same(const Array& a, const Array& b) {
  if (a.shape != b.shape || a.dtype != b.dtype) return false;
  const auto size = size_of(a.dtype);
  for (std::int64_t i = 0; i < a.num_elements(); ++i) {
    const auto *x = a.data.get() + std::size_t(i) * size, *y = b.data.get() + std::size_t(i) * size;
    if (a.dtype == f64 ? !sameNumber<double>(x, y) : a.dtype == f32 ? !sameNumber<float>(x, y) : std::memcmp(x, y, size) != 0) return false;
  }
  return true;
}

gpu::CutOptions everyProduct(std::uint64_t seed) {
  gpu::CutOptions o;
  o.least_flops = 0, o.least_extent = 1, o.most_unrolled = std::int64_t(seed % 3);
  return o;
}

struct Counts {
  int programs = 0, cut = 0, loops = 0;
};

void countSteps(const gpu::Schedule& s, Counts& counts) {
  ++counts.programs;
  counts.cut += !s.whole();
  for (const auto* step : gpu::allSteps(s.steps)) counts.loops += std::holds_alternative<gpu::Loop>(step->what);
}

/// A program of one chain, and of three of which some arguments are shared. False where the dialect refuses it.
void checkSeed(std::uint64_t seed, Counts& counts) {
  auto mix = fuzz::mixOf(seed);
  mix.long_extent = 0;
  auto program = fuzz::generate(seed, mix);
  std::vector<Array> one, three;
  std::vector<bool> varying;
  for (std::size_t i = 0; i < program->arguments.size(); ++i) {
    varying.push_back((seed >> i) % 4 != 0);
    std::vector<Array> rows;
    for (std::uint64_t c = 0; c < 3; ++c) rows.push_back(fuzz::randomArgument(program->arguments[i], seed + 1000 * c, i));
    one.push_back(rows[0]);
    three.push_back(varying[i] ? stacked(rows) : rows[0]);
  }
  std::vector<Array> expected, expectedOfThree;
  try {
    expected = detail::interpret(*program, one);
    expectedOfThree = interpretChains(*program, three, varying, 3);
  } catch (const Error&) {
    return;  // a derivative that does not exist
  }
  Interpreter interpreter;
  auto options = everyProduct(seed);
  auto schedule = gpu::cut(program, options);
  countSteps(schedule, counts);
  auto run = [&](const std::vector<Array>& arguments, std::int64_t chains) {
    try {
      return ReferenceRunner(schedule, interpreter).run(arguments, chains);
    } catch (const std::exception& e) {
      throw std::runtime_error(e.what() + ("\n" + gpu::explain(schedule, chains)) + program->text());
    }
  };
  auto compare = [&](const std::vector<Array>& want, const std::vector<Array>& got, const std::string& what) {
    ASSERT_EQ(want.size(), got.size());
    for (std::size_t r = 0; r < want.size(); ++r)
      ASSERT_TRUE(same(want[r], got[r])) << "seed " << seed << ", " << what << ", result " << r << "\n" << gpu::explain(schedule, 3) << program->text();
  };
  compare(expected, run(one, 1), "one chain");
  options.varying_argument = varying;
  options.chains = 3;
  schedule = gpu::cut(program, options);
  countSteps(schedule, counts);
  compare(expectedOfThree, run(three, 3), "three chains");
}

TEST(CutPrograms, HaveTheResultsOfTheWhole) {
  fuzz::registerForeign();
  std::uint64_t first = 1, seeds = 400;
  if (const char* text = std::getenv("NUTHATCH_CUT_SEEDS")) std::sscanf(text, "%lu,%lu", &first, &seeds);
  Counts counts;
  for (std::uint64_t seed = first; seed < first + seeds && !HasFatalFailure(); ++seed) {
    try {
      checkSeed(seed, counts);
    } catch (const std::exception& e) {
      FAIL() << "seed " << seed << ": " << e.what() << "\n" << fuzz::generate(seed, fuzz::mixOf(seed))->text();
    }
  }
  RecordProperty("programs", counts.programs);
  RecordProperty("cut", counts.cut);
  RecordProperty("loops", counts.loops);
  std::printf("%d programs, %d cut, %d loops\n", counts.programs, counts.cut, counts.loops);
  if (seeds >= 100) EXPECT_GT(counts.cut, 0);
}

}  // namespace
}  // namespace nuthatch::test
