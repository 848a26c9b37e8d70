#include "ir/trace/trace.h"

#include <atomic>

#include "ir/ops/elements.h"
#include "ir/ops/rules.h"
#include "nuthatch/error.h"

namespace nuthatch::detail {

namespace {
thread_local Trace* active = nullptr;
std::atomic<long> nextSerial{1};

mlir::RankedTensorType mlirType(mlir::MLIRContext* c, const TensorType& t) {
  return ir::tensorType(c, t.dtype, t.shape);
}
}  // namespace

Trace* Trace::current() { return active; }

Trace::Trace(const std::vector<TensorType>& arguments, std::source_location where)
    : program(share<ir::TracedProgram>()), outer(active) {
  program->context = ir::makeContext();
  auto loc = ir::location(context(), where);
  mlir::OpBuilder b(context());
  program->module = mlir::ModuleOp::create(loc);
  b.setInsertionPointToEnd(program->module->getBody());
  llvm::SmallVector<mlir::Type> types;
  for (const auto& t : arguments) types.push_back(mlirType(context(), t));
  auto main = mlir::func::FuncOp::create(b, loc, "main", b.getFunctionType(types, {}));
  scopes.push_back({main.addEntryBlock(), nextSerial++});
  program->arguments = arguments;
  active = this;
}

Trace::~Trace() { active = outer; }

ValuePtr Trace::handle(mlir::Value v, std::source_location where, size_t depth) {
  auto out = share<Value>();
  out->type = ir::apiType(v.getType());
  out->trace = weak_from_this();
  out->impl = v.getAsOpaquePointer();
  out->scope = int(depth);
  out->scope_serial = scopes[depth].serial;
  out->where = where;
  return out;
}

Values Trace::arguments() {
  Values out;
  auto loc = std::source_location::current();
  for (auto argument : scopes[0].block->getArguments()) out.push_back(handle(argument, loc, 0));
  return out;
}

mlir::Value Trace::capture(const ValuePtr& v) {
  auto [at, fresh] = captured.try_emplace(v->array.data.get());
  if (fresh) {
    at->second = scopes[0].block->addArgument(mlirType(context(), v->type), ir::location(context(), v->where));
    program->captures.push_back(v->array);
    keepAlive.push_back(v);
  } else if (ir::apiType(at->second.getType()) != v->type) {  // a view of the same data under another shape
    mlir::OpBuilder b(context());
    b.setInsertionPointToEnd(scopes.back().block);
    return ir::Builder(b, ir::location(context(), v->where)).reshape(at->second, v->type.shape);
  }
  return at->second;
}

mlir::Value Trace::use(const ValuePtr& v, std::source_location where) {
  if (!v) throw Error("an empty Tensor is used", where);
  if (v->concrete()) {
    if (!v->weak) return capture(v);
    mlir::OpBuilder b(context());
    b.setInsertionPointToEnd(scopes.back().block);
    return ir::ConstantOp::create(b, ir::location(context(), where), mlirType(context(), v->type),
                                  mlir::cast<mlir::ElementsAttr>(ir::elementsOf(context(), v->array)));
  }
  auto owner = v->trace.lock();
  if (owner.get() != this)
    throw EscapedTracer(to_string(where) + ": a traced value from " + to_string(v->where) + " is used " +
                        (owner ? "inside another program" : "after its trace ended") +
                        "; return it from the traced function, or pass it as an argument");
  if (size_t(v->scope) >= scopes.size() || scopes[v->scope].serial != v->scope_serial)
    throw EscapedTracer(to_string(where) + ": a traced value from " + to_string(v->where) +
                        " is used outside the loop body or branch it was made in; return it from there");
  return mlir::Value::getFromOpaquePointer(const_cast<void*>(v->impl));
}

Values Trace::append(const char* op, const Values& operands, const Attrs& attrs, std::source_location where) {
  llvm::SmallVector<mlir::Value> inputs;
  llvm::SmallVector<mlir::RankedTensorType> types;
  for (const auto& v : operands) {
    inputs.push_back(use(v, where));
    types.push_back(ir::tensorType(inputs.back()));
  }
  auto dictionary = ir::attributes(context(), attrs);
  auto results = ir::inferTypes(op, types, dictionary, where);
  mlir::OpBuilder b(context());
  b.setInsertionPointToEnd(scopes.back().block);
  mlir::OperationState state(ir::location(context(), where), (llvm::Twine("nh.") + op).str(), inputs, results,
                             dictionary.getValue());
  auto* made = b.create(state);
  Values out;
  for (auto r : made->getResults()) out.push_back(handle(r, where, scopes.size() - 1));
  return out;
}

Values Trace::appendRegions(const char* op, const Values& operands, const Attrs& attrs,
                            const std::vector<Region>& regions, std::source_location where) {
  auto loc = ir::location(context(), where);
  auto dictionary = ir::attributes(context(), attrs);
  mlir::OperationState state(loc, (llvm::Twine("nh.") + op).str());
  llvm::SmallVector<mlir::Value> inputs;
  for (const auto& v : operands) inputs.push_back(use(v, where));
  state.addOperands(inputs);
  state.addAttributes(dictionary.getValue());

  struct Pop {  // closes the region also when its body throws
    std::vector<Scope>& scopes;
    size_t depth;
    ~Pop() { scopes.resize(depth); }
  };
  llvm::SmallVector<llvm::SmallVector<mlir::Type>> yielded;
  for (const auto& r : regions) {
    auto* block = new mlir::Block;
    state.addRegion()->push_back(block);
    for (const auto& t : r.arguments) block->addArgument(mlirType(context(), t), loc);
    Pop pop{scopes, scopes.size()};
    scopes.push_back({block, nextSerial++});
    Values arguments;
    for (auto a : block->getArguments()) arguments.push_back(handle(a, where, scopes.size() - 1));
    Values values = r.body(arguments);
    llvm::SmallVector<mlir::Value> results;
    for (const auto& v : values) results.push_back(use(v, where));
    mlir::OpBuilder b(context());
    b.setInsertionPointToEnd(block);
    ir::YieldOp::create(b, loc, results);
    yielded.emplace_back(mlir::ValueRange(results).getTypes());
  }

  // Result types follow from what the regions yield.
  llvm::StringRef name = op;
  llvm::SmallVector<mlir::Type> results;
  auto stacked = [&](mlir::Type t, int64_t n) {
    auto tensor = mlir::cast<mlir::RankedTensorType>(t);
    llvm::SmallVector<int64_t> shape{n};
    shape.append(tensor.getShape().begin(), tensor.getShape().end());
    return mlir::RankedTensorType::get(shape, tensor.getElementType());
  };
  auto integer = [&](const char* key) { return dictionary.getAs<mlir::IntegerAttr>(key).getInt(); };
  if (name == "while") {
    results.assign(yielded[1].begin(), yielded[1].end());
  } else if (name == "for") {
    auto carries = size_t(integer("num_carries"));
    for (auto [i, t] : llvm::enumerate(yielded[0])) results.push_back(i < carries ? t : stacked(t, integer("trip")));
  } else if (name == "vmap") {
    for (auto t : yielded[0]) results.push_back(stacked(t, integer("size")));
  } else {
    results = yielded[0];
    if (name == "jvp") results.append(yielded[0].begin(), yielded[0].end());
    if (name == "vjp")
      for (auto i : dictionary.getAs<mlir::DenseI64ArrayAttr>("wrt").asArrayRef()) results.push_back(inputs[i].getType());
  }
  state.addTypes(results);
  mlir::OpBuilder b(context());
  b.setInsertionPointToEnd(scopes.back().block);
  auto* made = b.create(state);

  std::string message;
  mlir::ScopedDiagnosticHandler handler(context(), [&](mlir::Diagnostic& d) {
    if (message.empty()) message = d.str();
    return mlir::success();
  });
  if (mlir::failed(ir::verifyByShapeRule(made))) {
    made->erase();
    throw Error(message.empty() ? std::string(op) + ": malformed" : message, where);
  }
  Values out;
  for (auto r : made->getResults()) out.push_back(handle(r, where, scopes.size() - 1));
  return out;
}

ProgramPtr Trace::finish(const Values& results, std::source_location where) {
  llvm::SmallVector<mlir::Value> values;
  for (const auto& v : results) {
    values.push_back(use(v, where));
    program->results.push_back(ir::apiType(values.back().getType()));
  }
  mlir::OpBuilder b(context());
  b.setInsertionPointToEnd(scopes[0].block);
  mlir::func::ReturnOp::create(b, ir::location(context(), where), values);
  auto main = program->main();
  main.setFunctionType(b.getFunctionType(scopes[0].block->getArgumentTypes(), mlir::ValueRange(values).getTypes()));
  return program;
}

ProgramPtr trace_program(const std::vector<TensorType>& arguments, const std::function<Values(const Values&)>& body,
                         std::source_location where) {
  auto trace = std::make_shared<Trace>(arguments, where);
  return trace->finish(body(trace->arguments()), where);
}

bool tracing() { return Trace::current() != nullptr; }

}  // namespace nuthatch::detail

namespace nuthatch::ir {

mlir::DictionaryAttr attributes(mlir::MLIRContext* c, const api::Attrs& attrs) {
  mlir::OpBuilder b(c);
  mlir::NamedAttrList out;
  for (const auto& [name, value] : attrs) {
    struct Convert {
      mlir::OpBuilder& b;
      mlir::Attribute operator()(bool x) { return b.getBoolAttr(x); }
      mlir::Attribute operator()(std::int64_t x) { return b.getI64IntegerAttr(x); }
      mlir::Attribute operator()(api::Kind k) { return b.getI32IntegerAttr(k.value); }
      mlir::Attribute operator()(Dtype d) { return mlir::TypeAttr::get(elementType(b.getContext(), d)); }
      mlir::Attribute operator()(const std::vector<std::int64_t>& x) { return b.getDenseI64ArrayAttr(x); }
      mlir::Attribute operator()(const api::DenseConstant& d) { return elementsOf(b.getContext(), d.array); }
      mlir::Attribute operator()(const std::string& x) { return b.getStringAttr(x); }
      mlir::Attribute operator()(const std::vector<api::TensorType>& x) {
        llvm::SmallVector<mlir::Type> types;
        for (const auto& t : x) types.push_back(tensorType(b.getContext(), t.dtype, t.shape));
        return b.getTypeArrayAttr(types);
      }
    };
    out.set(name, std::visit(Convert{b}, value));
  }
  return out.getDictionary(c);
}

llvm::SmallVector<mlir::Type> inferTypes(llvm::StringRef op, llvm::ArrayRef<mlir::RankedTensorType> operands,
                                         mlir::DictionaryAttr attrs, std::source_location where) {
  if (op == "emit") return {};
  const OpRules& rules = rulesOf(op);
  if (!rules.shape) throw Error("internal: no shape rule for operation " + op.str(), where);
  ShapeInput input{operands, attrs, {}};
  Types types = rules.shape(input);
  if (!input.error.empty()) throw Error(op.str() + ": " + input.error, where);
  return {types.begin(), types.end()};
}

api::TensorType apiType(mlir::Type t) {
  auto tensor = mlir::cast<mlir::RankedTensorType>(t);
  return {dtypeOf(tensor.getElementType()), Shape(tensor.getShape().vec())};
}

}  // namespace nuthatch::ir
