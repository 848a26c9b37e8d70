#pragma once
// Programs written as IR text, run in the reference interpreter and compared bit for bit.
#include <cstring>
#include <limits>

#include <gtest/gtest.h>
#include <mlir/IR/Verifier.h>
#include <mlir/Parser/Parser.h>

#include "ir/interpreter/interpreter.h"
#include "ir/ops/builder.h"
#include "ir/trace/program.h"
#include "passes/batching/batching.h"

namespace nuthatch::test {

using detail::Array;
using Arrays = std::vector<Array>;
using Module = mlir::OwningOpRef<mlir::ModuleOp>;

inline Module parse(mlir::MLIRContext& context, const std::string& text) {
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  EXPECT_TRUE(module) << text;
  return module;
}
inline mlir::func::FuncOp mainOf(mlir::ModuleOp module) { return *module.getOps<mlir::func::FuncOp>().begin(); }
inline std::string print(mlir::ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  module.print(stream);
  return text;
}

/// NaN is written one way: IEEE leaves its sign and payload open.
inline Array canonical(const Array& a) {
  Array out(a.dtype, a.shape);
  std::memcpy(out.data.get(), a.data.get(), a.bytes());
  auto fix = [&](auto* values) {
    for (std::int64_t i = 0; i < a.num_elements(); ++i)
      if (values[i] != values[i]) values[i] = std::numeric_limits<std::remove_reference_t<decltype(values[i])>>::quiet_NaN();
  };
  if (a.dtype == Dtype::f64) fix(out.as<double>());
  if (a.dtype == Dtype::f32) fix(out.as<float>());
  return out;
}
inline std::vector<std::byte> bytesOf(const Array& a) {
  Array c = canonical(a);
  return {c.data.get(), c.data.get() + c.bytes()};
}
inline bool sameBits(const Array& a, const Array& b) {
  return a.dtype == b.dtype && a.shape == b.shape && bytesOf(a) == bytesOf(b);
}
inline Array empty(mlir::Type type) {
  auto t = mlir::cast<mlir::RankedTensorType>(type);
  return Array(ir::dtypeOf(t.getElementType()), Shape(t.getShape().vec()));
}

/// Element `i` of the leading axis, and the stack of such elements.
inline Array elementOf(const Array& stack, std::int64_t i) {
  Array one(stack.dtype, Shape(std::vector<std::int64_t>(stack.shape.begin() + 1, stack.shape.end())));
  std::memcpy(one.data.get(), stack.data.get() + std::size_t(i) * one.bytes(), one.bytes());
  return one;
}
inline Array stackOf(const Arrays& elements) {
  Shape shape = elements[0].shape;
  shape.insert(shape.begin(), std::int64_t(elements.size()));
  Array stack(elements[0].dtype, shape);
  for (std::size_t i = 0; i < elements.size(); ++i)
    std::memcpy(stack.data.get() + i * elements[i].bytes(), elements[i].data.get(), elements[i].bytes());
  return stack;
}

/// Adds a function `mapped` whose body is vmap over `size` of the module's function, and removes the latter. Flagged
/// arguments have the new axis in front; so have all results.
inline mlir::func::FuncOp wrapInVmap(mlir::ModuleOp module, llvm::ArrayRef<bool> flags, std::int64_t size) {
  mlir::func::FuncOp function = mainOf(module);
  auto* context = module.getContext();
  mlir::OpBuilder at(context);
  at.setInsertionPointToEnd(module.getBody());
  auto stacked = [&](mlir::Type type) -> mlir::Type {
    auto t = mlir::cast<mlir::RankedTensorType>(type);
    llvm::SmallVector<std::int64_t> shape{size};
    shape.append(t.getShape().begin(), t.getShape().end());
    return mlir::RankedTensorType::get(shape, t.getElementType());
  };
  llvm::SmallVector<mlir::Type> inputs, results;
  llvm::SmallVector<std::int64_t> axes;
  for (auto [type, flag] : llvm::zip(function.getArgumentTypes(), flags)) {
    inputs.push_back(flag ? stacked(type) : type);
    axes.push_back(flag ? 0 : -1);
  }
  for (mlir::Type type : function.getResultTypes()) results.push_back(stacked(type));
  auto loc = function.getLoc();
  auto mapped = mlir::func::FuncOp::create(at, loc, "mapped", at.getFunctionType(inputs, results));
  mlir::Block* entry = mapped.addEntryBlock();
  at.setInsertionPointToEnd(entry);
  auto vmap = ir::VmapOp::create(at, loc, results, std::uint64_t(size), axes, entry->getArguments());
  mlir::func::ReturnOp::create(at, loc, vmap.getResults());
  vmap.getBody().takeBody(function.getBody());
  mlir::Operation* ret = vmap.getBody().front().getTerminator();
  at.setInsertionPoint(ret);
  ir::YieldOp::create(at, loc, ret->getOperands());
  ret->erase();
  function.erase();
  return mapped;
}
inline ir::VmapOp vmapIn(mlir::func::FuncOp function) { return *function.getBody().front().getOps<ir::VmapOp>().begin(); }

}  // namespace nuthatch::test
