#pragma once
// Statements of a model in the body of a scan. The body is traced once, so a statement stands for as many as there are
// steps; handlers around the loop see one site with a leading axis of steps. What they decide (a value, a key, a mask)
// is needed inside, step by step, and what the body computes (draws, log densities) is needed by them afterwards. So
// the body is traced until every handler has been asked: a question ends the attempt, is put to the handlers outside
// of the loop, and its answer is an additional input of the next attempt. Outputs of the last attempt complete the
// sites.
#include <cstdint>
#include <list>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "nuthatch/detail/loops.h"
#include "nuthatch/message.h"

namespace nuthatch::detail {

class ScanBody;

/// A handler around a loop that lets sites of its body take all their values at once: what depends on them has further
/// dimensions, also among the carries.
class StepEnumerator {
 public:
  virtual ~StepEnumerator() = default;
  /// The body is about to be traced (again).
  virtual void begin_steps(ScanBody&) = 0;
  /// The initial carries in the shapes that the body gives back.
  virtual Leaves start_steps(const Leaves& init) = 0;
  /// What the body gave back, carries first, put into these shapes; false when they have changed, so that it is to be
  /// traced again. `terms` become further outputs of the loop.
  virtual bool end_steps(Leaves& out, const Leaves& init, Leaves& terms) = 0;
  /// The loop's results, and its terms with a leading axis of steps.
  virtual void complete_steps(Leaves& results, const Leaves& terms) = 0;
};

class ScanBody final : public Handler {
 public:
  ScanBody(std::int64_t trip, const ScanOptions& options, Where where);
  /// The loop with the body's sites.
  Leaves run(const Leaves& init, const Leaves& xs, const Paths&, ScanBodyRef body);

  void process(Message& m) override;
  void finish(Message& m) override;
  /// Sends a step's message to the handlers below `top` of the stack.
  void process_from(std::size_t top, Message& m);
  /// The present step's slice of a tensor with a leading axis of steps.
  Tensor slice(const Tensor& stacked);
  bool reverse() const { return options_.reverse; }
  /// Whether a tensor is made in the body, and so differs from step to step.
  bool inside(const Tensor& x) const;
  /// The plates around a site, and the axis of steps.
  std::vector<PlateFrame> frames_of(const Message& m) const { return with_steps(m, m.name); }

  /// The outermost loop among the handlers from `bottom` of the stack on; null when there is none.
  static ScanBody* from(std::size_t bottom);

 private:
  /// The handlers [to, from) of the stack have seen the site, and left the message like this.
  struct Answer {
    std::size_t from, to;
    Message message;
    bool value_given;  // all steps of the value are known before the loop
  };
  /// The site that all steps of one statement make together.
  struct Whole {
    Primitive kind;
    std::string name;  // as the statement gave it
    std::size_t top;
    Message message;
    bool value_given = false;
    std::vector<Answer> answers{};
    std::vector<Handler*> asked{};  // innermost first
    int value = -1, density = -1, scale = -1, removed = -1;  // among the outputs of the body
  };
  /// A statement on its way through the handlers.
  struct Step {
    const Message* message;
    Whole* whole;
    std::vector<Handler*> rewriting;  // innermost first
  };
  /// What ended an attempt.
  struct Question {
    Primitive kind;
    std::string name;
    std::size_t top, from, to;
    Message message;
    Tensor stacked;  // all steps of message.value, where they are known
    bool varying_support;
  };

  Whole* find(Primitive kind, const std::string& name, std::size_t top);
  [[noreturn]] void ask(Question question);
  void answer();
  void begin(const Tensor& i, const Leaves& slices);
  void apply(Whole& whole, const Answer& answer, Message& m);
  void record(Whole& whole, const Message& m);
  void complete(const Leaves& outputs);
  int output(const Tensor& x);
  StepEnumerator* enumerator() const;
  void weigh(const Whole& whole, Message& m);
  Tensor all_steps_of(const Tensor& x) const;
  std::vector<PlateFrame> with_steps(const Message& m, const std::string& name) const;
  void check(const Whole& whole) const;

  std::int64_t trip_;
  ScanOptions options_;
  Where where_;
  StepEnumerator* all_values_ = nullptr;
  Leaves xs_, extra_;  // inputs with a leading axis of steps: the user's, and values and masks of sites
  std::list<Whole> wholes_;
  std::vector<Question> questions_;  // at most one
  // Of the attempt:
  Tensor i_;
  Leaves slices_;  // of xs_, then extra_
  Leaves outputs_;
  std::vector<Step> steps_;
  std::set<std::tuple<Primitive, std::string, std::size_t>> seen_;
};

/// A value a handler outside of a scan holds for all steps of a site: the part of the step whose message it sees. Single
/// numbers are the same at every step.
Tensor at_step(const Handler& holder, const Tensor& value);
/// The loop in whose body a handler's messages come from; null when there is none. The outermost of several.
ScanBody* body_inside(const Handler& handler);
/// Whether a message stands for all steps of a scan.
bool has_all_steps(const Message& m);
/// Whether a handler sees the message of one step of a scan.
bool sees_steps(const Handler& handler);
/// Whether statements are in the body of a scan.
bool in_scan_body();
/// From now on loops of this thread are observed for statements of models.
void observe_statements_in_loops();

}  // namespace nuthatch::detail
