#include "nuthatch/plate.h"

#include <algorithm>

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"
#include "ppl/core/message_rules.h"

namespace nuthatch {
namespace {

/// Dimensions that active plates have.
bool occupied(int dim) {
  for (Handler* handler : detail::handler_stack())
    if (auto* other = dynamic_cast<Plate*>(handler); other && other->frame().dim == dim) return true;
  return false;
}

/// The members of a plate that take part in this run.
Tensor draw_indices(const PlateFrame& f, std::int64_t count) {
  Message m(Primitive::plate, f.name, f.where);
  m.size = f.full_size;
  m.subsample_size = count;
  detail::dispatch(m);
  if (m.value.defined()) {
    if (m.value.shape() != Shape{count})
      throw Error("plate \"" + f.name + "\": indices of shape " + to_string(m.value.shape()) + " for " +
                      std::to_string(count) + " members",
                  f.where);
    return m.value;
  }
  throw Error("plate \"" + f.name + "\" uses " + std::to_string(count) + " of " + std::to_string(f.full_size) +
                  " members, but there is no random key to draw them; call the model as seed(model, Key(...)). HMC and "
                  "NUTS need all members: use HMCECS, or SVI",
              f.where);
}

PlateFrame make_frame(const std::string& name, std::int64_t size, Labels labels, const PlateOptions& options, Where where) {
  const std::string title = "plate \"" + name + "\": ";
  if (size <= 0) throw Error(title + "the size must be positive, but it is " + std::to_string(size), where);
  for (Handler* handler : detail::handler_stack())
    if (auto* other = dynamic_cast<Plate*>(handler); other && other->frame().name == name)
      throw Error("plate \"" + name + "\" is already active, since " + to_string(other->frame().where), where);
  int dim = options.dim;
  if (dim > 0) throw Error(title + "the dimension must be negative, but it is " + std::to_string(dim), where);
  if (dim < 0 && occupied(dim))
    throw Error(title + "another active plate has dimension " + std::to_string(dim), where);
  if (dim == 0)
    for (dim = -1; occupied(dim);) --dim;
  PlateFrame frame{name, size, dim, std::move(labels), where, size};
  const std::int64_t part = options.subsample_size;
  if (part < 0 || part > size)
    throw Error(title + "a subsample of " + std::to_string(part) + " from " + std::to_string(size) + " members", where);
  if (part == 0 || part == size) return frame;
  frame.size = part;
  frame.labels.clear();
  frame.indices = draw_indices(frame, part);
  return frame;
}

/// Whether a plate around the statement changes it.
bool inside(const Message& m) {
  return !m.outside_plates && (m.primitive == Primitive::sample || m.primitive == Primitive::param ||
                               m.primitive == Primitive::deterministic || m.primitive == Primitive::factor);
}

std::string axis(const PlateFrame& f) {
  return "plate \"" + f.name + "\" has size " + std::to_string(f.size) + " at dimension " + std::to_string(f.dim);
}

/// The distribution with extent f.size at dimension f.dim of its batch.
Distribution expand(const Message& m, const PlateFrame& f) {
  const Shape& batch = m.distribution.batch_shape();
  const std::size_t back = std::size_t(-f.dim);
  const std::int64_t extent = batch.size() >= back ? batch[batch.size() - back] : 1;
  if (extent != 1 && extent != f.size)
    throw Error(m.title() + ": " + axis(f) + ", but " + m.distribution.name() + " has batch shape " + to_string(batch) +
                    m.context(),
                m.where);
  // A parameter of shape (N, 1) in a plate of N: one dimension too many, and the result would be (N, N).
  if (m.distribution.event_shape().empty() && back == 1 && f.size > 1)
    for (const auto& p : m.distribution.parameters()) {
      const Shape& s = p.value.shape();
      if (s.size() == 2 && s[1] == 1 && s[0] == f.size && m.plates.size() == 1)
        throw Error(m.title() + ": " + p.name + " of shape " + to_string(s) + " would broadcast to " +
                        to_string(Shape{f.size, f.size}) + " in a plate of size " + std::to_string(f.size) +
                        "; its shape should be " + to_string(Shape{f.size}) + m.context(),
                    m.where);
    }
  Shape wanted = batch;
  if (wanted.size() < back) wanted.insert(wanted.begin(), back - wanted.size(), 1);
  wanted[wanted.size() - back] = f.size;
  return m.distribution.expand(wanted, m.where);
}

}  // namespace

Plate::~Plate() = default;
Plate::Plate(const std::string& name, std::int64_t size, Where where) : Plate(name, size, PlateOptions(), where) {}
Plate::Plate(const std::string& name, const Labels& labels, Where where) : Plate(name, labels, PlateOptions(), where) {}
Plate::Plate(const std::string& name, std::int64_t size, const PlateOptions& options, Where where)
    : frame_(make_frame(name, size, {}, options, where)), active_(*this) {}
Plate::Plate(const std::string& name, const Labels& labels, const PlateOptions& options, Where where)
    : frame_(make_frame(name, std::int64_t(labels.size()), labels, options, where)), active_(*this) {}

Tensor Plate::indices() const { return frame_.indices.defined() ? frame_.indices : arange(frame_.size); }

Tensor Plate::take(const Tensor& x, Where where) const {
  if (x.shape().empty() || x.size(0) != frame_.full_size)
    throw Error("plate \"" + frame_.name + "\" has " + std::to_string(frame_.full_size) + " members, but the data have shape " +
                    to_string(x.shape()),
                where);
  return frame_.indices.defined() ? nuthatch::take(x, frame_.indices, 0, where) : x;
}
Observed Plate::take(const Observed& x, Where where) const { return x.empty() ? x : Observed(take(x.value(), where)); }

void Plate::process(Message& m) {
  if (!inside(m)) return;
  m.plates.insert(m.plates.begin(), frame_);
  if (m.primitive == Primitive::sample) m.distribution = expand(m, frame_);
  if (frame_.size != frame_.full_size && m.primitive != Primitive::param && m.primitive != Primitive::deterministic) {
    const Tensor weight = double(frame_.full_size) / double(frame_.size);
    m.scale = m.scale.defined() ? m.scale * weight : weight;
  }
  if (m.primitive == Primitive::deterministic) {
    const Shape& shape = m.value.shape();
    const std::size_t back = std::size_t(-frame_.dim);
    const std::int64_t extent = shape.size() >= back ? shape[shape.size() - back] : 1;
    if (extent != 1 && extent != frame_.size)
      throw Error(m.title() + ": " + axis(frame_) + ", but the value has shape " + to_string(shape) + m.context(),
                  m.where);
  }
}

/// A param with one value per member: the values of the members in use.
void Plate::finish(Message& m) {
  if (m.primitive != Primitive::param || m.event_dim < 0 || m.outside_plates) return;
  const std::int64_t axis = m.value.ndim() - m.event_dim + frame_.dim;
  if (axis < 0) return;
  const std::int64_t extent = m.value.shape()[std::size_t(axis)];
  if (extent != frame_.full_size)
    throw Error(m.title() + ": the value has shape " + to_string(m.value.shape()) + ", extent " + std::to_string(extent) +
                    " at the dimension of plate \"" + frame_.name + "\" of size " + std::to_string(frame_.full_size) +
                    m.context(),
                m.where);
  if (frame_.indices.defined()) m.value = nuthatch::take(m.value, frame_.indices, int(axis), m.where);
}

PlateStack::PlateStack(const std::string& prefix, const std::vector<std::int64_t>& sizes, int rightmost_dim, Where where) {
  if (rightmost_dim >= 0)
    throw Error("plate_stack: rightmost_dim must be negative, but it is " + std::to_string(rightmost_dim), where);
  for (std::size_t i = 0; i < sizes.size(); ++i)
    plates_.push_back(share<Plate>(prefix + "_" + std::to_string(i), sizes[sizes.size() - 1 - i],
                                              PlateOptions{.dim = rightmost_dim - int(i)}, where));
}
PlateStack::~PlateStack() = default;

Tensor subsample(const Tensor& data, int event_dim, Where where) {
  Tensor result = data;
  for (Handler* handler : detail::handler_stack()) {
    auto* plate = dynamic_cast<Plate*>(handler);
    if (!plate || !plate->frame().indices.defined()) continue;
    const PlateFrame& f = plate->frame();
    const std::int64_t at = result.ndim() - event_dim + f.dim;
    if (at < 0 || result.shape()[std::size_t(at)] != f.full_size)
      throw Error("subsample: data of shape " + to_string(data.shape()) + " with event_dim " + std::to_string(event_dim) +
                      " have no extent " + std::to_string(f.full_size) + " at the dimension of " + axis(f),
                  where);
    result = take(result, f.indices, int(at), where);
  }
  return result;
}

bool detail::positive_where_known(const Tensor& x) {
  if (!x.is_concrete()) return true;
  const std::vector<double> values = x.to_vector();
  return std::all_of(values.begin(), values.end(), [](double v) { return v > 0; });
}

namespace {
Tensor combined_mask(const Tensor& inner, const Tensor& outer) { return inner.defined() ? inner & outer : outer; }
}  // namespace

Mask::Mask(Tensor mask, Where where) : mask_(std::move(mask)), active_(*this) {
  if (mask_.dtype() != bool_)
    throw Error(std::string("Mask: a mask must be of dtype bool_, but it is ") + name(mask_.dtype()), where);
}
Scale::Scale(Tensor factor, Where where) : factor_(std::move(factor)), active_(*this) {
  if (!detail::positive_where_known(factor_))
    throw Error("Scale: the factor must be positive, but it is " + to_string(factor_), where);
}
void Mask::process(Message& m) { m.mask = combined_mask(m.mask, mask_); }
void Scale::process(Message& m) { m.scale = m.scale.defined() ? m.scale * factor_ : factor_; }

void Scope::process(Message& m) { detail::add_prefix(m, prefix_, hidden_); }

}  // namespace nuthatch
