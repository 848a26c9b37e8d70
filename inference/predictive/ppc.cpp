#include "nuthatch/ppc.h"

#include "nuthatch/array.h"
#include "nuthatch/detail/emit.h"
#include "nuthatch/math.h"

namespace nuthatch {
namespace {

struct Samples {
  Tensor replicated;  // (samples, ...)
  Tensor observed;
};

Samples samples_of(const InferenceData& data, const std::string& name, Where where) {
  if (!data.observed_data.contains(name))
    throw Error("posterior predictive check: observed_data has no `" + name + "`", where);
  for (const Dataset* group : {&data.posterior_predictive, &data.predictions, &data.prior_predictive}) {
    if (!group->contains(name)) continue;
    const DataArray draws = (*group)[name].with_leading({"chain", "draw"}, where);
    detail::Array values = draws.values();
    Shape shape{values.shape[0] * values.shape[1]};
    shape.insert(shape.end(), values.shape.begin() + 2, values.shape.end());
    values.shape = shape;
    Samples result{detail::wrap(detail::concrete(std::move(values))), data.observed_data[name].tensor()};
    Shape event(std::vector<std::int64_t>(shape.begin() + 1, shape.end()));
    if (event != result.observed.shape())
      throw Error("posterior predictive check: predictions of `" + name + "` have shape " + to_string(event) +
                      ", the data " + to_string(result.observed.shape()),
                  where);
    return result;
  }
  throw Error("posterior predictive check: no predictions of `" + name +
                  "`; fit.extend(Predictive(model, fit)(key, ...)) adds them",
              where);
}

PpcTest compare(const Tensor& replicated, const Tensor& observed, const std::string& name, Where where) {
  if (!observed.shape().empty() || replicated.ndim() != 1)
    throw Error("posterior predictive check of `" + name + "`: a statistic must be one number, but it has shape " +
                    to_string(observed.shape()),
                where);
  PpcTest test{replicated.cast(f64), observed.cast(f64).item(), 0};
  test.p_value = mean((test.replicated >= test.observed).cast(f64)).item();
  return test;
}

}  // namespace

PpcTest detail::ppc_test(const InferenceData& data, const std::string& name,
                         FunctionRef<Tensor(const Tensor&)> statistic, FunctionRef<Tensor(const Tensor&)> of_each,
                         Where where) {
  const Samples s = samples_of(data, name, where);
  return compare(of_each(s.replicated), statistic(s.observed), name, where);
}

Table ppc_p_values(const InferenceData& data, const std::string& name, Where where) {
  const Samples s = samples_of(data, name, where);
  const Tensor rows = reshape(s.replicated, {s.replicated.size(0), -1}).cast(f64), y = flatten(s.observed).cast(f64);
  Table table({"observed", "replicated", "p_value"});
  auto add = [&](const char* label, const Tensor& replicated, const Tensor& observed) {
    const PpcTest test = compare(replicated, observed, name, where);
    table.add_row(label, {test.observed, mean(test.replicated).item(), test.p_value}, where);
  };
  add("mean", mean(rows, 1), mean(y));
  add("sd", stddev(rows, {.axis = 1, .ddof = 1}), stddev(y, {.ddof = 1}));
  add("min", min(rows, 1), min(y));
  add("max", max(rows, 1), max(y));
  add("median", median(rows, 1), median(y));
  return table;
}

}  // namespace nuthatch
