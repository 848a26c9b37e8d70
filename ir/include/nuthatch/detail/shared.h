#pragma once
/// A pointer whose copies share what it points to: std::shared_ptr without the price of including <memory>, which is a
/// quarter of the time a small model file takes to compile. The count is atomic; there are no weak pointers.
#include <cstddef>
#include <type_traits>
#include <utility>

namespace nuthatch {

template <class T>
class Shared;

namespace detail {

/// What all copies of a Shared have in common: their number, and how the object ends.
class Owner;
Owner* make_owner(void* object, void (*end)(void*));
/// Null is welcome.
void add_owner(Owner*) noexcept;
void drop_owner(Owner*) noexcept;
/// How many copies there are; 0 of null.
long count_owners(const Owner*) noexcept;

}  // namespace detail

template <class T>
class Shared {
 public:
  Shared() = default;
  Shared(std::nullptr_t) {}
  /// Takes over an object; `end` is called with it after its last copy. Where `end` is left out it is deleted.
  template <class U>
    requires std::is_convertible_v<U*, T*>
  explicit Shared(U* object, void (*end)(void*) = [](void* p) { delete static_cast<U*>(p); })
      : object_(object), owner_(detail::make_owner(const_cast<std::remove_cv_t<U>*>(object), end)) {}
  /// Points to a part of what another one keeps alive.
  template <class U>
  Shared(const Shared<U>& whole, T* part) : object_(part), owner_(whole.owner_) {
    detail::add_owner(owner_);
  }
  template <class U>
    requires std::is_convertible_v<U*, T*>
  Shared(const Shared<U>& other) : object_(other.object_), owner_(other.owner_) {
    detail::add_owner(owner_);
  }
  template <class U>
    requires std::is_convertible_v<U*, T*>
  Shared(Shared<U>&& other) noexcept : object_(other.object_), owner_(other.owner_) {
    other.object_ = nullptr;
    other.owner_ = nullptr;
  }
  /// Keeps a std::shared_ptr or the like, and with it what that points to.
  template <class P>
    requires requires(const P& p) {
      p.use_count();
      static_cast<T*>(p.get());
    }
  Shared(P pointer) : object_(pointer.get()) {
    if (object_) owner_ = detail::make_owner(new P(std::move(pointer)), [](void* p) { delete static_cast<P*>(p); });
  }
  Shared(const Shared& other) : object_(other.object_), owner_(other.owner_) { detail::add_owner(owner_); }
  Shared(Shared&& other) noexcept : object_(other.object_), owner_(other.owner_) {
    other.object_ = nullptr;
    other.owner_ = nullptr;
  }
  Shared& operator=(Shared other) noexcept {
    swap(other);
    return *this;
  }
  ~Shared() { detail::drop_owner(owner_); }

  T* get() const { return object_; }
  /// How many copies there are, of all that share an owner. Others may come and go meanwhile, unless there is only one.
  long owners() const { return detail::count_owners(owner_); }
  T* operator->() const { return object_; }
  std::add_lvalue_reference_t<T> operator*() const { return *object_; }
  explicit operator bool() const { return object_ != nullptr; }
  void reset() { Shared().swap(*this); }
  void swap(Shared& other) noexcept {
    std::swap(object_, other.object_);
    std::swap(owner_, other.owner_);
  }

  template <class U>
  friend bool operator==(const Shared& a, const Shared<U>& b) {
    return a.get() == b.get();
  }
  friend bool operator==(const Shared& a, std::nullptr_t) { return a.object_ == nullptr; }

 private:
  template <class U>
  friend class Shared;
  T* object_ = nullptr;
  detail::Owner* owner_ = nullptr;
};

/// A new object of type T, made with these arguments.
template <class T, class... A>
Shared<T> share(A&&... arguments) {
  return Shared<T>(new std::remove_cv_t<T>(std::forward<A>(arguments)...));
}

}  // namespace nuthatch
