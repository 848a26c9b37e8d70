#pragma once
/// Conditionally independent repetitions. Active until the end of the scope; a plate declared while another is active
/// nests inside it, one dimension to the left. The same name may be entered again with the same size.
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "nuthatch/message.h"
#include "nuthatch/observed.h"
#include "nuthatch/options.h"

namespace nuthatch {

struct PlateOptions {
  OnlyNamed only_named{};
  /// Uses a random part of the members, without repetition, drawn anew in every run; log densities in the plate are
  /// multiplied by size / subsample_size. For variational inference and HMCECS. 0: all members.
  std::int64_t subsample_size = 0;
  /// The batch dimension, negative. 0: the rightmost that no active plate has.
  int dim = 0;
};

class [[nodiscard]] Plate : public Handler {
 public:
  Plate(const std::string& name, std::int64_t size, Where where = Where::current());
  Plate(const std::string& name, const Labels& labels, Where where = Where::current());
  Plate(const std::string& name, std::int64_t size, const PlateOptions& options, Where where = Where::current());
  Plate(const std::string& name, const Labels& labels, const PlateOptions& options, Where where = Where::current());
  ~Plate() override;
  Plate(const Plate&) = delete;
  Plate& operator=(const Plate&) = delete;

  /// Members that take part in this run.
  std::int64_t size() const { return frame_.size; }
  const PlateFrame& frame() const { return frame_; }
  /// Which members: i64 [size()].
  Tensor indices() const;
  /// Their rows of data whose leading axis counts all members; x itself when all take part. An empty observation stays
  /// empty.
  Tensor take(const Tensor& x, Where where = Where::current()) const;
  Observed take(const Observed& x, Where where = Where::current()) const;
  void process(Message&) override;
  void finish(Message&) override;
  bool stepwise() const override { return true; }

 private:
  PlateFrame frame_;
  Active active_;
};

/// Several nested plates "prefix_0", "prefix_1", ... at dimensions rightmost_dim, rightmost_dim - 1, ...: sites in the
/// scope have batch shape `sizes`.
class [[nodiscard]] PlateStack {
 public:
  PlateStack(const std::string& prefix, const std::vector<std::int64_t>& sizes, int rightmost_dim = -1,
             Where where = Where::current());
  ~PlateStack();
  PlateStack(const PlateStack&) = delete;
  PlateStack& operator=(const PlateStack&) = delete;

 private:
  std::vector<Shared<Plate>> plates_;
};

/// The rows of data for the members in use of every subsampled plate around it: plate dimension d of the data, counted
/// from the end, without their last `event_dim` dimensions.
Tensor subsample(const Tensor& data, int event_dim = 0, Where where = Where::current());

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

template <class F>
auto plate(const std::string& name, std::int64_t size, const PlateOptions& options, F&& body,
           Where where = Where::current()) {
  Plate scope(name, size, options, where);
  return std::forward<F>(body)();
}
template <class F>
auto plate_stack(const std::string& prefix, const std::vector<std::int64_t>& sizes, F&& body, int rightmost_dim = -1,
                 Where where = Where::current()) {
  PlateStack scope(prefix, sizes, rightmost_dim, where);
  return std::forward<F>(body)();
}

namespace detail {
/// False when a concrete tensor has an element that is not positive.
bool positive_where_known(const Tensor& x);
}  // namespace detail

/// Sites in the scope count only where the mask, of dtype bool_, is true.
class [[nodiscard]] Mask : public Handler {
 public:
  explicit Mask(Tensor mask, Where where = Where::current());
  void process(Message&) override;

 private:
  Tensor mask_;
  Active active_;
};

/// Log densities in the scope are multiplied by a positive factor.
class [[nodiscard]] Scale : public Handler {
 public:
  explicit Scale(Tensor factor, Where where = Where::current());
  void process(Message&) override;

 private:
  Tensor factor_;
  Active active_;
};

/// Names of sites and plates in the scope get a prefix: "first/a".
class [[nodiscard]] Scope : public Handler {
 public:
  /// Statements of `hide_kinds` keep their names; with Primitive::plate among them plates do.
  explicit Scope(std::string prefix, std::string divider = "/", std::vector<Primitive> hide_kinds = {})
      : prefix_(std::move(prefix) + std::move(divider)), hidden_(std::move(hide_kinds)), active_(*this) {}
  void process(Message&) override;
  bool stepwise() const override { return true; }

 private:
  std::string prefix_;
  std::vector<Primitive> hidden_;
  Active active_;
};

}  // namespace nuthatch
