#include "backends/gpu/arrays.h"

#include "ir/api/blocks.h"

namespace nuthatch::gpu {
namespace {

class RemoteArray : public detail::Remote {
 public:
  RemoteArray(Shared<Bundle> bundle, std::size_t offset) : bundle(std::move(bundle)), offset(offset) {}
  std::byte* host() override { return bundle->host() + offset; }

  const Shared<Bundle> bundle;
  const std::size_t offset;
};

const RemoteArray* remoteOf(const detail::Array& a) {
  if (a.data != detail::Storage(a.data.remote())) return nullptr;  // a part of one, which is on the host
  return dynamic_cast<const RemoteArray*>(a.data.remote().get());
}

}  // namespace

Bundle::~Bundle() { detail::give_block(host_); }

std::byte* Bundle::host() {
  const std::lock_guard lock(mutex_);
  if (host_) return host_;
  std::byte* block = detail::take_block(block_.bytes());
  try {
    card().toHost(block, at(), block_.bytes());
  } catch (...) {
    detail::give_block(block);
    throw;
  }
  return host_ = block;
}

detail::Array arrayIn(const Shared<Bundle>& bundle, std::size_t offset, Dtype dtype, const Shape& shape) {
  detail::Array a;
  a.dtype = dtype;
  a.shape = shape;
  a.data = detail::Storage(Shared<detail::Remote>(share<RemoteArray>(bundle, offset)));
  return a;
}

std::optional<cuda::Pointer> placeOn(const Card& card, const detail::Array& a) {
  const RemoteArray* remote = remoteOf(a);
  if (!remote || &remote->bundle->card() != &card) return {};
  return remote->bundle->at() + remote->offset;
}

Shared<Bundle> bundleOf(const detail::Array& a) {
  const RemoteArray* remote = remoteOf(a);
  return remote ? remote->bundle : Shared<Bundle>();
}

Shared<Bundle> Mirrors::of(Card& card, const detail::Array& a) {
  const std::lock_guard lock(card.mutex());
  forget(card);
  if (const Copy* c = find(a)) return c->there;
  auto there = share<Bundle>(card, a.bytes());
  card.toDevice(there->at(), a.data.get(), a.bytes());
  copies_.push_back({a.data, a.bytes(), there});
  return there;
}

void Mirrors::forget(Card& card) {
  const std::lock_guard lock(card.mutex());
  std::erase_if(copies_, [](const Copy& c) { return c.host.owners() == 1; });
}

bool Mirrors::has(Card& card, const detail::Array& a) {
  const std::lock_guard lock(card.mutex());
  return find(a) != nullptr;
}

const Mirrors::Copy* Mirrors::find(const detail::Array& a) const {
  for (const Copy& c : copies_)
    if (c.host.get() == a.data.get() && c.bytes == a.bytes()) return &c;
  return nullptr;
}

Mirrors& mirrors(const Card& card) {
  static std::mutex mutex;
  static auto* all = new std::map<int, Mirrors>;  // never destroyed, as cards are not
  const std::lock_guard lock(mutex);
  return (*all)[card.index()];
}

}  // namespace nuthatch::gpu
