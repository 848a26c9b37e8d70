#include "nuthatch/debug.h"

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/detail/non_finite.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"

namespace nuthatch {
namespace {

bool finite(const Tensor& x) {
  return !is_float(x.dtype()) || x.size() == 0 || all_of(isfinite(x)).item<bool>();
}

/// "HalfNormal(scale = -10)".
std::string with_parameters(const Distribution& d) {
  std::string text;
  for (const auto& p : d.parameters()) {
    text += (text.empty() ? "" : ", ") + p.name + " = ";
    if (p.value.size() == 1) text += detail::number(flatten(p.value)[0].item());
    else text += to_string(p.value.dtype() == f64 ? min(p.value) : p.value.cast(f64)) + " ...";
  }
  return d.name() + "(" + text + ")";
}

/// Evaluates each site as it passes and stops recording at the first that is not finite.
class Examination final : public Handler {
 public:
  Examination(DensityReport& report, detail::WatchNonFinite& watch) : report_(report), watch_(watch) {}
  void finish(Message& m) override {
    if (!report_.ok) return;
    const bool density = m.primitive == Primitive::sample || m.primitive == Primitive::factor;
    if (!density && m.primitive != Primitive::deterministic && m.primitive != Primitive::param) return;
    const Tensor total = density ? m.total_log_prob() : Tensor(0.0);
    if (density) report_.terms.push_back({m.name, total.item(), m.where});
    // Data may have NaN where they are masked.
    if (finite(total) && (m.observed || finite(m.value))) return watch_.reset();
    report_.ok = false;
    report_.site = m.name;
    report_.where = m.where;
    report_.op = watch_.op;
    report_.op_where = watch_.where;
    if (m.primitive == Primitive::sample) report_.distribution = with_parameters(m.distribution);
  }

 private:
  DensityReport& report_;
  detail::WatchNonFinite& watch_;
};

}  // namespace

DensityReport debug(const LogDensity& density, const Tensor& z, Where where) {
  if (!z.is_concrete() || z.shape() != Shape{density.dim()})
    throw Error("debug: the point must be a concrete vector of length " + std::to_string(density.dim()) + ", but it has shape " +
                    to_string(z.shape()),
                where);
  DensityReport report;
  detail::WatchNonFinite watch;
  Examination examination(report, watch);
  Active active(examination);
  density(z);
  return report;
}

std::string to_string(const DensityReport& r) {
  std::string text;
  for (const auto& term : r.terms)
    text += term.site + ": " + detail::number(term.log_density) + "  (" + to_string(term.where) + ")\n";
  if (r.ok) return text + "all finite\n";
  text += "site \"" + r.site + "\" (" + to_string(r.where) + ")";
  if (!r.distribution.empty()) text += ": " + r.distribution;
  text += " is not finite";
  if (!r.op.empty()) text += "\n  the first number that is not finite comes from " + r.op + " at " + to_string(r.op_where);
  return text + "\n";
}

}  // namespace nuthatch
