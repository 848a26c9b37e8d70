// Of discrete distributions.
#include <algorithm>
#include <cmath>
#include <vector>

#include "nuthatch/array.h"
#include "nuthatch/math.h"
#include "ppl/kl/pairs.h"

namespace nuthatch::detail {
namespace {

/// p log(p / q), 0 for p = 0, infinite for q = 0 < p; from p and the logarithms.
Tensor weighted_difference(const Tensor& p, const Tensor& log_p, const Tensor& log_q) {
  Tensor some = p > 0.0;
  return select(some, p * (select(some, log_p, 0.0) - select(some, log_q, 0.0)), 0.0);
}

/// Success and failure of a member that has probs or logits.
struct Success {
  Tensor p, log_p, log_not;
};
Success success(const Member& m) {
  if (Tensor l = m["logits"]; l.defined()) return {sigmoid(l), -softplus(-l), -softplus(l)};
  Tensor p = m["probs"];
  return {p, log(p), log1p(-p)};
}

Tensor bernoulli(const Member& a, const Member& b) {
  const Success p = success(a), q = success(b);
  return weighted_difference(p.p, p.log_p, q.log_p) + weighted_difference(exp(p.log_not), p.log_not, q.log_not);
}

/// Log probabilities of a member that has probs or logits over categories.
Tensor categories(const Member& m) {
  Tensor l = m["logits"];
  return l.defined() ? log_softmax(l, -1) : log(m["probs"]);
}

Tensor categorical(const Member& p, const Member& q) {
  Tensor l = categories(p);
  return sum(weighted_difference(exp(l), l, categories(q)), -1);
}

/// Whether both have the same concrete total_count everywhere.
bool same_count(const Member& p, const Member& q) {
  Tensor n = p["total_count"], k = q["total_count"];
  if (!n.is_concrete() || !k.is_concrete() || n.size() == 0 || k.size() == 0) return false;
  // On the host: an operation would be traced inside of a trace.
  const std::vector<double> a = n.to_vector<double>(), b = k.to_vector<double>();
  auto all_are = [](const std::vector<double>& x, double count) {
    return std::all_of(x.begin(), x.end(), [&](double v) { return v == count; });
  };
  return n.shape() == k.shape() ? a == b : all_are(a, b[0]) && all_are(b, b[0]);
}

Tensor poisson(const Member& p, const Member& q) {
  Tensor a = p["rate"], b = q["rate"];
  return weighted_difference(a, log(a), log(b)) - a + b;
}

/// Per success: the failures before it are a mean (1 - p) / p of them.
Tensor geometric(const Member& a, const Member& b) {
  const Success p = success(a), q = success(b);
  return weighted_difference(1.0, p.log_p, q.log_p) +
         weighted_difference(exp(p.log_not - p.log_p), p.log_not, q.log_not);
}

Tensor negative_binomial(const Member& a, const Member& b) {
  const Success p = success(a), q = success(b);
  return a["total_count"] *
         (p.log_not - q.log_not + weighted_difference(exp(p.log_p - p.log_not), p.log_p, q.log_p));
}

}  // namespace

Tensor kl_of_counts(const Member& p, const Member& q) {
  const std::string& f = p.family;
  if (f != q.family) return {};
  if (f == "Bernoulli") return bernoulli(p, q);
  if (f == "Categorical") return categorical(p, q);
  if (f == "Poisson") return poisson(p, q);
  if (f == "Geometric") return geometric(p, q);
  if (f == "Binomial" && same_count(p, q)) return p["total_count"] * bernoulli(p, q);
  if (f == "Multinomial" && same_count(p, q)) return p["total_count"] * categorical(p, q);
  if (f == "NegativeBinomial" && same_count(p, q)) return negative_binomial(p, q);
  return {};
}

}  // namespace nuthatch::detail
