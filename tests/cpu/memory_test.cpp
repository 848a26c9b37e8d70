// Memory of compiled programs: predicted, checked before a run, and nothing written beside it.
#include "backends/cpu/check_storage.h"
#include "backends/driver/guarded.h"
#include "backends/driver/memory.h"
#include "nuthatch/detail/available_memory.h"
#include "nuthatch/error.h"
#include "tests/cpu/checks.h"
#include "tests/cpu/support.h"

namespace nuthatch::test {
namespace {

std::string running_sums(const std::string& type, const std::string& shape) {
  return "func.func @main(%x: tensor<f64>) -> tensor<f64> {\n  %b = nh.broadcast %x {shape = array<i64: " + shape +
         ">, dims = array<i64>} : (tensor<f64>) -> " + type + "\n  %c = nh.cumulative sum %b {dim = 1 : i64, reverse = false} : (" + type + ") -> " +
         type + "\n  %d = nh.cumulative sum %c {dim = 0 : i64, reverse = false} : (" + type + ") -> " + type +
         "\n  %s = nh.reduce max %d {dims = array<i64: 0, 1>} : (" + type + ") -> tensor<f64>\n  return %s : tensor<f64>\n}\n";
}

std::string messageOf(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

TEST(Memory, ThatTheMachineDoesNotHaveIsAnError) {
  EXPECT_GT(detail::machine_memory(), 1e8);
  std::mt19937 random(1);
  const auto x = randomArray(Dtype::f64, {}, random);
  auto program = parse(running_sums("tensor<1000000x1000000xf64>", "1000000, 1000000"));
  const std::string message = messageOf([&] { detail::executor().compile(program)->run({x}); });
  EXPECT_EQ(message.find("this program needs "), 0u) << message;
  // Two arrays of 8,000 GB, and a sum for each 512 of the elements of one.
  EXPECT_NE(message.find(" 16015.6 GB for intermediate values"), std::string::npos) << message;
  detail::LaneOptions options{8, {true}, {true}};
  const std::string lanes = messageOf([&] { detail::executor().compile_lanes(program, options)->run({randomArray(Dtype::f64, {20}, random)}, 20, 2, {}); });
  EXPECT_NE(lanes.find("for each chain, 16 at once"), std::string::npos) << lanes;
  // Bytes that no integer should count.
  program = parse(running_sums("tensor<134217728x134217728xf64>", "134217728, 134217728"));
  EXPECT_EQ(messageOf([&] { detail::executor().compile(program)->run({x}); }).find("this program needs "), 0u);
  // A result alone.
  program = parse("func.func @main(%x: tensor<f64>) -> tensor<1000000x1000000xf64> {\n  %b = nh.broadcast %x {shape = array<i64: 1000000, 1000000>, "
                  "dims = array<i64>} : (tensor<f64>) -> tensor<1000000x1000000xf64>\n  return %b : tensor<1000000x1000000xf64>\n}");
  EXPECT_NE(messageOf([&] { detail::executor().compile(program)->run({x}); }).find("8000.0 GB for its results"), std::string::npos);
}

/// Many arrays alive at once, each small: they do not all go to the stack.
TEST(Memory, TheStackHoldsLittle) {
  std::string text = "func.func @main(%v0: tensor<500xf64>) -> tensor<500xf64> {\n";
  constexpr int kArrays = 300;
  for (int i = 0; i < kArrays; ++i)
    text += "  %v" + std::to_string(i + 1) + " = nh.cumulative sum %v" + std::to_string(i) + " {dim = 0 : i64, reverse = false} : (tensor<500xf64>) -> tensor<500xf64>\n";
  text += "  %s0 = nh.binary add %v0, %v1 : tensor<500xf64>\n";
  for (int i = 1; i < kArrays; ++i)
    text += "  %s" + std::to_string(i) + " = nh.binary add %s" + std::to_string(i - 1) + ", %v" + std::to_string(i + 1) + " : tensor<500xf64>\n";
  text += "  return %s" + std::to_string(kArrays - 1) + " : tensor<500xf64>\n}\n";
  auto code = detail::executor().compile(parse(text));
  EXPECT_GT(code->stats().buffer_bytes, std::int64_t(300) << 10);
  std::mt19937 random(3);
  const auto x = randomArray(Dtype::f64, {500}, random);
  expectSameBits(detail::interpret(*parse(text), {x})[0], code->run({x})[0].data.get(), "300 arrays");
}

TEST(Memory, CodeBetweenGuardZonesGivesTheSameBits) {
  Checks memory("plan,memory");
  runAllWays(R"(
func.func @main(%x: tensor<70xf64>, %i: tensor<i64>, %u: tensor<3xf64>) -> (tensor<70xf64>, tensor<f64>) {
  %c = nh.cumulative sum %x {dim = 0 : i64, reverse = true} : (tensor<70xf64>) -> tensor<70xf64>
  %d = nh.dynamic_update_slice %c, %u, %i : (tensor<70xf64>, tensor<3xf64>, tensor<i64>) -> tensor<70xf64>
  %r:2 = nh.for %d, %x attributes {trip = 70 : i64, num_carries = 1 : i64, reverse = false} : (tensor<70xf64>, tensor<70xf64>) -> (tensor<70xf64>, tensor<70xf64>) {
  ^bb0(%k: tensor<i64>, %a: tensor<70xf64>, %y: tensor<f64>):
    %b = nh.broadcast %y {shape = array<i64: 70>, dims = array<i64>} : (tensor<f64>) -> tensor<70xf64>
    %n = nh.fma %a, %b, %d : (tensor<70xf64>, tensor<70xf64>, tensor<70xf64>) -> tensor<70xf64>
    %z = nh.reduce sum %a {dims = array<i64: 0>} : (tensor<70xf64>) -> tensor<f64>
    nh.yield %n, %z : tensor<70xf64>, tensor<f64>
  }
  %s = nh.reduce sum %r#1 {dims = array<i64: 0>} : (tensor<70xf64>) -> tensor<f64>
  return %r#0, %s : tensor<70xf64>, tensor<f64>
})");
}

/// Stands in for wrong code: adds 1 to element `position` of the array that `what` names.
template <int position> void wrong(const void* const*, void* const* results, void* workspace, std::int64_t, std::int64_t, const detail::Stream* streams) {
  auto* array = streams ? static_cast<char*>(workspace) : static_cast<char*>(results[0]);
  array[position] = char(array[position] + 1);
}

TEST(Memory, GuardZonesSeeWhatIsWrittenBesideArrays) {
  cpu::Code code;
  code.memory_checks = true;
  code.workspace_bytes = 64 + 40 + 88;
  code.buffers = {{64, 40}};
  auto run = [&](cpu::Entry entry, bool inWorkspace) {
    detail::GuardedRun guarded(code);
    std::vector<double> x(3, 1.0), y(2, 0.0);
    std::vector<char> workspace(std::size_t(code.workspace_bytes));
    const void* in = guarded.input(x.data(), 24);
    void* out = guarded.output(y.data(), 16);
    guarded.poison(workspace.data());
    detail::Stream stream;
    entry(&in, &out, workspace.data(), 0, 1, inWorkspace ? &stream : nullptr);
    return messageOf([&] { guarded.finish(workspace.data()); });
  };
  EXPECT_EQ(run(wrong<0>, false), "");
  EXPECT_EQ(run(wrong<15>, false), "");
  EXPECT_NE(run(wrong<16>, false).find("outside of a result"), std::string::npos);
  EXPECT_NE(run(wrong<-1>, false).find("outside of a result"), std::string::npos);
  EXPECT_EQ(run(wrong<64>, true), "");
  EXPECT_EQ(run(wrong<103>, true), "");
  for (auto entry : {wrong<63>, wrong<104>, wrong<191>, wrong<0>})
    EXPECT_NE(run(entry, true).find("outside of its buffers"), std::string::npos);
}

/// Plans made wrong on purpose.
TEST(StoragePlan, WrongPlansAreFound) {
  auto program = parse(R"(
func.func @main(%x: tensor<9xf64>, %n: tensor<i64>) -> (tensor<9xf64>, tensor<9xf64>) {
  %c = nh.cumulative sum %x {dim = 0 : i64, reverse = false} : (tensor<9xf64>) -> tensor<9xf64>
  %d = nh.cumulative prod %c {dim = 0 : i64, reverse = true} : (tensor<9xf64>) -> tensor<9xf64>
  %e = nh.binary add %c, %d : tensor<9xf64>
  %r = nh.for %e attributes {trip = 4 : i64, num_carries = 1 : i64, reverse = false} : (tensor<9xf64>) -> tensor<9xf64> {
  ^bb0(%k: tensor<i64>, %a: tensor<9xf64>):
    %b = nh.cumulative max %a {dim = 0 : i64, reverse = false} : (tensor<9xf64>) -> tensor<9xf64>
    %f = nh.binary sub %b, %d : tensor<9xf64>
    nh.yield %f : tensor<9xf64>
  }
  return %r, %d : tensor<9xf64>, tensor<9xf64>
})");
  auto main = program->main();
  const cpu::Plan plan = cpu::makePlan(main);
  auto uniform = [](mlir::Value) { return false; };
  const cpu::Storage good = cpu::assignStorage(main, plan, uniform);
  EXPECT_EQ(cpu::checkStorage(main, plan, good, uniform), "");
  std::vector<mlir::Value> v;  // c, d, e, the results of the loop, b, f
  main.walk<mlir::WalkOrder::PreOrder>([&](mlir::Operation* op) {
    for (auto r : op->getResults()) v.push_back(r);
  });
  const mlir::Value c = v[0], d = v[1], e = v[2], r = v[3], b = v[4], f = v[5];
  auto loop = mlir::cast<ir::ForOp>(r.getDefiningOp());
  const mlir::Value a = loop.getBody().front().getArgument(1);
  // Pairs of which one is alive, or still being read, where the other is made.
  for (auto [moved, onto] : {std::pair{c, d}, {d, c}, {d, e}, {d, a}, {d, b}, {d, f}, {a, d}, {b, d}, {r, d}, {b, a}, {a, b}, {f, d}}) {
    if (!good.slotOf.contains(moved) || !good.slotOf.contains(onto)) continue;
    cpu::Storage changed = good;
    changed.slotOf[moved] = good.slot(onto);
    if (good.slot(moved) != good.slot(onto)) EXPECT_NE(cpu::checkStorage(main, plan, changed, uniform), "");
  }
  EXPECT_TRUE(good.slotOf.contains(b) && good.slotOf.contains(d) && good.slot(a) != good.slot(d));
  // Places of another kind.
  for (auto change : {+[](cpu::Slot& s) { s.elements = 8; }, +[](cpu::Slot& s) { s.dtype = Dtype::f32; }, +[](cpu::Slot& s) { s.varying = true; }}) {
    cpu::Storage changed = good;
    change(changed.slots[std::size_t(good.slot(d))]);
    EXPECT_NE(cpu::checkStorage(main, plan, changed, uniform), "");
  }
}

}  // namespace
}  // namespace nuthatch::test
