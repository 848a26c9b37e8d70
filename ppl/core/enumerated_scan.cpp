#include "ppl/core/enumerated_scan.h"

#include <algorithm>
#include <numeric>

#include "nuthatch/array.h"
#include "nuthatch/control.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/index.h"
#include "nuthatch/math.h"
#include "nuthatch/order.h"
#include "ppl/core/chain_sums.h"

namespace nuthatch::discrete {
namespace {

Tensor reduced(const Tensor& x, int axis, Semiring semiring) {
  return semiring == Semiring::sum ? logsumexp(x, axis) : max(x, axis);
}

/// 1 at dimension `dim` to the left of what x has there.
Tensor padded(const Tensor& x, std::size_t lead, std::size_t rank) {
  Shape shape(x.shape().begin(), x.shape().begin() + std::ptrdiff_t(lead));
  shape.insert(shape.end(), rank + lead - x.shape().size(), 1);
  shape.insert(shape.end(), x.shape().begin() + std::ptrdiff_t(lead), x.shape().end());
  return reshape(x, shape);
}

std::int64_t extent(const Tensor& x, int dim) {
  const std::int64_t axis = x.ndim() + dim;
  return axis < 0 ? 1 : x.shape()[std::size_t(axis)];
}

}  // namespace

EnumeratedScan::EnumeratedScan(detail::ScanBody& body, int first, int outer)
    : body_(&body), reverse_(body.reverse()), first_(first), outer_(outer) {}

std::string EnumeratedScan::names() const {
  std::string result;
  for (const Site& site : sites_) result += (result.empty() ? "" : "_") + site.name;
  return result;
}

std::int64_t EnumeratedScan::num_states() const {
  std::int64_t n = 1;
  for (const Site& site : sites_) n *= site.k();
  return n;
}

// ---- while the body is traced ----

void EnumeratedScan::begin() {
  sites_.clear();
  terms_.clear();
  expected_.clear();
  scale_ = Tensor();
}

Tensor EnumeratedScan::add_site(const Message& m) {
  Site site;
  site.name = m.name;
  site.support = m.distribution.enumerate_support();
  site.now = first_ - 2 * int(sites_.size());
  site.before = site.now - 1;
  for (const PlateFrame& plate : m.plates) {
    site.plates[plate.name] = plate.dim;
    site.batch = std::max(site.batch, -plate.dim);
  }
  site.frames = body_->frames_of(m);
  if (site.frames.size() > m.plates.size()) site.frames.back().dim = -site.batch - 1;  // left of the plates alone
  site.where = m.where;
  if (!sites_.empty() && sites_.front().plates != site.plates)
    throw Error("marginalize: the discrete sites in the body of a scan must be in the same plates, unlike \"" +
                    sites_.front().name + "\" and \"" + site.name + "\"" + m.context(),
                m.where);
  sites_.push_back(site);
  expect(m.name);
  Shape shape(std::size_t(-site.now), 1);
  shape[0] = site.k();
  return reshape(site.support, shape);
}

bool EnumeratedScan::varies(const Tensor& x, int Site::*dim) const {
  return std::any_of(sites_.begin(), sites_.end(), [&](const Site& site) { return extent(x, site.*dim) > 1; });
}

bool EnumeratedScan::of_states(const Term& term) const {
  return varies(term.value, &Site::now) || varies(term.value, &Site::before);
}

void EnumeratedScan::add_term(const Message& m, Tensor value) {
  Term term{std::move(value), {}, m.scale, m.name};
  for (const PlateFrame& plate : m.plates) term.plates[plate.name] = plate.dim;
  if (m.scale.defined() && body_->inside(m.scale))
    throw Error("marginalize: the scale of a site that depends on a discrete one must be the same at all steps" +
                    m.context(),
                m.where);
  terms_.push_back(std::move(term));
}

/// The factors of one step that depend on the states, multiplied over plates that the states are not in.
Tensor EnumeratedScan::step_total() const {
  const Plates& plates = sites_.front().plates;
  Tensor total = 0.0;
  for (const Term& term : terms_) {
    if (!of_states(term)) continue;
    for (const auto& [name, dim] : plates)
      if (!term.plates.contains(name))
        throw Error("marginalize: \"" + term.site + "\" depends on \"" + names() + "\" and is outside of its plates",
                    where());
    Tensor value = term.value;
    for (int dim = -1; dim > outer_; --dim)
      if (extent(value, dim) > 1 &&
          std::none_of(plates.begin(), plates.end(), [&](const auto& plate) { return plate.second == dim; }))
        value = sum(value, {.axis = int(value.ndim()) + dim, .keepdims = true});
    total = total + value;
  }
  return padded(total, 0, std::size_t(2 * int(sites_.size()) - 1 - first_));
}

/// Between values of this step and values of the step before.
Tensor EnumeratedScan::exchanged(const Tensor& x, std::size_t lead) const {
  const int rank = 2 * int(sites_.size()) - 1 - first_;
  Tensor result = padded(x, lead, std::size_t(rank));
  for (const Site& site : sites_)
    result = swapaxes(result, int(lead) + rank + site.now, int(lead) + rank + site.before);
  return result;
}

/// All sites' values along one dimension, that of the first.
Tensor EnumeratedScan::joint(const Tensor& x, std::size_t lead) const {
  const int rank = 2 * int(sites_.size()) - 1 - first_, at = int(lead) + rank;
  const Tensor whole = padded(x, lead, std::size_t(rank));
  std::vector<int> axes(lead);
  std::iota(axes.begin(), axes.end(), 0);
  Shape full(whole.shape().begin(), whole.shape().begin() + std::ptrdiff_t(lead)), flat = full;
  for (const Site& site : sites_) {
    axes.push_back(at + site.now);
    full.push_back(site.k());
  }
  flat.push_back(num_states());
  for (const Site& site : sites_) {
    axes.push_back(at + site.before);
    full.push_back(1);
  }
  for (int axis = at + first_ + 1; axis < at; ++axis) {
    axes.push_back(axis);
    full.push_back(whole.shape()[std::size_t(axis)]);
    flat.push_back(full.back());
  }
  return reshape(detail::broadcast_if_needed(transpose(whole, axes), full), flat);
}

/// Whether an initial carry is a function of one outer variable that has as many values as the state: it is then the
/// state before the first step.
bool EnumeratedScan::is_first_state(const Tensor& init) {
  std::vector<int> varying;
  for (int dim = outer_; dim > first_; --dim)
    if (extent(init, dim) > 1) varying.push_back(dim);
  if (sites_.size() != 1 || varying.size() != 1 || extent(init, varying[0]) != sites_[0].k()) return false;
  if (start_ == 0) start_ = varying[0];
  return start_ == varying[0];
}

/// Such a carry with its values along the dimension of states before.
Tensor EnumeratedScan::as_state_before(const Tensor& init) const {
  const int rank = 1 - first_;
  return swapaxes(padded(init, 0, std::size_t(rank)), rank + start_, 0);
}

Leaves EnumeratedScan::start(const Leaves& init) {
  Leaves result = init;
  for (std::size_t c = 0; c < carried_.size(); ++c)
    if (carried_[c])
      result[c] =
          detail::broadcast_if_needed(carried_[c]->state ? as_state_before(init[c]) : init[c], carried_[c]->shape);
  return result;
}

bool EnumeratedScan::end(Leaves& out, const Leaves& init, Leaves& terms) {
  carried_.resize(init.size());
  bool settled = true;
  if (has_sites()) {
    for (std::size_t c = 0; c < out.size(); ++c)
      if (varies(out[c], &Site::before))
        throw Error(std::string("marginalize: ") + (c < init.size() ? "a carry" : "an output") +
                        " of the scan depends on \"" + names() +
                        "\" at more than one step; only the state of one step can be handed on",
                    where());
    for (std::size_t c = 0; c < init.size(); ++c) {
      if (!carried_[c] && !varies(out[c], &Site::now)) continue;
      const Tensor next = exchanged(out[c], 0);
      const bool state = is_first_state(init[c]);
      const Shape shape = broadcast_shapes({next.shape(), state ? as_state_before(init[c]).shape() : init[c].shape()});
      if (!carried_[c] || carried_[c]->shape != shape) {
        carried_[c] = Carried{shape, state};
        settled = false;
      } else {
        out[c] = detail::broadcast_if_needed(next, shape);
      }
    }
    if (!settled) return false;
    terms.push_back(step_total());
    bool any = false;
    for (const Term& term : terms_) {
      if (!of_states(term)) continue;
      scale_ = any ? common_scale(scale_, term.scale, names()) : term.scale;
      any = true;
    }
  }
  for (const Term& term : terms_)
    if (!of_states(term)) terms.push_back(term.value);
  for (const Site& site : sites_) terms.push_back(site.support);  // made in the body, and needed after it
  return true;
}

void EnumeratedScan::complete(Leaves& results, const Leaves& terms) {
  for (std::size_t r = 0; r < results.size() && has_sites(); ++r) {
    if (r < carried_.size() && carried_[r])
      results[r] = joint(exchanged(results[r], 0), 0);
    else if (r >= carried_.size() && varies(results[r], &Site::now))
      results[r] = joint(results[r], 1);
  }
  std::vector<Term> stacked;
  std::size_t at = 0;
  if (has_sites()) stacked.push_back({terms[at++], sites_.front().plates, scale_, names()});
  for (Term& term : terms_) {
    if (of_states(term)) continue;
    term.value = terms[at++];
    stacked.push_back(std::move(term));
  }
  terms_ = std::move(stacked);
  for (Site& site : sites_) {
    const Tensor& all = terms[at++];
    site.support = all.size(0) > 0 ? all[0] : zeros({all.size(1)});
  }
}

// ---- after the loop ----

/// [steps, ..., k, k] from the state before to the state at each step; [steps, ..., k] when nothing is carried.
Tensor EnumeratedScan::matrices() const {
  const Tensor& total = terms_.front().value;
  const bool carried = std::any_of(carried_.begin(), carried_.end(), [](const auto& c) { return c.has_value(); });
  const int at = int(total.ndim());
  std::vector<int> axes{0};
  Shape full{total.size(0)}, flat = full;
  for (int axis = at + first_ + 1; axis < at; ++axis) {
    axes.push_back(axis);
    full.push_back(total.shape()[std::size_t(axis)]);
    flat.push_back(full.back());
  }
  for (const Site& site : sites_) {
    axes.push_back(at + site.before);
    full.push_back(carried ? site.k() : 1);
  }
  for (const Site& site : sites_) {
    axes.push_back(at + site.now);
    full.push_back(site.k());
  }
  if (carried) flat.push_back(num_states());
  flat.push_back(num_states());
  const Tensor result = reshape(detail::broadcast_if_needed(transpose(total, axes), full), flat);
  return reverse_ ? flip(result, 0) : result;
}

std::vector<Factor> EnumeratedScan::factors(Semiring semiring, const std::vector<Variable>& outer, ChainSum how) const {
  std::vector<Factor> result;
  auto add = [&](const Term& term, const Tensor& value) {
    Factor f;
    f.value = value;
    f.plates = term.plates;
    f.scale = term.scale;
    f.observations.push_back("");  // of all steps: no single members
    for (const Variable& v : outer)
      if (extent(value, v.dim) > 1) f.variables.insert(v.dim);
    result.push_back(std::move(f));
  };
  std::size_t at = 0;
  if (has_sites()) {
    const Tensor steps = matrices();
    const int rank = -first_ - 1;
    Tensor value;
    if (int(steps.ndim()) == rank + 2) {
      value = sum(reduced(steps, -1, semiring), 0);
    } else {
      const Tensor message = backward_message(steps, semiring == Semiring::sum, how == ChainSum::tree);  // [..., k]
      if (start_ == 0) {
        value = squeeze(message(ellipsis, slice(0, 1)), -1);
      } else if (const int axis = rank + start_; message.shape()[std::size_t(axis)] == 1) {
        value = squeeze(swapaxes(message, axis, rank), -1);
      } else {
        // The variable is the first state and is looked at in the body too: both must agree.
        Shape along(std::size_t(rank) + 1, 1);
        along[std::size_t(axis)] = sites_[0].k();
        const Tensor same = reshape(arange(sites_[0].k()), along) == arange(sites_[0].k());
        value = sum(select(same, message, 0.0), -1);
      }
    }
    add(terms_[at++], value);
  }
  for (; at < terms_.size(); ++at) add(terms_[at], sum(terms_[at].value, 0));
  return result;
}

std::map<std::string, Tensor> EnumeratedScan::paths(Semiring semiring, const std::vector<Variable>& outer,
                                                    const std::map<int, Tensor>& chosen, const Key& key) const {
  std::map<std::string, Tensor> result;
  if (!has_sites()) return result;
  const bool sums = semiring == Semiring::sum;
  const int rank = -first_ - 1;
  Tensor steps = matrices();
  const bool carried = int(steps.ndim()) == rank + 3;
  for (const Variable& v : outer) {
    const int axis = 1 + rank + v.dim;
    if (v.dim <= first_ || steps.shape()[std::size_t(axis)] == 1) continue;
    Tensor here = padded(values_along(v) == chosen.at(v.dim), 0, std::size_t(rank));
    for (int i = 0; i < (carried ? 2 : 1); ++i) here = expand_dims(here, -1);
    steps = sum(select(here, steps, 0.0), {.axis = axis, .keepdims = true});
  }
  auto pick = [&](const Tensor& logits, const Tensor& step) {
    return sums ? categorical(fold_in(key, step), logits) : argmax(logits, -1);
  };
  Tensor states;
  if (!carried) {
    states = pick(steps, Tensor(std::int64_t(0)));
  } else {
    const Shape copies = detail::leading(Shape(steps.shape().begin() + 1, steps.shape().end()), 2);
    const Tensor first =
        start_ == 0 ? zeros(copies, i64) : broadcast_to(padded(chosen.at(start_), 0, std::size_t(rank)), copies);
    const std::tuple<Tensor, Tensor, Tensor> inputs{steps, backward_messages(steps, sums)[from(1)],
                                                    arange(steps.size(0))};
    states = scan(first, inputs, [&](const Tensor& before, const std::tuple<Tensor, Tensor, Tensor>& step) {
               const auto& [matrix, message, t] = step;
               const Tensor row = take_along_axis(matrix, expand_dims(expand_dims(before, -1), -1), -2);
               Tensor now = pick(squeeze(row, -2) + message, t);
               return std::pair{now, now};
             }).second;
  }
  if (reverse_) states = flip(states, 0);
  states = reshape(states,
                   detail::join(Shape{states.size(0)}, detail::trailing(states.shape(), std::size_t(sites_[0].batch))));
  std::int64_t repeat = num_states();
  for (const Site& site : sites_) {
    repeat /= site.k();
    std::vector<std::int64_t> digit;
    for (std::int64_t j = 0; j < num_states(); ++j) digit.push_back(j / repeat % site.k());
    result[site.name] = take(site.support, take(Tensor(digit), states));
  }
  return result;
}

}  // namespace nuthatch::discrete
