#include "nuthatch/model.h"

#include "nuthatch/array.h"

namespace nuthatch {

Tensor Argument::data() const {
  // A literal would become a constant of the program.
  return tensor_.is_weak() ? full(Shape{}, tensor_).cast(tensor_.dtype()) : tensor_;
}

void Argument::mismatch(int position, const std::string& expected, Where where) const {
  throw Error("argument " + std::to_string(position) + " is a " + detail::type_name(type_->name()) +
                  ", but the model's parameter is a " + expected,
              where);
}

namespace detail {
template HeldArgument hold<Tensor>(const Argument&, int, Where);
template HeldArgument hold<Observed>(const Argument&, int, Where);
template HeldArgument hold<bool>(const Argument&, int, Where);
template HeldArgument hold<int>(const Argument&, int, Where);
template HeldArgument hold<std::int64_t>(const Argument&, int, Where);
template HeldArgument hold<double>(const Argument&, int, Where);
template HeldArgument hold<std::string>(const Argument&, int, Where);
}  // namespace detail

namespace {

/// The tensors of arguments, in order, without empty observations.
struct CollectData final : tree::Visitor {
  std::vector<Tensor> found;
  void leaf(Tensor& x, const tree::Path*) override {
    if (x.defined()) found.push_back(x);
  }
};
struct ReplaceData final : tree::Visitor {
  explicit ReplaceData(const std::vector<Tensor>& data) : data(data) {}
  const std::vector<Tensor>& data;
  std::size_t next = 0;
  void leaf(Tensor& x, const tree::Path*) override {
    if (x.defined()) x = data.at(next++);
  }
};

class Bound final : public BoundModel::Impl {
 public:
  Bound(detail::ErasedCall call, std::vector<detail::HeldArgument> arguments)
      : call_(std::move(call)), arguments_(std::move(arguments)) {}
  std::vector<Tensor> data() const override {
    CollectData visitor;
    walk_copies(visitor);
    return std::move(visitor.found);
  }
  void run(const std::vector<Tensor>& data) const override {
    ReplaceData visitor(data);
    auto copies = walk_copies(visitor);
    std::vector<void*> pointers;
    for (auto& copy : copies) pointers.push_back(copy.get());
    call_(pointers.data());
  }

 private:
  /// Models may take their arguments by value or change them: every run has copies of its own.
  std::vector<Shared<void>> walk_copies(tree::Visitor& visitor) const {
    std::vector<Shared<void>> copies;
    for (const auto& argument : arguments_) {
      copies.push_back(argument.copy(argument.value.get()));
      argument.walk(copies.back().get(), visitor);
    }
    return copies;
  }

  detail::ErasedCall call_;
  std::vector<detail::HeldArgument> arguments_;
};

class HandledModel final : public BoundModel::Impl {
 public:
  HandledModel(BoundModel inner, HandlerFactory make)
      : inner_(std::move(inner)), make_(std::move(make)) {}
  std::vector<Tensor> data() const override { return inner_.data(); }
  void run(const std::vector<Tensor>& data) const override {
    Shared<Handler> handler = make_();
    Active active(*handler);
    inner_.run(data);
    handler->returned();
  }

 private:
  BoundModel inner_;
  HandlerFactory make_;
};

bool optional(const detail::ModelParameter& parameter) { return *parameter.type == typeid(Observed); }

}  // namespace

Model::Model(std::initializer_list<detail::ModelParameter> parameters, detail::ErasedCall call)
    : held_(parameters), call_(std::move(call)) {
  for (const auto& p : held_) parameters_ += (parameters_.empty() ? "(" : ", ") + detail::type_name(p.type->name());
  parameters_ += parameters_.empty() ? "()" : ")";
}

Model::Model(const Model&) = default;
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(const Model&) = default;
Model& Model::operator=(Model&&) noexcept = default;
Model::~Model() = default;

BoundModel Model::bind(const std::vector<Argument>& arguments, Where where) const {
  const std::string given =
      "model " + parameters_ + " was given " + std::to_string(arguments.size()) +
      (arguments.size() == 1 ? " argument" : " arguments");
  if (arguments.size() > held_.size()) throw Error(given, where);
  std::vector<detail::HeldArgument> held;
  for (std::size_t i = 0; i < held_.size(); ++i) {
    const int position = int(i) + 1;
    if (i >= arguments.size() && !optional(held_[i]))
      throw Error(given + "; parameter " + std::to_string(position) + " (" + detail::type_name(held_[i].type->name()) +
                      ") is missing",
                  where);
    held.push_back(held_[i].hold(i < arguments.size() ? arguments[i] : Argument(Observed()), position, where));
  }
  BoundModel bound(share<Bound>(call_, std::move(held)));
  for (const auto& change : changes_) bound = change(bound);
  return bound;
}

BoundModel BoundModel::handled(HandlerFactory make) const {
  return BoundModel(share<HandledModel>(*this, std::move(make)));
}

Model Model::handled(HandlerFactory make) const {
  return changed([make = std::move(make)](const BoundModel& model) { return model.handled(make); });
}

Model Model::changed(Function<BoundModel(const BoundModel&)> change) const {
  Model result = *this;
  result.changes_.push_back(std::move(change));
  return result;
}

}  // namespace nuthatch
