// Discrete sites in the body of a scan, summed out over all paths: a hidden Markov model written with its states in the
// carry. The body is traced once with every state of the step before and every state of this step at once, each along a
// dimension of its own; the product of its factors is then a matrix from states to states, and the loop yields one per
// step. What the body carries must depend on the states of one step alone.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ppl/core/scan_sites.h"
#include "ppl/core/sum_product.h"

namespace nuthatch::discrete {

using tree::Leaves;

class EnumeratedScan {
public:
  /// `first`: the dimension (negative) of its first site; those of outer variables are between it and the plates, which
  /// are to the right of `outer`.
  EnumeratedScan(detail::ScanBody& body, int first, int outer);
  bool has_sites() const { return !sites_.empty(); }
  /// Dimensions it takes from `first` on; after the loop its states have the first of them.
  int dims() const { return has_sites() ? 2 * int(sites_.size()) : 0; }
  int dim() const { return first_; }
  /// "z", "u_v".
  std::string names() const;
  Where where() const { return sites_.front().where; }

  // ---- while the body is traced ----
  /// A new attempt begins.
  void begin();
  /// All values of a site, along its dimension.
  Tensor add_site(const Message&);
  /// A statement whose density depends on enumerated sites; finish() of it calls add_term.
  void expect(const std::string& name) { expected_.insert(name); }
  bool expects(const std::string& name) const { return expected_.contains(name); }
  void add_term(const Message&, Tensor log_prob);
  /// The initial carries in the shapes that the body gives back.
  Leaves start(const Leaves& init);
  /// What the body gave back, in these shapes; false when these have changed and the body is to be traced again.
  /// `terms` are further outputs.
  bool end(Leaves& out, const Leaves& init, Leaves& terms);
  /// The loop's results, and its terms with a leading axis of steps.
  void complete(Leaves& results, const Leaves& terms);

  // ---- after the loop ----
  /// The factors that are left when the paths are summed out.
  std::vector<Factor> factors(Semiring, const std::vector<Variable>& outer, ChainSum how) const;
  /// The sites' values at all steps, [steps, ...plates], given the indices of the outer variables' values.
  std::map<std::string, Tensor> paths(Semiring, const std::vector<Variable>& outer, const std::map<int, Tensor>& chosen,
                                      const Key& key) const;
  struct Site {
    std::string name;
    Tensor support;
    int now = 0, before = 0;  // dimensions of its values at this step and at the step before
    Plates plates;
    std::vector<PlateFrame> frames;  // with the axis of steps
    int batch = 0;                  // dimensions of its plates
    Where where;
    std::int64_t k() const { return support.size(); }
  };
  const std::vector<Site>& sites() const { return sites_; }

private:
  struct Term {
    Tensor value;  // of one step while the body is traced, then of all
    Plates plates;
    Tensor scale;
    std::string site;
  };
  std::int64_t num_states() const;
  bool of_states(const Term& term) const;
  bool varies(const Tensor& x, int Site::*dim) const;
  Tensor exchanged(const Tensor& x, std::size_t lead) const;
  Tensor joint(const Tensor& x, std::size_t lead) const;
  bool is_first_state(const Tensor& init);
  Tensor as_state_before(const Tensor& init) const;
  Tensor step_total() const;
  Tensor matrices() const;

  detail::ScanBody* body_;  // while it is traced
  bool reverse_;
  int first_, outer_;
  std::vector<Site> sites_;
  std::vector<Term> terms_;
  std::set<std::string> expected_;
  struct Carried {
    Shape shape;
    bool state = false;  // its initial value is that of the outer variable that is the first state
  };
  std::vector<std::optional<Carried>> carried_;  // carries that depend on the states
  int start_ = 0;                               // dimension of the outer variable that is the first state; 0: none
  Tensor scale_;
};

}  // namespace nuthatch::discrete
