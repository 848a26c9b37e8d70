#pragma once
/// The statements of a model. Outside of every handler they return their plain value.
#include <string>

#include "nuthatch/distribution.h"
#include "nuthatch/function.h"
#include "nuthatch/observed.h"
#include "nuthatch/options.h"

namespace nuthatch {

struct SampleOptions {
  OnlyNamed only_named{};
  /// Independent copies: the batch shape becomes sample_shape + batch_shape.
  Shape sample_shape{};
  /// A discrete latent site to be summed out by `marginalize`.
  bool enumerate = false;
  /// Of an observation: true where there are data. The statement becomes the sites `<name>_observed`, masked where there
  /// are none, and `<name>_unobserved`, latent and masked where there are; the completed tensor is recorded as
  /// deterministic `<name>`. For variational inference: under MCMC the masked elements would be improper; mark missing
  /// data by NaN there.
  Tensor obs_mask{};
  /// The random key of the draw; undefined: from a seed handler.
  Key key{};
};

/// A latent site: an unknown with a prior.
Tensor sample(const std::string& name, const Distribution& distribution, Where where = Where::current());
Tensor sample(const std::string& name, const Distribution& distribution, const SampleOptions& options,
              Where where = Where::current());
/// An observation site, also when `observed` is empty: then it is what prediction predicts.
///
/// NaN among the data of a univariate distribution, of counts as well, marks missing values. They become a latent site
/// `<name>_missing`, a vector with the distributions of these elements; the observation is masked there and the
/// completed tensor returned. Inside of a mask nothing is completed: there it says what counts.
Tensor sample(const std::string& name, const Distribution& distribution, const Observed& observed,
              Where where = Where::current());
Tensor sample(const std::string& name, const Distribution& distribution, const Observed& observed,
              const SampleOptions& options, Where where = Where::current());
/// Records a quantity under a name and returns it.
Tensor deterministic(const std::string& name, const Tensor& value, Where where = Where::current());
/// Adds a term to the log density.
void factor(const std::string& name, const Tensor& log_factor, Where where = Where::current());
struct ParamOptions {
  OnlyNamed only_named{};
  Constraint constraint{};
  /// Inside plates: dimensions of one member's value. The param then has one value per member of the whole plate, and a
  /// subsampled plate takes those of its members in use.
  int event_dim = -1;
};
/// A quantity to be optimised, without a prior; `initial` when nobody provides another value.
Tensor param(const std::string& name, const Tensor& initial, const Constraint& constraint = {},
             Where where = Where::current());
Tensor param(const std::string& name, const Tensor& initial, const ParamOptions& options,
             Where where = Where::current());
/// With a random initial value: initial(key), where the key comes from a seed handler.
Tensor param(const std::string& name, Function<Tensor(const Key&)> initial, const ParamOptions& options = {},
             Where where = Where::current());

/// A quantity that one run of the model hands to the next, such as running averages of batch normalisation: without
/// prior, density or gradient. A run starts from the value of the run before (SVI keeps it), else from `initial`; its
/// trace records the last value set.
class MutableState {
 public:
  MutableState(const std::string& name, const Tensor& initial, Where where = Where::current());
  const Tensor& value() const { return value_; }
  void set(const Tensor& value, Where where = Where::current());

 private:
  std::string name_;
  Tensor value_;
};

/// A random key for the model's own use, from the seed handler and the name; an empty key without one.
Key prng_key(const std::string& name, Where where = Where::current());
/// The masks around this line, combined; undefined where there are none. Lets a model skip what nobody counts.
Tensor get_mask(Where where = Where::current());

}  // namespace nuthatch
