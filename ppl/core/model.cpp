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

void Model::describe() {
  for (const auto& name : names_) parameters_ += (parameters_.empty() ? "(" : ", ") + name;
  parameters_ += parameters_.empty() ? "()" : ")";
}

BoundModel Model::bind(const std::vector<Argument>& arguments, Where where) const {
  std::vector<Argument> complete = arguments;
  const std::string given =
      "model " + parameters_ + " was given " + std::to_string(arguments.size()) +
      (arguments.size() == 1 ? " argument" : " arguments");
  if (arguments.size() > names_.size()) throw Error(given, where);
  for (std::size_t i = arguments.size(); i < names_.size(); ++i) {
    if (!optional_[i])
      throw Error(given + "; parameter " + std::to_string(i + 1) + " (" + names_[i] + ") is missing", where);
    complete.emplace_back(Observed());
  }
  return bind_(complete, where);
}

namespace {
class HandledModel final : public BoundModel::Impl {
 public:
  HandledModel(BoundModel inner, std::function<std::shared_ptr<Handler>()> make)
      : inner_(std::move(inner)), make_(std::move(make)) {}
  std::vector<Tensor> data() const override { return inner_.data(); }
  void run(const std::vector<Tensor>& data) const override {
    std::shared_ptr<Handler> handler = make_();
    Active active(*handler);
    inner_.run(data);
    handler->returned();
  }

 private:
  BoundModel inner_;
  std::function<std::shared_ptr<Handler>()> make_;
};
}  // namespace

BoundModel BoundModel::handled(std::function<std::shared_ptr<Handler>()> make) const {
  return BoundModel(std::make_shared<HandledModel>(*this, std::move(make)));
}

Model Model::handled(std::function<std::shared_ptr<Handler>()> make) const {
  Model result = *this;
  result.bind_ = [inner = bind_, make = std::move(make)](const std::vector<Argument>& arguments, Where where) {
    return inner(arguments, where).handled(make);
  };
  return result;
}

}  // namespace nuthatch
