// The reports of a run: what compiled code, the interpreter and eager operations have in common.
#include "ir/api/formatting.h"
#include "ir/api/operands.h"
#include "nuthatch/detail/report.h"
#include "nuthatch/error.h"

namespace nuthatch::detail {

namespace {
thread_local RunReports* current = nullptr;

/// Slice `position` of the leading dimensions that make up `count` elements.
Tensor slice_at(const Array& x, std::int64_t position, std::size_t leading) {
  Array slice(x.dtype, Shape(std::vector<std::int64_t>(x.shape.begin() + std::ptrdiff_t(leading), x.shape.end())));
  std::copy_n(x.data.get() + std::size_t(position) * slice.bytes(), slice.bytes(), slice.data.get());
  return wrap(concrete(std::move(slice)));
}

/// "[1, 2]" of a row-major position.
std::string index_text(std::int64_t position, const Shape& shape) {
  Shape index(shape);
  for (std::size_t d = shape.size(); d-- > 0; position /= shape[d]) index[d] = position % shape[d];
  return to_string(index);
}
}  // namespace

std::int64_t count_fields(const std::string& text) {
  std::int64_t fields = 0;
  try {
    for_each_piece(text, [&](std::string_view, bool field) { fields += field; });
  } catch (const Error&) {
    return -1;
  }
  return fields;
}

RunReports::RunReports(bool chains) : chains_(chains), outer_(current) { current = this; }
RunReports::~RunReports() { close(); }

void RunReports::close() {
  if (open_) current = outer_;
  open_ = false;
}

void RunReports::finish() {
  close();
  for (const auto& [chain, text] : lines) print_text(text);
  if (!failure.empty()) throw Error(failure);
}

void report_failure(const std::string& message, std::int64_t chain) {
  if (!current) throw Error(message);
  if (!current->failure.empty() && chain >= current->failed_chain) return;
  current->failure = message;
  current->failed_chain = chain;
}

void report(const ReportText& what, const Array& mask, std::span<const Array> values, std::int64_t chain) {
  if (what.fatal && current && !current->failure.empty() && chain >= current->failed_chain) return;
  for (std::int64_t i = 0; i < mask.num_elements(); ++i) {
    if (!mask.as<bool>()[i]) continue;
    std::vector<PrintArgument> arguments;
    for (const Array& x : values) arguments.push_back(slice_at(x, i, mask.shape.size()));
    std::string text = format_arguments(what.text, arguments);
    const bool named = current && current->chains_ && chain >= 0;
    if (what.fatal) {
      if (!mask.shape.empty()) text += ", at element " + index_text(i, mask.shape) + " of vmap";
      if (named) text += ", in chain " + std::to_string(chain);
      report_failure(text, chain);
      return;  // the first of this report
    }
    text = (named ? "chain " + std::to_string(chain) + ": " : "") + text + "\n";
    if (current && current->chains_) current->lines[chain] += text;
    else print_text(text);
  }
}

}  // namespace nuthatch::detail
