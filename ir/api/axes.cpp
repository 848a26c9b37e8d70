#include "nuthatch/options.h"

namespace nuthatch {

Axes::Axes() = default;
Axes::Axes(int axis) : all_(false), list_{axis} {}
Axes::Axes(std::initializer_list<int> axes) : all_(false), list_(axes) {}
Axes::Axes(std::vector<int> axes) : all_(false), list_(std::move(axes)) {}
Axes::Axes(const Axes&) = default;
Axes::Axes(Axes&&) noexcept = default;
Axes& Axes::operator=(const Axes&) = default;
Axes& Axes::operator=(Axes&&) noexcept = default;
Axes::~Axes() = default;

}  // namespace nuthatch
