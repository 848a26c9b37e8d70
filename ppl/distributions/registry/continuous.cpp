// Continuous distributions of one number.
#include "nuthatch/distributions.h"
#include "ppl/distributions/registry/entries.h"

namespace nuthatch::detail {

Entries continuous_entries() {
  return {
      two<Beta>("Beta", "concentration1", "concentration0", {{2.0, 3.0}, {0.4, 0.6}, {1.0, 1.0}, {20.0, 0.5}}),
      two<Cauchy>("Cauchy", "loc", "scale", {{0.5, 2.0}}),
      one<Exponential>("Exponential", "rate", {{2.0}, {0.1}}),
      two<Gamma>("Gamma", "concentration", "rate", {{2.5, 1.5}, {0.3, 2.0}, {50.0, 0.5}}),
      one<HalfCauchy>("HalfCauchy", "scale", {{1.5}}),
      one<HalfNormal>("HalfNormal", "scale", {{2.0}}),
      {"ImproperUniform", {}, [](P) { return ImproperUniform(constraints::real); }, {{}}, false},
      two<InverseGamma>("InverseGamma", "concentration", "rate", {{2.5, 1.5}, {8.0, 3.0}}),
      two<Laplace>("Laplace", "loc", "scale", {{1.0, 2.0}}),
      two<LogNormal>("LogNormal", "loc", "scale", {{1.0, 0.5}}),
      two<Logistic>("Logistic", "loc", "scale", {{1.0, 2.0}}),
      two<Normal>("Normal", "loc", "scale", {{1.0, 2.0}}),
      three<StudentT>("StudentT", "df", "loc", "scale", {{3.0, 1.0, 2.0}, {30.0, 0.0, 1.0}}),
      two<Uniform>("Uniform", "low", "high", {{-1.0, 3.0}}),
  };
}

}  // namespace nuthatch::detail
