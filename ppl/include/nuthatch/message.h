#pragma once
/// The protocol all of the language rests on. A primitive (sample, param, deterministic, factor, ...) fills in a Message and
/// sends it through the handlers that are active in this thread: `process` from the innermost to the outermost, then
/// the default action, then `finish` from the outermost back to the innermost. Plates, seeds, substitutions, traces
/// and the log density are handlers; inference only composes them.
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "nuthatch/distribution.h"
#include "nuthatch/function.h"
#include "nuthatch/labels.h"

namespace nuthatch {

enum class Primitive : std::uint8_t {
  sample,
  param,
  deterministic,
  factor,
  plate,          // of which a part of the members is used: the value is their indices
  mutable_state,  // a quantity that one run hands to the next
  prng_key,       // asks for a random key
  get_mask        // asks for the masks around it
};

/// What a statement, or infer_config, tells inference about a site.
struct Infer {
  bool enumerate = false;    // a discrete latent site to be summed out
  bool auxiliary = false;    // made by a handler: no variable of the model
  bool was_observed = false; // made latent by uncondition,
  Tensor observation{};      // which removed these data
};

/// One plate around a site.
struct PlateFrame {
  std::string name;
  std::int64_t size = 0;
  int dim = -1;  // of the batch shape, counted from its end
  Labels labels{};  // empty, or `size` of them
  Where where{};
  std::int64_t full_size = 0;  // of which `size` members take part
  Tensor indices{};            // which; undefined when all do

  ~PlateFrame();  // compiled once
};

struct Message {
  Primitive primitive = Primitive::sample;
  std::string name;
  Distribution distribution;  // of a sample
  Tensor value;               // undefined until somebody provides it
  Key key;                    // undefined (key.tensor()) until somebody provides it
  bool observation = false;   // the statement takes data, given or not
  bool observed = false;      // the value is data
  std::vector<PlateFrame> plates;  // outermost (dim -1) first
  Tensor scale, mask;         // of the log density; undefined means 1, true
  Constraint constraint;      // of a param
  Tensor initial;             // of a param: its value when nobody provides another
  Where where;                // line of the statement
  bool stop = false;          // handlers further out do not see the message
  Infer infer;
  int event_dim = -1;         // of a param inside a subsampled plate: dimensions of one member's value, -1: not per member
  std::int64_t size = 0, subsample_size = 0;  // of a plate
  bool outside_plates = false;                // plates leave the site alone
  int enumeration_dim = 0;    // batch dimensions from this one (< 0) to the left run over values of enumerated sites

  Message(Primitive kind, std::string site, Where line) : primitive(kind), name(std::move(site)), where(line) {}
  /// 'sample("theta")'.
  std::string title() const;
  /// '\n  in sample("theta"), plates: school=8', to be appended to a message.
  std::string context() const;
  /// Log density of the site: masked, scaled, of the distribution's batch shape. `in_support` skips the support test.
  Tensor log_prob(bool in_support = false) const;
  /// The same without the scale: what one observation contributes by itself.
  Tensor unscaled_log_prob() const;
  /// Its sum, a scalar.
  Tensor total_log_prob(bool in_support = false) const;
};

/// Reacts to messages. A subclass of about ten lines is a new effect.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual void process(Message&) {}
  virtual void finish(Message&) {}
  /// The model that was called inside the handler has returned.
  virtual void returned() {}
  /// In the body of a scan: true for a handler that rewrites statements, which then sees every step's; false for one
  /// that provides or records values, which sees the one site that all steps make together.
  virtual bool stepwise() const { return false; }
};

/// Makes a handler anew for every run of a model.
using HandlerFactory = Function<Shared<Handler>()>;

/// Puts a handler on top of this thread's stack for its own lifetime.
class [[nodiscard]] Active {
 public:
  explicit Active(Handler& handler);
  ~Active();
  Active(const Active&) = delete;
  Active& operator=(const Active&) = delete;

 private:
  Handler* handler_;
};

namespace detail {
/// Sends a message through the stack; on return message.value is defined.
void dispatch(Message& message);
/// The same for a message of a handler: only handlers further out see it.
void dispatch_outside(const Handler& sender, Message& message);
/// While it lives, parameters and values are not tested in this thread: a log density may be evaluated anywhere.
class NoValidation {
 public:
  NoValidation();
  ~NoValidation();
  static bool active();
};
/// The handlers of this thread, outermost first.
const std::vector<Handler*>& handler_stack();
}  // namespace detail

}  // namespace nuthatch
