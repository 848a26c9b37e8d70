#include "ppl/core/scan_sites.h"

#include <algorithm>

#include "nuthatch/array.h"
#include "nuthatch/detail/emit.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"

namespace nuthatch::detail {
namespace {

/// Thrown out of a body that is to be traced again.
struct Again {
  const ScanBody* body;
};

/// The distributions of all steps. Their log density comes out of the loop.
class AllSteps final : public DistributionImpl {
 public:
  AllSteps(const Message& step, std::int64_t trip, bool varying_support)
      : DistributionImpl(step.distribution.name(), {}, step.distribution.event_shape(), step.where), title_(step.title()),
        support_(varying_support ? Constraint() : step.distribution.support()), varying_(varying_support),
        masked_(step.mask.defined() || step.distribution.impl()->masked()) {
    batch_shape = join(Shape{trip}, step.distribution.batch_shape());
  }
  AllSteps(const AllSteps& steps, Tensor density) : AllSteps(steps) {
    density_ = std::move(density);
    batch_shape = density_.shape();
  }

  Constraint support() const override {
    if (varying_ && !density_.defined())
      throw Error(title_ + ": the support of " + name + " differs from step to step of the scan\n  draw from a fixed "
                      "interval and map it, or use TransformReparam",
                  where);
    return support_;
  }
  Tensor log_prob(const Tensor&) const override {
    if (!density_.defined()) throw Error(title_ + ": its log density is known after the scan", where);
    return density_;
  }
  Tensor sample(const Key&, const Shape&) const override {
    throw Error(title_ + ": draws are made step by step, by the scan", where);
  }
  Tensor enumerate_support() const override {
    throw Error(title_ + " is in the body of a scan, where it cannot be enumerated; marginalize sums out the sites of one scan, not of nested ones", where);
  }
  bool masked() const override { return masked_; }
  bool varying() const { return varying_; }

 private:
  std::string title_;
  Constraint support_;
  bool varying_, masked_;
  Tensor density_;
};

Tensor both(const Tensor& a, const Tensor& b) { return !a.defined() ? b : !b.defined() ? a : a & b; }

bool is_question(Primitive kind) { return kind == Primitive::prng_key || kind == Primitive::get_mask; }

void refuse(const Message& m) {
  const char* advice = m.primitive == Primitive::param           ? "declare it before the loop"
                       : m.primitive == Primitive::plate         ? "make a plate that uses a part of its members before the loop"
                       : m.primitive == Primitive::mutable_state ? "carry it"
                                                                 : nullptr;
  if (advice) throw Error(m.title() + " is in the body of a scan; " + advice + m.context(), m.where);
}

}  // namespace

ScanBody::ScanBody(std::int64_t trip, const ScanOptions& options, Where where)
    : trip_(trip), options_(options), where_(where) {}

ScanBody* ScanBody::from(std::size_t bottom) {
  const auto& stack = handler_stack();
  for (std::size_t at = bottom; at < stack.size(); ++at)
    if (auto* body = dynamic_cast<ScanBody*>(stack[at])) return body;
  return nullptr;
}

Leaves ScanBody::run(const Leaves& init, const Leaves& xs, const Paths& paths, ScanBodyRef body) {
  xs_ = xs;
  StepEnumerator* const all_values = all_values_ = enumerator();
  for (;;) {
    try {
      Leaves inputs = xs_, terms;
      inputs.insert(inputs.end(), extra_.begin(), extra_.end());
      std::size_t given = 0;
      if (all_values) all_values->begin_steps(*this);
      const Leaves results = for_leaves(
          "scan", trip_, options_.reverse, all_values ? all_values->start_steps(init) : init, inputs, paths,
          [&](const Tensor& i, const Leaves& carries, const Leaves& slices) {
            Active active(*this);
            begin(i, slices);
            Leaves out = body(i, carries, Leaves(slices.begin(), slices.begin() + std::ptrdiff_t(xs_.size())));
            if (all_values && !all_values->end_steps(out, init, terms)) throw Again{this};
            given = out.size();
            out.insert(out.end(), outputs_.begin(), outputs_.end());
            out.insert(out.end(), terms.begin(), terms.end());
            return out;
          },
          where_);
      const auto begin = results.begin(), own = begin + std::ptrdiff_t(given), last = results.end() - std::ptrdiff_t(terms.size());
      complete(Leaves(own, last));
      Leaves result(begin, own);
      if (all_values) all_values->complete_steps(result, Leaves(last, results.end()));
      return result;
    } catch (const Again& again) {
      if (again.body != this) throw;
      answer();
    }
  }
}

void ScanBody::begin(const Tensor& i, const Leaves& slices) {
  i_ = i;
  slices_ = slices;
  outputs_.clear();
  steps_.clear();
  seen_.clear();
}

// ---- a statement's way through the handlers ----

void ScanBody::process(Message& m) {
  const auto& stack = handler_stack();
  process_from(std::size_t(std::find(stack.begin(), stack.end(), this) - stack.begin()), m);
}

void ScanBody::process_from(std::size_t top, Message& m) {
  refuse(m);
  const Primitive kind = m.primitive;
  const std::string name = m.name;
  if (!is_question(kind) && !seen_.insert({kind, name, top}).second)
    throw Error(m.title() + ": this name is used twice in the body of a scan" + m.context(), m.where);
  const auto& stack = handler_stack();
  Step step{&m, find(kind, name, top), {}};
  for (std::size_t at = top; at > 0 && !m.stop;) {
    if (stack[at - 1]->stepwise()) {
      stack[--at]->process(m);
      step.rewriting.push_back(stack[at]);
      continue;
    }
    std::size_t to = at;
    while (to > 0 && !stack[to - 1]->stepwise()) --to;
    const Answer* answer = nullptr;
    if (step.whole)
      for (const Answer& a : step.whole->answers)
        if (a.from == at) answer = &a;
    if (!answer) {
      const bool sample = m.primitive == Primitive::sample;
      const bool varying = sample && (inside(m.distribution.support().lower()) || inside(m.distribution.support().upper()));
      ask({kind, name, top, at, to, m, all_steps_of(m.value), varying});
    }
    apply(*step.whole, *answer, m);
    at = to;
  }
  m.stop = true;
  steps_.push_back(std::move(step));
}

void ScanBody::finish(Message& m) {
  auto it = std::find_if(steps_.rbegin(), steps_.rend(), [&](const Step& s) { return s.message == &m; });
  if (it == steps_.rend()) return;
  const Step step = *it;
  steps_.erase(std::next(it).base());
  if (step.whole && !is_question(m.primitive)) {
    record(*step.whole, m);
    weigh(*step.whole, m);
  }
  for (auto handler = step.rewriting.rbegin(); handler != step.rewriting.rend(); ++handler) (*handler)->finish(m);
}

// ---- questions and answers ----

ScanBody::Whole* ScanBody::find(Primitive kind, const std::string& name, std::size_t top) {
  for (Whole& w : wholes_)
    if (w.kind == kind && w.name == name && w.top == top) return &w;
  return nullptr;
}

void ScanBody::ask(Question question) {
  questions_.assign(1, std::move(question));
  throw Again{this};
}

/// Puts the question to the handlers, outside of the loop.
void ScanBody::answer() {
  if (questions_.empty()) return;
  const Question q = std::move(questions_.back());
  questions_.clear();
  Whole* found = find(q.kind, q.name, q.top);
  if (!found) found = &wholes_.emplace_back(Whole{q.kind, q.name, q.top, Message(q.kind, q.name, q.message.where)});
  Whole& whole = *found;
  Message& m = whole.message;
  const Tensor known_observation = m.infer.observation;
  m.primitive = q.message.primitive;
  m.name = q.message.name;
  m.observation = q.message.observation;
  m.observed = q.message.observed;
  m.outside_plates = q.message.outside_plates;
  m.infer = q.message.infer;
  m.infer.observation = known_observation;
  m.plates = with_steps(q.message, q.name);
  if (m.primitive == Primitive::sample)
    m.distribution = Distribution(share<AllSteps>(q.message, trip_, q.varying_support));
  m.value = q.stacked;
  Tensor placeholder;  // of a value that only the body knows
  if (q.message.value.defined() && !q.stacked.defined()) {
    const Tensor& step = q.message.value;
    m.value = placeholder = zeros(join(Shape{trip_}, step.shape()), step.dtype());
  }
  for (std::size_t at = q.from; at > q.to && !m.stop; --at) {
    Handler* handler = handler_stack()[at - 1];
    handler->process(m);
    whole.asked.push_back(handler);
  }
  whole.value_given = m.value.defined() && !(placeholder.defined() && value(m.value) == value(placeholder));
  if (whole.value_given) {
    check(whole);
    if (!q.stacked.defined() || value(m.value) != value(q.stacked)) extra_.push_back(m.value);
  }
  whole.answers.push_back({q.from, q.to, m, whole.value_given});
}

/// What handlers outside decided, for this step.
void ScanBody::apply(Whole& whole, const Answer& answer, Message& m) {
  const Message& all = answer.message;
  m.primitive = all.primitive;
  m.name = all.name;
  m.observed = all.observed;
  m.infer = all.infer;
  m.stop = all.stop;
  if (answer.value_given) {
    m.value = slice(all.value);
  } else if (!all.value.defined()) {
    if (m.value.defined()) whole.removed = output(m.value);
    m.value = Tensor();
  }
  if (all.key.tensor().defined() && !m.key.tensor().defined()) m.key = fold_in(all.key, i_);
  if (m.primitive == Primitive::get_mask && all.mask.defined())
    m.mask = both(m.mask, all.mask.shape().empty() || all.mask.size(0) != trip_ ? all.mask : slice(all.mask));
}

/// A value of all steps must have the shape of the site, and data must be inside the support.
void ScanBody::check(const Whole& whole) const {
  const Message& m = whole.message;
  if (m.primitive != Primitive::sample) {
    if (is_question(m.primitive) || (!m.value.shape().empty() && m.value.shape()[0] == trip_)) return;
    throw Error(m.title() + ": the value has shape " + to_string(m.value.shape()) + ", but the scan has " +
                    std::to_string(trip_) + " steps" + m.context(),
                m.where);
  }
  Shape expected = m.distribution.shape();
  if (all_values_ && m.value.shape().size() > 0 && m.value.shape().size() < expected.size())
    expected = join(Shape{trip_}, trailing(expected, m.value.shape().size() - 1));  // without dimensions of enumerated sites
  if (m.value.shape() != expected)
    throw Error(m.title() + ": " + (m.observed ? "the observation" : "the value") + " has shape " + to_string(m.value.shape()) +
                    ", but the site, with all steps of the scan, has shape " + to_string(m.distribution.shape()) + m.context(),
                m.where);
  if (!m.observed || m.mask.defined() || m.distribution.impl()->masked() || NoValidation::active()) return;
  const auto& steps = static_cast<const AllSteps&>(*m.distribution.impl());
  if (steps.varying()) return;
  if (auto bad = steps.support().violation(m.value, m.name))
    throw Error(m.title() + ": a value of " + m.distribution.name() + " must be " + steps.support().description() + ", but " +
                    *bad + m.context(),
                m.where);
}

/// The handler that enumerates sites of this body, the innermost.
StepEnumerator* ScanBody::enumerator() const {
  const auto& stack = handler_stack();
  for (std::size_t at = stack.size(); at-- > 0;) {
    if (dynamic_cast<ScanBody*>(stack[at])) return nullptr;
    if (auto* handler = dynamic_cast<StepEnumerator*>(stack[at])) return handler;
  }
  return nullptr;
}

// ---- the body's side ----

bool ScanBody::inside(const Tensor& x) const {
  return x.defined() && !x.is_concrete() && value(x)->scope >= value(i_)->scope;
}

/// The tensor of which x is this step's slice; undefined when there is none.
Tensor ScanBody::all_steps_of(const Tensor& x) const {
  if (!x.defined() || x.is_concrete()) return {};
  for (std::size_t k = 0; k < slices_.size(); ++k)
    if (!slices_[k].is_concrete() && value(slices_[k])->impl == value(x)->impl)
      return k < xs_.size() ? xs_[k] : extra_[k - xs_.size()];
  return {};
}

Tensor ScanBody::slice(const Tensor& stacked) {
  for (std::size_t k = 0; k < slices_.size(); ++k)
    if (value(k < xs_.size() ? xs_[k] : extra_[k - xs_.size()]) == value(stacked)) return slices_[k];
  extra_.push_back(stacked);
  questions_.clear();
  throw Again{this};
}

/// The plates around a site, and the axis of steps; `name` is the site's as it left the body. What scopes around the loop
/// put before it they put before the name of the axis too.
std::vector<PlateFrame> ScanBody::with_steps(const Message& m, const std::string& name) const {
  std::vector<PlateFrame> plates = m.plates;
  if (options_.dim.empty()) return plates;
  const std::string dim = (m.name.ends_with(name) ? m.name.substr(0, m.name.size() - name.size()) : "") + options_.dim;
  for (const PlateFrame& plate : plates)
    if (plate.name == dim)
      throw Error(m.title() + ": the scan has the dimension \"" + dim + "\" of a plate around it" + m.context(), m.where);
  const std::size_t batch = m.primitive == Primitive::sample ? m.distribution.batch_shape().size()
                            : m.value.defined()              ? m.value.shape().size()
                                                             : 0;
  plates.push_back({dim, trip_, -int(batch) - 1, {}, where_, trip_});
  return plates;
}

int ScanBody::output(const Tensor& x) {
  outputs_.push_back(x);
  return int(outputs_.size()) - 1;
}

/// Value and log density of a step become outputs of the loop.
void ScanBody::record(Whole& whole, const Message& m) {
  whole.value = whole.density = whole.scale = -1;
  whole.message.name = m.name;
  whole.message.primitive = m.primitive;
  whole.message.plates = with_steps(m, whole.name);
  if (m.primitive == Primitive::deterministic) {
    if (!whole.value_given) whole.value = output(m.value);
    return;
  }
  // What a mask around the loop hides must not reach a derivative either. It may have the axis of steps, or not.
  Tensor outer = whole.message.mask;
  const std::size_t batch = m.primitive == Primitive::sample ? m.distribution.batch_shape().size() : m.value.shape().size();
  if (outer.defined() && outer.shape().size() > batch) outer = outer.size(0) == trip_ ? slice(outer) : outer[0];
  Message step = m;
  step.scale = Tensor();
  step.mask = both(m.mask, outer);
  const Tensor density = step.log_prob();
  if (m.primitive == Primitive::factor) whole.value = output(density);
  else whole.density = output(density);
  if (m.primitive == Primitive::sample && !whole.value_given) whole.value = output(m.value);
  if (m.scale.defined()) whole.scale = output(broadcast_to(m.scale, density.shape()));
}

/// Masks and scales that handlers further out have seen belong to a step too.
void ScanBody::weigh(const Whole& whole, Message& m) {
  if (m.primitive != Primitive::sample) return;
  std::size_t batch = 0;  // without dimensions of enumerated sites
  for (const PlateFrame& plate : m.plates) batch = std::max(batch, std::size_t(-plate.dim));
  auto of_step = [&](const Tensor& x) { return x.shape().size() <= batch || x.size(0) != trip_ ? x : slice(x); };
  if (whole.message.mask.defined()) m.mask = both(m.mask, of_step(whole.message.mask));
  if (const Tensor& scale = whole.message.scale; scale.defined())
    m.scale = m.scale.defined() ? m.scale * of_step(scale) : of_step(scale);
}

/// The sites are complete: handlers outside get them back.
void ScanBody::complete(const Leaves& outputs) {
  for (Whole& whole : wholes_) {
    if (is_question(whole.kind)) continue;
    Message& m = whole.message;
    if (whole.value >= 0) m.value = outputs[std::size_t(whole.value)];
    if (whole.density >= 0) {
      const auto* steps = static_cast<const AllSteps*>(m.distribution.impl().get());
      m.distribution = Distribution(share<AllSteps>(*steps, outputs[std::size_t(whole.density)]));
    }
    if (whole.scale >= 0) {
      const Tensor& scale = outputs[std::size_t(whole.scale)];
      m.scale = m.scale.defined() ? m.scale * scale : scale;
    }
    if (whole.removed >= 0 && m.infer.was_observed) m.infer.observation = outputs[std::size_t(whole.removed)];
    for (auto handler = whole.asked.rbegin(); handler != whole.asked.rend(); ++handler) (*handler)->finish(m);
  }
}

// ---- for handlers ----

ScanBody* body_inside(const Handler& handler) {
  const auto& stack = handler_stack();
  auto it = std::find(stack.begin(), stack.end(), &handler);
  return it == stack.end() ? nullptr : ScanBody::from(std::size_t(it - stack.begin()) + 1);
}
bool has_all_steps(const Message& m) {
  return m.primitive == Primitive::sample && dynamic_cast<const AllSteps*>(m.distribution.impl().get());
}

namespace {

/// The body of a loop whose iterations cannot have sites.
class NoSites final : public Handler {
 public:
  NoSites(const char* loop, Where where) : loop_(loop), where_(where), active_(*this) {}
  void process(Message& m) override {
    if (m.primitive == Primitive::get_mask) return;
    const std::string what = std::string(loop_) == "cond" ? "a branch of the cond at " : "the body of the " + std::string(loop_) + " at ";
    const char* advice = std::string(loop_) == "cond" ? "put the statement before it and choose by select(p, a, b)"
                                                      : "use scan, which makes one site of all steps";
    throw Error(m.title() + " is in " + what + to_string(where_) + "; " + advice + m.context(), m.where);
  }

 private:
  const char* loop_;
  Where where_;
  Active active_;
};

class StatementsInLoops final : public LoopObserver {
 public:
  Leaves scan(std::int64_t trip, const ScanOptions& options, const Leaves& init, const Leaves& xs, const Paths& paths,
              ScanBodyRef body, Where where) override {
    if (handler_stack().empty()) return for_leaves("scan", trip, options.reverse, init, xs, paths, body, where);
    return ScanBody(trip, options, where).run(init, xs, paths, body);
  }
  void enter(const char* loop, Where where) override {
    loops_.push_back(handler_stack().empty() ? nullptr : std::make_unique<NoSites>(loop, where));
  }
  void leave() override { loops_.pop_back(); }

 private:
  std::vector<std::unique_ptr<NoSites>> loops_;
};

}  // namespace

Tensor at_step(const Handler& holder, const Tensor& value) {
  ScanBody* body = value.shape().empty() ? nullptr : body_inside(holder);
  return body ? body->slice(value) : value;
}
bool sees_steps(const Handler& handler) { return body_inside(handler) != nullptr; }
bool in_scan_body() { return ScanBody::from(0) != nullptr; }

void observe_statements_in_loops() {
  thread_local StatementsInLoops observer;
  observe_loops(&observer);
}

}  // namespace nuthatch::detail
