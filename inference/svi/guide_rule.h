// What automatic guides do when the model of a guide runs.
#pragma once

#include <memory>

#include "nuthatch/autoguide.h"
#include "nuthatch/detail/missing_values.h"

namespace nuthatch::detail {

/// A latent site of the model.
struct GuideSite : LatentSite {
  Constraint support;
  /// False where the support depends on other sites; then `support` is without meaning.
  bool fixed_support = true;
  std::size_t batch_dims = 0;
  /// In a subsampled plate.
  bool local = false;

  /// Onto the support; an Error where that depends on other sites.
  Bijector bijector(const char* guide) const;
};

/// Of the model with its arguments, known before anything is fitted.
struct GuideLayout {
  GuideLayout(const BoundModel& model, Where where);
  /// Subsampled plates have the members of a fixed key.
  LogDensity density;
  MissingPositions missing;
  /// In the order of the unconstrained vector, with their places there.
  std::vector<GuideSite> sites;
  /// Its length.
  std::int64_t dim = 0;
  /// Where the sites start [dim].
  Tensor start;
  /// Of random initial params.
  Key key = Key(0);

  const GuideSite& site(const std::string& name) const;
  /// The first site in a subsampled plate; null: there is none.
  const GuideSite* local_site() const;
};

/// Params of a guide: statements while it runs, entries of a table afterwards.
using GuideParams = Function<Tensor(const std::string& name, const Tensor& initial, const Constraint&)>;
/// The table; a name that is not in it is an Error.
GuideParams params_of(const Values& table, const char* guide, Where where);

/// Statements of a guide.
class GuideStatements {
 public:
  GuideStatements(const Handler& handler, Where where, std::string scope = {})
      : handler_(handler), where_(where), scope_(std::move(scope)) {}
  /// The same with names that begin with `scope`.
  GuideStatements within(const std::string& scope) const { return {handler_, where_, scope_ + scope}; }
  Tensor param(const std::string& name, const Tensor& initial, const Constraint&) const;
  /// A draw that no site of the model is.
  Tensor draw(const std::string& name, const Distribution&) const;
  /// The same in the plates of a site.
  Tensor draw(const std::string& name, const Distribution&, const Message& site) const;
  void factor(const std::string& name, const Tensor& log_factor) const;
  /// In place of the model's statement: with the value given, or drawn.
  Tensor site(const Message& of, const Distribution&, const Tensor& value = {}) const;
  /// The value f(x), f onto the support of the model's statement, as a Delta with the log density -log |det df/dx|.
  Tensor image(const Message& of, const Tensor& unconstrained) const;
  GuideParams params() const;

 private:
  const Handler& handler_;
  Where where_;
  std::string scope_;
};

/// Gives the latent sites of one run of the model their values.
class SiteSource {
 public:
  virtual ~SiteSource() = default;
  /// The value of a latent site, from a statement of the guide in its place.
  virtual Tensor value(const Message&, const GuideSite&, const GuideStatements&) const = 0;
};

class GuideRule {
 public:
  explicit GuideRule(Where where) : where(where) {}
  virtual ~GuideRule() = default;
  virtual const char* name() const = 0;
  virtual const Init& init() const = 0;
  virtual std::unique_ptr<SiteSource> begin(const GuideLayout&, const GuideStatements&) const = 0;

  /// What its draws are of once it is fitted; null: itself.
  virtual Shared<const GuideRule> fitted(const Values&, const GuideLayout&) const { return {}; }
  /// Standard normal to unconstrained space.
  virtual Bijector transform(const GuideParams&, const GuideLayout&) const;
  virtual Distribution posterior(const GuideParams&, const GuideLayout&) const;
  /// Location and standard deviation of every unconstrained coordinate of a guide whose marginals are normal.
  virtual std::pair<Tensor, Tensor> location_and_scale(const GuideParams&, const GuideLayout&) const;
  /// [q, ...] of every latent site, by default from the above.
  virtual Values quantiles(const GuideParams&, const GuideLayout&, const std::vector<double>& q) const;
  /// Adds or replaces draws of sites in subsampled plates by those of all members.
  virtual void complete(Values&, const Key&, const GuideParams&, const GuideLayout&) const {}

  Where where;  // where the guide was made
};

/// Throws where a site stands in a subsampled plate: it has no place in one vector.
void require_one_vector(const GuideRule&, const GuideLayout&);
/// The latent sites of an unconstrained vector.
Values latent_values(const GuideLayout&, const Tensor& z);
/// The model inside the guide.
BoundModel guide_statements(const BoundModel& model, Shared<const GuideRule> rule, Shared<const GuideLayout> layout);

}  // namespace nuthatch::detail
