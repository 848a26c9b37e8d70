#include "backends/runtime/host_calls.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <string>
#include <vector>

#include "backends/runtime/data_threads.h"
#include "backends/runtime/group_clock.h"
#include "backends/runtime/thread_group.h"
#include "nuthatch/detail/foreign.h"
#include "nuthatch/detail/report.h"

namespace nuthatch {

namespace {
using detail::Array;

Shape shapeOf(const NuthatchOperand& o) { return Shape(std::vector<std::int64_t>(o.shape, o.shape + o.rank)); }

/// Calls f(element in `array`, element of chain `lane` in memory, bytes); bools have two forms and are treated apart.
template <class F> void eachElement(const NuthatchOperand& o, std::int64_t n, std::byte* memory, std::int64_t lane, F f) {
  const auto dtype = Dtype(o.dtype);
  const auto bytes = std::int64_t(dtype == Dtype::bool_ && o.stride > 1 ? 8 : size_of(dtype));
  for (std::int64_t i = 0; i < n; ++i) f(i, memory + (i * o.stride + (o.stride > 1 ? lane : 0)) * bytes);
}

Array read(const NuthatchOperand& o, void* memory, std::int64_t lane) {
  Array out(Dtype(o.dtype), shapeOf(o));
  const bool words = out.dtype == Dtype::bool_ && o.stride > 1;
  const auto size = size_of(out.dtype);
  eachElement(o, out.num_elements(), static_cast<std::byte*>(memory), lane, [&](std::int64_t i, const std::byte* from) {
    if (words) out.as<bool>()[i] = *reinterpret_cast<const std::int64_t*>(from) < 0;
    else std::memcpy(out.data.get() + std::size_t(i) * size, from, size);
  });
  return out;
}

void write(const Array& x, const NuthatchOperand& o, void* memory, std::int64_t lane) {
  const bool words = x.dtype == Dtype::bool_ && o.stride > 1;
  const auto size = size_of(x.dtype);
  eachElement(o, x.num_elements(), static_cast<std::byte*>(memory), lane, [&](std::int64_t i, std::byte* to) {
    if (words) *reinterpret_cast<std::int64_t*>(to) = x.as<bool>()[i] ? -1 : 0;
    else std::memcpy(to, x.data.get() + std::size_t(i) * size, size);
  });
}

/// Nothing may be thrown through compiled code.
template <class F> void guarded(F f) {
  try {
    f();
  } catch (const std::exception& e) {
    detail::report_failure(e.what());
  } catch (...) {
    detail::report_failure("foreign code threw what is no std::exception");
  }
}

/// One call for all elements of all lanes, where lanes make no difference.
bool callAtOnce(const detail::ForeignFunction& f, const NuthatchHostCall& call, void* const* operands) {
  const auto count = call.num_inputs + call.num_results;
  std::vector<std::int64_t> sizes;
  for (std::int64_t k = 0; k < count; ++k) {
    const auto& o = call.operands[k];
    if (!f.elementwise || o.stride != call.operands[0].stride) return false;
    sizes.push_back(shapeOf(o).num_elements() * o.stride);
  }
  const auto in = std::size_t(call.num_inputs), out = std::size_t(call.num_results);
  detail::call_foreign(f, {operands, in}, {sizes.data(), in}, {operands + in, out}, {sizes.data() + in, out});
  return true;
}
}  // namespace

void* runtime::hostSymbol(const char* name) {
  const std::string symbol = name, foreign = "nuthatch.foreign.";
  if (symbol == "nuthatch_report") return reinterpret_cast<void*>(&nuthatch_report);
  if (symbol == "nuthatch_custom_call") return reinterpret_cast<void*>(&nuthatch_custom_call);
  if (symbol == runtime::kRunChunks) return reinterpret_cast<void*>(&runtime::runChunks);
  if (symbol == runtime::kGroupBarrier) return reinterpret_cast<void*>(&runtime::groupBarrier);
  if (symbol == runtime::kGroupExchange) return reinterpret_cast<void*>(&runtime::groupExchange);
  if (symbol == "nuthatch_profile_group") return reinterpret_cast<void*>(&nuthatch_profile_group);
  if (!symbol.starts_with(foreign)) return nullptr;
  return const_cast<detail::ForeignFunction*>(&detail::foreign_function(symbol.substr(foreign.size())));
}

}  // namespace nuthatch

using namespace nuthatch;

void nuthatch_report(const NuthatchHostCall* call, void* const* operands, std::int64_t chain0, std::int64_t active) {
  guarded([&] {
    for (std::int64_t lane = 0; lane < active; ++lane) {
      std::vector<Array> values;
      for (std::int64_t k = 0; k < call->num_inputs; ++k) values.push_back(read(call->operands[k], operands[k], lane));
      detail::report({call->text, call->setting != 0}, values[0], std::span(values).subspan(1), chain0 + lane);
    }
  });
}

void nuthatch_custom_call(const NuthatchHostCall* call, void* const* operands, std::int64_t active, const void* function) {
  const auto& f = *static_cast<const detail::ForeignFunction*>(function);
  guarded([&] {
    if (callAtOnce(f, *call, operands)) return;
    // Lanes one after the other; lanes without a chain repeat the last one.
    std::int64_t lanes = 1;
    for (std::int64_t k = 0; k < call->num_inputs + call->num_results; ++k) lanes = std::max(lanes, call->operands[k].stride);
    std::vector<Array> inputs, results;
    for (std::int64_t lane = 0; lane < lanes; ++lane) {
      if (lane < active) {
        inputs.clear();
        results.clear();
        for (std::int64_t k = 0; k < call->num_inputs; ++k) inputs.push_back(read(call->operands[k], operands[k], lane));
        for (std::int64_t k = 0; k < call->num_results; ++k) {
          const auto& o = call->operands[call->num_inputs + k];
          results.emplace_back(Dtype(o.dtype), shapeOf(o));
        }
        detail::call_foreign(f, call->setting, inputs, results);
      }
      for (std::int64_t k = 0; k < call->num_results; ++k)
        write(results[std::size_t(k)], call->operands[call->num_inputs + k], operands[call->num_inputs + k], lane);
    }
  });
}
