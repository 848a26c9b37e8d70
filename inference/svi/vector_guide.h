// Automatic guides that are one distribution of the whole unconstrained vector.
#pragma once

#include <string>

#include "inference/svi/guide_rule.h"

namespace nuthatch::detail {

class VectorRule : public GuideRule {
 public:
  VectorRule(std::string prefix, Where where) : GuideRule(where), prefix_(std::move(prefix)) {}
  std::unique_ptr<SiteSource> begin(const GuideLayout&, const GuideStatements&) const override;

 protected:
  /// States a draw of the vector; by default the image of standard normals under `transform`.
  virtual Tensor draw(const GuideLayout&, const GuideStatements&) const;

 private:
  std::string prefix_;
};

}  // namespace nuthatch::detail
