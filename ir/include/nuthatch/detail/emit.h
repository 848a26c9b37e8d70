#pragma once
/// The one door from the public API to the IR, free of MLIR types. A `Value` is what a Tensor handle points to: a
/// concrete array, or a value of the program being traced. `emit` appends one operation; where no trace is active and
/// all operands are concrete, the operation is evaluated at once by the reference interpreter instead.
///
/// Operation and attribute names are those of ir/dialect/Nh.td without the prefix "nh.". Enum attributes ("kind") are
/// given by the integer value of the enums in detail/kinds.h, `dtype` attributes by Dtype.
#include <functional>
#include <memory>
#include <source_location>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "nuthatch/detail/array.h"
#include "nuthatch/detail/shared.h"

namespace nuthatch::detail {

struct TensorType {
  Dtype dtype = Dtype::f64;
  Shape shape;
  bool operator==(const TensorType&) const = default;
};

class Trace;  // one program under construction; ir/trace/trace.h

struct Value {
  TensorType type;
  bool weak = false;             // a literal: adopts the dtype of what it meets (the API's promotion rule reads this)
  bool nonnegative = false;      // a loop counter: as an index it needs no wrapping of negative values
  Array array;                   // concrete iff array.data
  std::weak_ptr<Trace> trace;    // else the program it belongs to ...
  const void* impl = nullptr;    // ... and the mlir::Value there
  int scope = 0;                 // nesting depth of the region it was defined in, and that region's serial number
  long scope_serial = 0;
  std::source_location where;
  bool concrete() const { return array.data != nullptr; }
};
using ValuePtr = Shared<const Value>;
using Values = std::vector<ValuePtr>;

struct Kind { int value; };
struct DenseConstant { Array array; };
using Attr = std::variant<bool, std::int64_t, Kind, Dtype, std::vector<std::int64_t>, DenseConstant, std::string, std::vector<TensorType>>;
using Attrs = std::vector<std::pair<const char*, Attr>>;

/// A concrete value.
ValuePtr concrete(Array, bool weak = false, std::source_location = std::source_location::current());

/// Appends (or evaluates) an operation without regions. The result types come from the shape rule of the operation;
/// a violated constraint throws nuthatch::Error naming op, shapes and `where`. A traced operand whose trace or region
/// has ended, or that belongs to another thread's trace, throws EscapedTracer naming both lines.
/// Literals: a concrete weak scalar becomes nh.constant in the trace; every other concrete operand becomes an argument
/// (a "capture") of the program, so that new data do not mean a new program.
Values emit_all(const char* op, const Values& operands, const Attrs& attrs, std::source_location where);
ValuePtr emit(const char* op, const Values& operands, const Attrs& attrs, std::source_location where);

/// A region: argument types and the function that traces its body. The body runs with the arguments as traced values
/// and returns what the region yields. Exceptions thrown by it leave the trace as it was before the operation.
struct Region {
  std::vector<TensorType> arguments;
  std::function<Values(const Values&)> body;
};
/// Appends (or, outside any trace, evaluates) an operation with regions: for, while, case, custom_derivative, checkpoint,
/// vjp, jvp, vmap. Result types follow from what the regions yield (see Nh.td).
Values emit_regions(const char* op, const Values& operands, const Attrs& attrs, const std::vector<Region>& regions,
                    std::source_location where);

/// True while the calling thread is tracing a program.
bool tracing();

/// A finished program: `arguments` in order, then captured concrete arrays, to results. Opaque to the API; compiled by
/// an Executor. One function named "main".
class Program {
 public:
  virtual ~Program() = default;
  std::vector<TensorType> arguments, results;
  std::vector<Array> captures;      // appended after the arguments at every call
  virtual std::string text() const = 0;  // the IR, for people
};
using ProgramPtr = Shared<Program>;

/// Traces body as a whole program. Nested use (inside another trace) is allowed: values of enclosing traces used in
/// the body throw EscapedTracer.
ProgramPtr trace_program(const std::vector<TensorType>& arguments, const std::function<Values(const Values&)>& body,
                         std::source_location where);

}  // namespace nuthatch::detail
