#pragma once
/// A concrete dense row-major array: what a Tensor holds outside a trace, and what compiled programs read and write.

#include "nuthatch/detail/shared.h"
#include "nuthatch/dtype.h"

namespace nuthatch::detail {

/// Elements that a program left on a device.
class Remote {
 public:
  virtual ~Remote();
  /// The elements in this process's memory, where the first call brings them. Throws nuthatch::Error when the device
  /// has failed.
  virtual std::byte* host() = 0;
};

/// Memory of an array; copies share it. What a program left on a device comes here when somebody looks at it.
class Storage {
 public:
  Storage() = default;
  Storage(std::nullptr_t) {}
  /// Takes over a block; `end` is called with it after its last copy.
  Storage(std::byte* block, void (*end)(void*)) : host_(block, end) {}
  /// Part of another one.
  Storage(const Storage& whole, std::byte* part) : host_(whole.host_, part), remote_(whole.remote_), part_(true) {}
  explicit Storage(Shared<Remote> remote) : remote_(std::move(remote)) {}

  std::byte* get() const { return !remote_ || part_ ? host_.get() : remote_->host(); }
  /// Of memory that was on a device when it was made; else null.
  const Shared<Remote>& remote() const { return remote_; }
  /// How many copies there are of what keeps the memory.
  long owners() const { return remote_ ? remote_.owners() : host_.owners(); }
  explicit operator bool() const { return host_ || remote_; }
  friend bool operator==(const Storage& a, const Storage& b) { return a.host_ == b.host_ && a.remote_ == b.remote_; }
  friend bool operator==(const Storage& a, std::nullptr_t) { return !a; }

 private:
  Shared<std::byte> host_;
  Shared<Remote> remote_;
  bool part_ = false;
};

struct Array {
  Dtype dtype = Dtype::f64;
  Shape shape;
  Storage data;  // 64-byte aligned, size_of(dtype) * num_elements() bytes

  Array() = default;
  Array(Dtype dtype, Shape shape);  // uninitialised elements
  std::int64_t num_elements() const { return shape.num_elements(); }
  std::size_t bytes() const { return std::size_t(num_elements()) * size_of(dtype); }
  template <class T> T* as() { return reinterpret_cast<T*>(data.get()); }
  template <class T> const T* as() const { return reinterpret_cast<const T*>(data.get()); }
};

}  // namespace nuthatch::detail
