#include <algorithm>

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/discrete.h"
#include "nuthatch/distributions/improper_uniform.h"
#include "nuthatch/math.h"
#include "ppl/core/enumerated_scan.h"
#include "ppl/core/sum_product.h"

namespace nuthatch {
namespace {

using discrete::EnumeratedScan;
using discrete::Factor;
using discrete::Semiring;
using discrete::Variable;
using tree::Leaves;

thread_local detail::DiscreteRecovery recovery = detail::DiscreteRecovery::none;

/// A density that was computed elsewhere: an observation after the sum over what it depends on.
class Computed final : public detail::DistributionImpl {
 public:
  Computed(const Distribution& original, Tensor density, Shape batch)
      : DistributionImpl(original.name(), {}, original.event_shape(), original.impl()->where), original_(original),
        density_(std::move(density)) {
    batch_shape = std::move(batch);
  }
  Constraint support() const override { return original_.support(); }
  Tensor log_prob(const Tensor&) const override { return density_; }
  Tensor sample(const Key&, const Shape&) const override {
    throw Error(name + ": a marginalised observation has no draws; predict with the model before marginalize", where);
  }

 private:
  Distribution original_;
  Tensor density_;
};

class Marginalization final : public Handler, public detail::StepEnumerator {
 public:
  Marginalization(const std::vector<std::string>& names, const MarginalizeOptions& options, Where where)
      : names_("marginalize", "sample site", names, where), wanted_(names), first_(-1 - options.max_plate_nesting),
        next_(first_), how_(options.chains), where_(where) {}

  /// In the body of a scan it sees every step: a density there may depend on a site of the step before.
  bool stepwise() const override { return true; }

  void process(Message& m) override {
    EnumeratedScan* const scan = scan_around();
    if (m.primitive == Primitive::deterministic && depends(m.value.ndim())) m.stop = true;
    if (m.primitive == Primitive::sample) names_.add(m.name);
    if (m.primitive != Primitive::sample && m.primitive != Primitive::factor) return;
    for (const PlateFrame& plate : m.plates)
      if (plate.dim <= first_)
        throw Error("marginalize: " + std::to_string(m.plates.size()) + " plates are nested here; .max_plate_nesting is " +
                        std::to_string(-1 - first_) + m.context(),
                    m.where);
    if (m.primitive == Primitive::sample && !m.value.defined() && !m.observation && is_wanted(m)) {
      m.infer.enumerate = m.stop = true;
      m.enumeration_dim = first_;
      return scan ? enumerate_steps(*scan, m) : enumerate(m);
    }
    m.enumeration_dim = first_;
    const std::int64_t dims =
        m.primitive == Primitive::sample ? std::int64_t(m.distribution.batch_shape().size()) : m.value.ndim();
    if (!depends(dims)) return;
    if (scan && detail::has_all_steps(m))
      throw Error("marginalize: " + m.title() + " depends on an enumerated site and is in nested scans, where no sum is taken" +
                      m.context(),
                  m.where);
    if (m.primitive == Primitive::sample && !m.value.defined()) m.value = continuous_value(m);
    m.stop = true;
    if (scan) scan->expect(m.name);
    else collected_.push_back(m.name);
  }

  void finish(Message& m) override {
    EnumeratedScan* const scan = scan_around();
    if (m.primitive != Primitive::sample && m.primitive != Primitive::factor) return;
    if (scan ? !scan->expects(m.name) : std::find(collected_.begin(), collected_.end(), m.name) == collected_.end()) return;
    Factor f;
    f.value = m.unscaled_log_prob();
    f.scale = m.scale;
    std::vector<std::int64_t> extents;
    for (const PlateFrame& plate : m.plates) {
      f.plates[plate.name] = plate.dim;
      if (extents.size() < std::size_t(-plate.dim)) extents.insert(extents.begin(), std::size_t(-plate.dim) - extents.size(), 1);
      extents[extents.size() - std::size_t(-plate.dim)] = plate.size;
    }
    f.value = detail::broadcast_if_needed(f.value, *detail::try_broadcast(f.value.shape(), Shape(extents)));
    auto varies = [&](int dim) { return f.value.ndim() + dim >= 0 && f.value.shape()[std::size_t(f.value.ndim() + dim)] > 1; };
    for (const EnumeratedScan& before : scans_)
      if (before.has_sites() && varies(before.dim()))
        throw Error("marginalize: " + m.title() + " depends on \"" + before.names() +
                        "\" and is outside of the body of its scan; only what is inside is summed" + m.context(),
                    m.where);
    if (scan) return scan->add_term(m, f.value);
    for (const Variable& v : variables_)
      if (varies(v.dim)) f.variables.insert(v.dim);
    if (m.observed && m.observation) {
      f.observations.push_back(m.name);
      observations_.push_back(m);
    } else if (!m.infer.enumerate) {
      f.observations.push_back("");  // no observation, but part of the density
    }
    factors_.push_back(std::move(f));
  }

  void returned() override {
    names_.check();
    if (variables_.empty() && scans_.empty()) return;
    const discrete::Eliminated sums = discrete::eliminate(factors(Semiring::sum), variables_, Semiring::sum, how_);
    for (const Message& m : observations_) {
      const auto it = sums.pointwise.find(m.name);
      if (it != sums.pointwise.end()) observe(m, it->second.first, it->second.second);
    }
    std::string name;
    for (const Variable& v : variables_) name += (name.empty() ? "" : "_") + v.name;
    for (const EnumeratedScan& scan : scans_)
      if (scan.has_sites()) name += (name.empty() ? "" : "_") + scan.names();
    Message total(Primitive::factor, name + "_marginal", where_);
    total.value = sums.total;
    detail::dispatch_outside(*this, total);
    if (recovery != detail::DiscreteRecovery::none) recover(sums);
  }

  // ---- scans whose bodies have enumerated sites ----
  void begin_steps(detail::ScanBody& body) override {
    if (detail::body_inside(*this)) return;  // of a scan in the body of another
    if (!scan_) scan_ = share<EnumeratedScan>(body, next_, first_);
    scan_->begin();
  }
  Leaves start_steps(const Leaves& init) override { return scan_ ? scan_->start(init) : init; }
  bool end_steps(Leaves& out, const Leaves& init, Leaves& terms) override { return scan_->end(out, init, terms); }
  void complete_steps(Leaves& results, const Leaves& terms) override {
    scan_->complete(results, terms);
    next_ -= scan_->dims() > 0;
    if (!terms.empty()) scans_.push_back(std::move(*scan_));
    scan_ = nullptr;
  }

 private:
  /// The scan in whose body the present statement is.
  EnumeratedScan* scan_around() const { return scan_ && detail::body_inside(*this) ? scan_.get() : nullptr; }
  /// All factors, the paths of scans summed out.
  std::vector<Factor> factors(Semiring semiring) const {
    std::vector<Factor> all = factors_;
    for (const EnumeratedScan& scan : scans_)
      for (Factor& f : scan.factors(semiring, variables_, how_)) all.push_back(std::move(f));
    return all;
  }
  bool depends(std::int64_t dims) const { return dims > -1 - first_; }
  bool is_wanted(const Message& m) const {
    return wanted_.empty() ? m.infer.enumerate
                           : std::find(wanted_.begin(), wanted_.end(), m.name) != wanted_.end();
  }

  static void check_finite(const Message& m) {
    if (!m.distribution.has_enumerate_support() || !m.distribution.event_shape().empty())
      throw Error("marginalize: " + m.distribution.name() + " has no finite list of numbers to sum over" + m.context(), m.where);
  }

  void enumerate_steps(EnumeratedScan& scan, Message& m) {
    check_finite(m);
    m.value = scan.add_site(m);
  }

  void enumerate(Message& m) {
    Variable v;
    v.name = m.name;
    v.dim = next_--;
    v.where = m.where;
    v.frames = m.plates;
    for (const PlateFrame& plate : m.plates) v.plates[plate.name] = plate.dim;
    const bool chain = m.distribution.name() == "DiscreteMarkovChain";
    Shape shape(std::size_t(-v.dim), 1);
    if (chain) {
      const auto& parameters = m.distribution.parameters();
      v.chain = true;
      v.length = m.distribution.event_shape()[0];
      v.copies = m.distribution.batch_shape();
      if (std::count_if(v.copies.begin(), v.copies.end(), [](std::int64_t n) { return n > 1; }) > std::int64_t(m.plates.size()))
        throw Error("marginalize: several Markov chains in one site need a plate" + m.context(), m.where);
      v.log_transition = log(parameters[0].value);
      v.log_initial = log(parameters[1].value);
      v.support = arange(v.log_initial.size(-1));
      shape[0] = v.k();
      m.value = reshape(v.support, shape);
      shape.back() = v.length;
      m.value = broadcast_to(m.value, shape);
    } else {
      check_finite(m);
      v.support = m.distribution.enumerate_support();
      shape[0] = v.k();
      m.value = reshape(v.support, shape);
      collected_.push_back(m.name);
    }
    variables_.push_back(std::move(v));
  }

  /// A continuous latent site with a prior that depends on enumerated ones: inference sees a site with a flat density, and
  /// the density is part of the sum.
  Tensor continuous_value(const Message& m) {
    const Constraint support = m.distribution.support();
    auto enumerated = [&](const Tensor& bound) { return bound.defined() && depends(bound.ndim()); };
    if (support.discrete() || enumerated(support.lower()) || enumerated(support.upper()))
      throw Error("marginalize: " + m.title() + " depends on an enumerated site through its support, or is discrete and not "
                      "among the sites to sum out" + m.context(),
                  m.where);
    Message outer(Primitive::sample, m.name, m.where);
    const Shape batch = detail::trailing(m.distribution.batch_shape(), std::size_t(-1 - first_));
    std::size_t drop = 0;  // dimensions that no plate has
    for (; drop < batch.size() && batch[drop] == 1; ++drop) {}
    outer.distribution = ImproperUniform(
        support, detail::join(detail::trailing(batch, batch.size() - drop), m.distribution.event_shape()), m.where);
    outer.plates = m.plates;
    detail::dispatch_outside(*this, outer);
    return outer.value;
  }

  void observe(const Message& original, Tensor density, const Tensor& scale) {
    Message m(Primitive::sample, original.name, original.where);
    const std::size_t event = original.distribution.event_shape().size();
    const Shape batch = detail::leading(original.value.shape(), event);
    density = reshape(density, detail::trailing(density.shape(), batch.size()));
    m.distribution =
        Distribution(share<Computed>(original.distribution, detail::broadcast_if_needed(density, batch), batch));
    m.value = original.value;
    m.scale = scale;
    m.observation = m.observed = true;
    m.plates = original.plates;
    detail::dispatch_outside(*this, m);
  }

  void recover(const discrete::Eliminated& sums) {
    const bool map = recovery == detail::DiscreteRecovery::map;
    Key key;
    if (!map) {
      Message request(Primitive::prng_key, "infer_discrete", where_);
      detail::dispatch_outside(*this, request);
      key = request.key;
    }
    const Semiring semiring = map ? Semiring::max : Semiring::sum;
    const auto places = map ? discrete::assignments(discrete::eliminate(factors(semiring), variables_, semiring, how_), variables_,
                                                    semiring, key)
                            : discrete::assignments(sums, variables_, semiring, key);
    for (const Variable& v : variables_) {
      std::vector<PlateFrame> frames = v.frames;
      if (v.chain)
        for (PlateFrame& plate : frames) --plate.dim;  // to the left of the steps
      record(v.name, discrete::value_of(v, places.at(v.dim)), std::move(frames), v.where);
    }
    for (const EnumeratedScan& scan : scans_) {
      const auto values = scan.paths(semiring, variables_, places, map ? Key() : site_key(key, scan.names()));
      for (const EnumeratedScan::Site& site : scan.sites()) record(site.name, values.at(site.name), site.frames, site.where);
    }
  }

  void record(const std::string& name, Tensor value, std::vector<PlateFrame> frames, Where where) {
    Message m(Primitive::deterministic, name, where);
    m.value = std::move(value);
    m.infer.auxiliary = true;
    m.plates = std::move(frames);
    detail::dispatch_outside(*this, m);
  }

  detail::SiteNames names_;
  std::vector<std::string> wanted_, collected_;
  int first_, next_;  // dimensions of the first and of the next enumerated site
  ChainSum how_;
  Where where_;
  std::vector<Variable> variables_;
  std::vector<Factor> factors_;
  std::vector<EnumeratedScan> scans_;
  Shared<EnumeratedScan> scan_;  // of the loop that is being traced
  std::vector<Message> observations_;
};

}  // namespace

namespace detail {

HandlerFactory marginalize_factory(const std::vector<std::string>& names, const MarginalizeOptions& options, Where where) {
  if (options.max_plate_nesting < 0) throw Error("marginalize: .max_plate_nesting must not be negative", where);
  return [names, options, where]() -> Shared<Handler> {
    return share<Marginalization>(names, options, where);
  };
}

RecoverDiscrete::RecoverDiscrete(DiscreteRecovery what) : before_(recovery) { recovery = what; }
RecoverDiscrete::~RecoverDiscrete() { recovery = before_; }

}  // namespace detail
}  // namespace nuthatch
