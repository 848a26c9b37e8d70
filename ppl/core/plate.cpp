#include "nuthatch/plate.h"

#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"

namespace nuthatch {
namespace {

PlateFrame make_frame(const std::string& name, std::int64_t size, Labels labels, Where where) {
  if (size <= 0) throw Error("plate \"" + name + "\": the size must be positive, but it is " + std::to_string(size), where);
  int active = 0;
  for (Handler* handler : detail::handler_stack())
    if (auto* other = dynamic_cast<Plate*>(handler)) {
      ++active;
      if (other->frame().name == name)
        throw Error("plate \"" + name + "\" is already active, since " + to_string(other->frame().where), where);
    }
  return {name, size, -1 - active, std::move(labels), where};
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

Plate::Plate(const std::string& name, std::int64_t size, Where where)
    : frame_(make_frame(name, size, {}, where)), active_(*this) {}
Plate::Plate(const std::string& name, const Labels& labels, Where where)
    : frame_(make_frame(name, std::int64_t(labels.size()), labels, where)), active_(*this) {}

void Plate::process(Message& m) {
  m.plates.insert(m.plates.begin(), frame_);
  if (m.primitive == Primitive::sample) m.distribution = expand(m, frame_);
  if (m.primitive == Primitive::deterministic) {
    const Shape& shape = m.value.shape();
    const std::size_t back = std::size_t(-frame_.dim);
    const std::int64_t extent = shape.size() >= back ? shape[shape.size() - back] : 1;
    if (extent != 1 && extent != frame_.size)
      throw Error(m.title() + ": " + axis(frame_) + ", but the value has shape " + to_string(shape) + m.context(),
                  m.where);
  }
}

void Mask::process(Message& m) { m.mask = m.mask.defined() ? m.mask & mask_ : mask_; }
void Scale::process(Message& m) { m.scale = m.scale.defined() ? m.scale * factor_ : factor_; }

void Scope::process(Message& m) {
  m.name = prefix_ + "/" + m.name;
  for (auto& plate : m.plates) plate.name = prefix_ + "/" + plate.name;
}

}  // namespace nuthatch
