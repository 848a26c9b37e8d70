#pragma once
/// The HDF5 library with handles that close themselves, exceptions, and one user at a time.
#include <hdf5.h>

#include <filesystem>
#include <mutex>
#include <string>

namespace nuthatch::detail::hdf5 {

/// Owns an identifier.
class Handle {
public:
  Handle() = default;
  Handle(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  Handle(Handle&& other) noexcept : id_(other.id_), close_(other.close_) { other.id_ = -1; }
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Handle() {
    if (id_ >= 0) close_(id_);
  }
  operator hid_t() const { return id_; }
  explicit operator bool() const { return id_ >= 0; }
  /// Closes now; false when that fails, as a file on a full disk does.
  bool close() {
    const hid_t id = id_;
    id_ = -1;
    return id < 0 || close_(id) >= 0;
  }

private:
  hid_t id_ = -1;
  herr_t (*close_)(hid_t) = nullptr;
};

/// The library as Debian builds it has global state: a session locks it, and keeps it from printing.
class Session {
public:
  Session();
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

private:
  static std::mutex& mutex();
  std::lock_guard<std::mutex> lock_;
  H5E_auto2_t report_ = nullptr;
  void* report_to_ = nullptr;
};

/// What the library said last, most specific first; empty when nothing.
std::string last_error();

} // namespace nuthatch::detail::hdf5
