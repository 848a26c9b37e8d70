// Reference kernels of what talks to the host. A report goes to the run it happens in, see detail/report.h.
#include <cstring>

#include "ir/ops/eval_support.h"
#include "nuthatch/detail/foreign.h"
#include "nuthatch/detail/report.h"

namespace nuthatch::ir {
namespace api = ::nuthatch::detail;

void registerHostEval() {
  registerEval("custom_call", [](const Attributes& attributes, Operands in, Results out) {
    api::call_foreign(api::foreign_function(attributes.text("function")), attributes.integer("batch"), in, out);
  });
  registerEval("report", [](const Attributes& attributes, Operands in, Results) {
    api::report({attributes.text("text"), attributes.flag("fatal")}, in[0], in.subspan(1), -1);
  });
  registerEval("barrier", [](const Attributes&, Operands in, Results out) {
    std::memcpy(out[0].data.get(), in[0].data.get(), in[0].bytes());
  });
}

}  // namespace nuthatch::ir
