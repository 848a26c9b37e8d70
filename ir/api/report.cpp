// check and debug_print: what is known while tracing becomes text, tensors become values of nh.report.
#include "nuthatch/report.h"

#include "ir/api/formatting.h"
#include "ir/api/operands.h"
#include "ir/api/quiet.h"
#include "nuthatch/detail/report.h"
#include "nuthatch/math.h"

namespace nuthatch::detail {

namespace {
thread_local int quiet = 0;

std::string escaped(const std::string& text) {
  std::string out;
  for (char c : text) {
    out += c;
    if (c == '{' || c == '}') out += c;
  }
  return out;
}

/// The format with all but tensors filled in; `values` receives the tensors.
std::string filled_in(const char* op, const LocatedText& format, std::initializer_list<PrintArgument> arguments,
                      Values& values) {
  std::string out;
  std::size_t used = 0;
  try {
    for_each_piece(format.text, [&](std::string_view text, bool field) {
      if (!field) {
        out += escaped(std::string(text));
        return;
      }
      if (used == arguments.size()) throw Error("\"" + format.text + "\" has more fields than arguments");
      const PrintArgument& x = arguments.begin()[used++];
      if (x.kind != PrintArgument::Kind::tensor) {
        out += escaped(field_text(text, x));
        return;
      }
      const Value& v = checked(op, x.tensor, format.where);
      Array zero(v.type.dtype, {});  // a spec that does not fit the dtype is an error here, not when the program runs
      std::fill_n(zero.data.get(), zero.bytes(), std::byte{0});
      field_text(text, PrintArgument(wrap(concrete(std::move(zero)))));
      out += text.empty() ? "{}" : "{:" + std::string(text) + "}";
      values.push_back(value(x.tensor));
    });
    if (used != arguments.size())
      throw Error("\"" + format.text + "\" has " + std::to_string(used) + " fields for " + std::to_string(arguments.size()) + " values");
  } catch (const EscapedTracer&) {
    throw;
  } catch (const Error& e) {
    fail(op, e.what(), format.where);
  }
  return out;
}

void emit_report(const std::string& text, bool fatal, const Tensor& mask, const Values& values, Where where) {
  Values operands{value(mask)};
  operands.insert(operands.end(), values.begin(), values.end());
  emit_all("report", operands, {{"text", text}, {"fatal", fatal}}, where);
}
}  // namespace

Quiet::Quiet() { ++quiet; }
Quiet::~Quiet() { --quiet; }

void check(const Arg& condition, const LocatedText& message, std::initializer_list<PrintArgument> arguments) {
  const Value& v = checked("check", condition.tensor, message.where);
  if (v.type.dtype != Dtype::bool_)
    fail("check", "the condition is " + describe(condition.tensor) + ", not bool", message.where);
  if (quiet) return;
  Values values;
  const std::string text = escaped(to_string(message.where) + ": check: ") + filled_in("check", message, arguments, values);
  const Tensor holds = v.type.shape.empty() ? condition.tensor : all_of(condition.tensor, {}, message.where);
  emit_report(text, true, unary(Unary::logical_not, "check", holds, message.where), values, message.where);
}

void debug_print(const LocatedText& format, std::initializer_list<PrintArgument> arguments) {
  if (quiet) return;
  Values values;
  const std::string text = filled_in("debug_print", format, arguments, values);
  Array always(Dtype::bool_, {});
  *always.as<bool>() = true;
  emit_report(text, false, constant(std::move(always), format.where), values, format.where);
}

}  // namespace nuthatch::detail
