#pragma once
/// Conditionally independent repetitions. Active until the end of the scope; a plate declared while another is active
/// nests inside it, one dimension to the left. The same name may be entered again with the same size.
#include <cstdint>
#include <string>
#include <utility>

#include "nuthatch/message.h"

namespace nuthatch {

class [[nodiscard]] Plate : public Handler {
 public:
  Plate(const std::string& name, std::int64_t size, Where where = Where::current());
  Plate(const std::string& name, const Labels& labels, Where where = Where::current());
  Plate(const Plate&) = delete;
  Plate& operator=(const Plate&) = delete;

  std::int64_t size() const { return frame_.size; }
  const PlateFrame& frame() const { return frame_; }
  void process(Message&) override;

 private:
  PlateFrame frame_;
  Active active_;
};

/// Runs body inside a plate and returns what it returns.
template <class F>
auto plate(const std::string& name, std::int64_t size, F&& body, Where where = Where::current()) {
  Plate scope(name, size, where);
  return std::forward<F>(body)();
}
template <class F>
auto plate(const std::string& name, const Labels& labels, F&& body, Where where = Where::current()) {
  Plate scope(name, labels, where);
  return std::forward<F>(body)();
}

/// Sites in the scope count only where the mask is true.
class [[nodiscard]] Mask : public Handler {
 public:
  explicit Mask(Tensor mask) : mask_(std::move(mask)), active_(*this) {}
  void process(Message&) override;

 private:
  Tensor mask_;
  Active active_;
};

/// Log densities in the scope are multiplied by a factor.
class [[nodiscard]] Scale : public Handler {
 public:
  explicit Scale(Tensor factor) : factor_(std::move(factor)), active_(*this) {}
  void process(Message&) override;

 private:
  Tensor factor_;
  Active active_;
};

/// Names of sites in the scope get a prefix: "first/a".
class [[nodiscard]] Scope : public Handler {
 public:
  explicit Scope(std::string prefix) : prefix_(std::move(prefix)), active_(*this) {}
  void process(Message&) override;

 private:
  std::string prefix_;
  Active active_;
};

}  // namespace nuthatch
