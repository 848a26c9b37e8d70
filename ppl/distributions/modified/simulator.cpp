#include "nuthatch/simulator.h"

#include <cmath>
#include <string>

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/detail/simulation.h"
#include "nuthatch/handlers.h"
#include "nuthatch/math.h"
#include "nuthatch/order.h"
#include "nuthatch/transform.h"
#include "ppl/core/message_rules.h"

namespace nuthatch {
namespace {

Tensor gaussian(const Tensor& data, const Tensor& simulated, const Tensor& epsilon) {
  return -0.5 * square((data - simulated) / epsilon);
}
Tensor laplace(const Tensor& data, const Tensor& simulated, const Tensor& epsilon) {
  return -abs(data - simulated) / epsilon;
}

/// Distances between rows of a and rows of b.
Tensor distances(const Tensor& a, const Tensor& b) {
  return sqrt(sum(square(expand_dims(a, 1) - expand_dims(b, 0)), -1));
}
/// Perez-Cruz, Kullback-Leibler divergence estimation of continuous distributions (2008), with one neighbour.
Tensor kullback_leibler(const Tensor& data, const Tensor& simulated, const Tensor& epsilon) {
  auto rows = [](const Tensor& x) { return x.shape().size() == 1 ? expand_dims(x, -1) : x; };
  const Tensor x = rows(data), y = rows(simulated);
  if (x.shape().size() != 2 || x.size(0) < 2)
    throw Error("Simulator: kullback_leibler compares data of shape [n] or [n, dims], n >= 2, but they have shape " +
                to_string(data.shape()));
  const double n = double(x.size(0)), dims = double(x.size(1));
  const Tensor among = min(distances(x, x) + select(eye(x.size(0)) > 0.0, INFINITY, 0.0), 1);
  const Tensor across = min(distances(x, y), 1);
  return -(dims / n * sum(log(across / among)) + std::log(n / (n - 1.0))) / epsilon;
}

Function<Tensor(const Tensor&)> summary_named(const std::string& name, Where where) {
  if (name == "identity") return [](const Tensor& x) { return x; };
  if (name == "sort") return [](const Tensor& x) { return sort(x); };
  if (name == "mean") return [](const Tensor& x) { return mean(x); };
  if (name == "median") return [](const Tensor& x) { return median(x); };
  throw Error("Simulator: summary is \"identity\", \"sort\", \"mean\", \"median\" or a function, not \"" + name + "\"", where);
}
Function<Tensor(const Tensor&, const Tensor&, const Tensor&)> distance_named(const std::string& name, Where where) {
  if (name == "gaussian") return gaussian;
  if (name == "laplace") return laplace;
  if (name == "kullback_leibler") return kullback_leibler;
  throw Error("Simulator: distance is \"gaussian\", \"laplace\", \"kullback_leibler\" or a function, not \"" + name + "\"",
              where);
}

class SimulatorDensity final : public detail::DistributionImpl {
 public:
  SimulatorDensity(SimulatorOptions options, Shape event, Dtype dtype, Where line)
      : DistributionImpl("Simulator", {}, std::move(event), line), options_(std::move(options)), dtype_(dtype) {
    if (auto bad = Constraint(constraints::positive).violation(options_.epsilon, "epsilon"))
      problem = "Simulator: epsilon must be positive, but " + *bad;
  }
  /// Nobody knows.
  Constraint support() const override { return Constraint(constraints::dependent).independent(int(event_shape.size())); }
  Tensor log_prob(const Tensor& value) const override {
    const Key key = detail::SimulationKey::current();
    if (!key.tensor().defined())
      throw Error("Simulator: its density is estimated by a simulation, which needs a random key: sample with SMC, or call "
                  "the model as seed(model, Key(...))",
                  where);
    const Shape members = detail::leading(value.shape(), event_shape.size());
    if (members.empty()) return log_kernel(value, key);
    // Members of plates have simulations of their own.
    const std::int64_t count = members.num_elements();
    const Tensor each = vmap([&](const Tensor& v, const Key& k) { return log_kernel(v, k); })(
        reshape(value, detail::join(Shape{count}, event_shape)), split(key, count));
    return reshape(each, members);
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    const Shape members = detail::leading(shape, event_shape.size());
    if (members.empty()) return draw(key);
    if (members.num_elements() == 0) return zeros(shape, dtype_);
    return reshape(vmap([&](const Key& k) { return draw(k); })(split(key, members.num_elements())), shape);
  }

 private:
  Tensor log_kernel(const Tensor& value, const Key& key) const {
    const Tensor data = options_.summary(value.cast(f64)), simulated = options_.summary(draw(key).cast(f64));
    if (data.shape() != simulated.shape())
      throw Error("Simulator: the summary of the data has shape " + to_string(data.shape()) + ", that of a simulation " +
                      to_string(simulated.shape()),
                  where);
    const Tensor closeness = options_.distance(data, simulated, options_.epsilon);
    return closeness.shape().empty() ? closeness : sum(closeness);
  }
  Tensor draw(const Key& key) const {
    Tensor x = options_.draw(key);
    if (x.shape() != event_shape)
      throw Error("Simulator: draw gave a data set of shape " + to_string(x.shape()) + " after one of shape " +
                      to_string(event_shape),
                  where);
    return x;
  }
  SimulatorOptions options_;
  Dtype dtype_;
};

Distribution made(const SimulatorOptions& options, Where where) {
  if (!options.draw) throw Error("Simulator: .draw is missing, a function from a random key to a data set", where);
  // Where the model is traced this first data set is never computed.
  const Tensor example = options.draw(Key(0));
  return Distribution(share<SimulatorDensity>(options, example.shape(), example.dtype(), where));
}

thread_local Key present;

}  // namespace

SummaryStatistic::SummaryStatistic(const char* name, Where where) : function_(summary_named(name, where)) {}
SimulatorDistance::SimulatorDistance(const char* name, Where where) : function_(distance_named(name, where)) {}
Simulator::Simulator(const SimulatorOptions& options, Where where) : Distribution(made(options, where)) {}

namespace detail {

bool is_simulated(const Distribution& d) {
  const DistributionImpl* impl = d.impl().get();
  while (impl && impl->base()) impl = impl->base();
  return dynamic_cast<const SimulatorDensity*>(impl) != nullptr;
}

SimulationKey::SimulationKey(const Key& key) : before_(present) { present = key; }
SimulationKey::~SimulationKey() { present = before_; }
Key SimulationKey::current() { return present; }

void SimulationHandler::process(Message& m) {
  if (m.primitive == Primitive::sample && needs_key(m) && is_simulated(m.distribution)) m.key = site_key(key_, m.name);
}

}  // namespace detail
}  // namespace nuthatch
