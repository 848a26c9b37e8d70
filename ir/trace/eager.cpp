// Operations outside any trace: built in a scratch block, evaluated by their reference rule, and dropped again.
#include <algorithm>
#include <cctype>
#include <cmath>

#include "ir/ops/rules.h"
#include "ir/trace/trace.h"
#include "nuthatch/detail/executor.h"
#include "nuthatch/detail/non_finite.h"
#include "nuthatch/error.h"

namespace nuthatch::detail {

namespace {

[[noreturn]] void escaped(const Value& v, std::source_location where) {
  const bool alive = !v.trace.expired();
  throw EscapedTracer(to_string(where) + ": a traced value from " + to_string(v.where) + " is used " +
                      (alive ? "in another thread than its trace" : "after its trace ended") +
                      "; return it from the traced function");
}

/// One context per thread for eager operations.
mlir::MLIRContext& scratchContext() {
  static thread_local auto context = ir::makeContext();
  return *context;
}

thread_local WatchNonFinite* watcher = nullptr;

template <class T>
bool all_finite(const Array& x) {
  return std::all_of(x.as<T>(), x.as<T>() + x.num_elements(), [](T v) { return std::isfinite(v); });
}
bool finite(const Array& x) {
  return x.dtype == Dtype::f64 ? all_finite<double>(x) : x.dtype == Dtype::f32 ? all_finite<float>(x) : true;
}

/// "log" of an operation that prints as "nh.unary log %0 ...", its own name for those without a kind.
std::string nameOf(const char* op, mlir::Operation* made) {
  std::string text;
  llvm::raw_string_ostream out(text);
  made->print(out, mlir::OpPrintingFlags().useLocalScope());
  const std::string name = std::string("nh.") + op + " ";
  const auto at = text.find(name);
  if (at == std::string::npos) return op;
  const std::string kind = text.substr(at + name.size(), text.find(' ', at + name.size()) - at - name.size());
  return !kind.empty() && std::isalpha(static_cast<unsigned char>(kind[0])) ? kind : op;
}

Values evaluate(const char* op, const Values& operands, const Attrs& attrs, std::source_location where) {
  auto* context = &scratchContext();
  auto loc = mlir::UnknownLoc::get(context);
  mlir::Block block;
  llvm::SmallVector<mlir::RankedTensorType> types;
  std::vector<Array> inputs;
  for (const auto& v : operands) {
    if (!v) throw Error(std::string(op) + ": an empty Tensor is used", where);
    if (!v->concrete()) escaped(*v, where);
    types.push_back(ir::tensorType(context, v->type.dtype, v->type.shape));
    block.addArgument(types.back(), loc);
    inputs.push_back(v->array);
  }
  auto dictionary = ir::attributes(context, attrs);
  auto resultTypes = ir::inferTypes(op, types, dictionary, where);
  mlir::OpBuilder b(context);
  b.setInsertionPointToEnd(&block);
  mlir::OperationState state(loc, (llvm::Twine("nh.") + op).str(), block.getArguments(), resultTypes,
                             dictionary.getValue());
  auto* made = b.create(state);
  std::vector<Array> results;
  for (auto t : resultTypes) {
    auto type = ir::apiType(t);
    results.emplace_back(type.dtype, type.shape);
  }
  ir::rulesOf(made).eval(made, inputs, results);
  if (watcher && !watcher->found() && std::all_of(inputs.begin(), inputs.end(), finite) &&
      !std::all_of(results.begin(), results.end(), finite)) {
    watcher->op = nameOf(op, made);
    watcher->where = where;
  }
  Values out;
  for (auto& r : results) out.push_back(concrete(std::move(r), false, where));
  return out;
}

}  // namespace

WatchNonFinite::WatchNonFinite() : before_(watcher) { watcher = this; }
WatchNonFinite::~WatchNonFinite() { watcher = before_; }

ValuePtr concrete(Array array, bool weak, std::source_location where) {
  auto v = share<Value>();
  v->type = {array.dtype, array.shape};
  v->weak = weak;
  v->array = std::move(array);
  v->where = where;
  return v;
}

Values emit_all(const char* op, const Values& operands, const Attrs& attrs, std::source_location where) {
  if (auto* trace = Trace::current()) return trace->append(op, operands, attrs, where);
  return evaluate(op, operands, attrs, where);
}

ValuePtr emit(const char* op, const Values& operands, const Attrs& attrs, std::source_location where) {
  return emit_all(op, operands, attrs, where).front();
}

Values emit_regions(const char* op, const Values& operands, const Attrs& attrs, const std::vector<Region>& regions,
                    std::source_location where) {
  if (auto* trace = Trace::current()) return trace->appendRegions(op, operands, attrs, regions, where);
  std::vector<TensorType> types;
  std::vector<Array> arrays;
  for (const auto& v : operands) {
    if (!v) throw Error(std::string(op) + ": an empty Tensor is used", where);
    if (!v->concrete()) escaped(*v, where);
    types.push_back(v->type);
    arrays.push_back(v->array);
  }
  auto program = trace_program(
      types, [&](const Values& inputs) { return emit_regions(op, inputs, attrs, regions, where); }, where);
  Values out;
  for (auto& r : interpret(*program, arrays)) out.push_back(concrete(std::move(r), false, where));
  return out;
}

}  // namespace nuthatch::detail
