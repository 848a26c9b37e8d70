#include "nuthatch/detail/shared.h"

#include <atomic>

namespace nuthatch::detail {

class Owner {
 public:
  Owner(void* object, void (*end)(void*)) : object_(object), end_(end) {}
  void add() noexcept { count_.fetch_add(1, std::memory_order_relaxed); }
  void drop() noexcept {
    // The last one sees what the others did to the object before they let go.
    if (count_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    end_(object_);
    delete this;
  }
  long count() const noexcept { return count_.load(std::memory_order_acquire); }

 private:
  std::atomic<long> count_ = 1;
  void* object_;
  void (*end_)(void*);
};

Owner* make_owner(void* object, void (*end)(void*)) {
  if (!object) return nullptr;
  try {
    return new Owner(object, end);
  } catch (...) {
    end(object);
    throw;
  }
}
void add_owner(Owner* owner) noexcept {
  if (owner) owner->add();
}
void drop_owner(Owner* owner) noexcept {
  if (owner) owner->drop();
}
long count_owners(const Owner* owner) noexcept { return owner ? owner->count() : 0; }

}  // namespace nuthatch::detail
