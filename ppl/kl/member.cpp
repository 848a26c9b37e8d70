#include "nuthatch/math.h"
#include "ppl/kl/pairs.h"

namespace nuthatch::detail {

Tensor Member::operator[](const char* name) const {
  for (const auto& p : parameters)
    if (p.name == name) return p.value;
  return {};
}

Member member(const DistributionImpl& d) {
  Member m{d.name, d.parameters};
  auto as = [&](const char* family, const char* a, const Tensor& x, const char* b, const Tensor& y) {
    m = {family, {{a, x, Constraint()}, {b, y, Constraint()}}};
  };
  if (m.family == "Exponential") as("Gamma", "concentration", 1.0, "rate", m["rate"]);
  else if (m.family == "Chi2") as("Gamma", "concentration", 0.5 * m["df"], "rate", 0.5);
  else if (m.family == "BetaProportion")
    as("Beta", "concentration1", m["mean"] * m["concentration"], "concentration0",
       (1.0 - m["mean"]) * m["concentration"]);
  else if (m.family == "Rayleigh") as("Weibull", "scale", 1.4142135623730951 * m["scale"], "concentration", 2.0);
  else if (m.family == "GammaPoisson")
    as("NegativeBinomial", "total_count", m["concentration"], "logits", -log(m["rate"]));
  else if (m.family == "NegativeBinomial" && m["mean"].defined())
    as("NegativeBinomial", "total_count", m["concentration"], "logits", log(m["mean"]) - log(m["concentration"]));
  return m;
}

}  // namespace nuthatch::detail
