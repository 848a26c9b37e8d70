#include "ppl/distributions/discrete/summation.h"

#include <algorithm>
#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/control.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"
#include "ppl/distributions/quadrature.h"

namespace nuthatch::detail {
namespace {

/// Elements of a grid beyond which a loop is used.
constexpr double kGrid = 1 << 22;
/// Doublings of a step up to the largest double, and then halvings down to 1.
constexpr std::int64_t kSteps = 2200;

/// Integers first ... first + count - 1 along a new leading axis in front of `rank` dimensions.
Tensor grid(std::int64_t first, std::int64_t count, std::size_t rank) {
  Shape shape(rank + 1, 1);
  shape[0] = count;
  return reshape(arange(first, first + count).cast(f64), shape);
}

Shape common_shape(const Tensor& a, const Tensor& b, const Shape& batch) {
  return broadcast_shapes({a.shape(), b.shape(), batch});
}

struct Range {
  double first = 0, last = -1;
};

/// Smallest lower and largest upper bound, when both are known and finite.
std::optional<Range> known_range(const Tensor& low, const Tensor& high) {
  if (!low.is_concrete() || !high.is_concrete() || low.size() == 0 || high.size() == 0) return std::nullopt;
  auto l = low.to_vector<double>(), h = high.to_vector<double>();
  Range r{*std::min_element(l.begin(), l.end()), *std::max_element(h.begin(), h.end())};
  for (double x : l) if (!std::isfinite(x)) return std::nullopt;
  for (double x : h) if (!std::isfinite(x)) return std::nullopt;
  return r;
}

struct Sum { Tensor k, total; };
struct Bracket { Tensor low, high, step, i; };

}  // namespace

Tensor sum_over(const Tensor& low, const Tensor& high, const Shape& batch, OfCount term) {
  const Shape shape = common_shape(low, high, batch);
  Tensor total;
  if (auto r = known_range(low, high); r && (r->last - r->first + 1) * double(shape.num_elements()) <= kGrid) {
    const std::int64_t count = std::max<std::int64_t>(1, std::int64_t(r->last - r->first) + 1);
    Tensor k = grid(std::int64_t(r->first), count, shape.size()), inside = (k >= low) & (k <= high);
    total = sum(select(inside, term(select(inside, k, low)), 0.0), 0);
  } else {
    const Tensor first = broadcast_if_needed(low.cast(f64), shape), last = broadcast_if_needed(high.cast(f64), shape);
    Sum s = while_loop(
        Sum{first, zeros(shape)}, [&](const Sum& s) { return any_of(s.k <= last); },
        [&](const Sum& s) {
          Tensor inside = s.k <= last;
          return Sum{s.k + 1.0, s.total + select(inside, term(select(inside, s.k, first)), 0.0)};
        });
    total = s.total;
  }
  return select(isnan(high + low), NAN, broadcast_if_needed(total, shape));
}

Tensor sum_of_smooth(const Tensor& end, const Shape& batch, OfCount term) {
  constexpr std::int64_t direct = 256;
  Tensor first = sum(term(grid(0, direct, batch.size())), 0);
  // From the middle c between the last term and the next, in logarithms of k.
  const double c = double(direct) - 0.5;
  const Tensor from = full(batch, std::log(c)), reach = maximum(log(maximum(broadcast_if_needed(end, batch), c)) - from, 0.0);
  Tensor rest = integral([&](const Tensor& u) {
    // integral() varies u along the last dimension, term() takes the batch there.
    const Tensor k = exp(moveaxis(u, -1, 0));
    return moveaxis(k * term(k), 0, -1);
  }, from, reach);
  // f'(c) / 24 - 7 f'''(c) / 5760, with differences of neighbouring terms for the derivatives.
  auto at = [&](double k) { return term(full(batch, k)); };
  const Tensor inner = at(c + 0.5) - at(c - 0.5), outer = at(c + 1.5) - at(c - 1.5);
  const Tensor slope = 9.0 / 8.0 * inner - outer / 24.0, third = outer - 3.0 * inner;
  return first + rest + slope / 24.0 - 7.0 / 5760.0 * third;
}

Tensor entropy_by_summation(const DistributionImpl& d, const Tensor& low, const Tensor& high) {
  return sum_over(low, high, d.batch_shape, [&](const Tensor& k) {
    const Tensor l = d.log_prob(k), some = l > -INFINITY;
    return select(some, -exp(l) * select(some, l, 0.0), 0.0);
  });
}

Tensor mode_by_search(const DistributionImpl& d, const Tensor& start, const Tensor& lower, const Tensor& upper) {
  // The first k after which the mass is smaller: a step function, whose "quantile" it is.
  return count_quantile(0.5, start, lower, upper,
                        [&](const Tensor& k) { return (d.log_prob(k + 1.0) <= d.log_prob(k)).cast(f64); });
}

Tensor argmax_over(std::int64_t n, const Shape& batch, OfCount value) {
  Tensor all = value(grid(0, n + 1, batch.size()));
  return argmax(all, 0).cast(f64);
}

Tensor count_quantile(const Tensor& q, const Tensor& start, const Tensor& lower, const Tensor& upper, OfCount cdf) {
  const Shape shape = broadcast_shapes({q.shape(), start.shape(), lower.shape(), upper.shape()});
  auto whole = [&](const Tensor& x) { return broadcast_if_needed(x.cast(f64), shape); };
  const Tensor p = whole(q), floor_k = whole(lower), top = whole(upper);
  const Tensor centre = clamp(floor(select(isfinite(start), start, 0.0)), lower, upper);
  // cdf(low) < q <= cdf(high), once both loops have ended.
  Bracket up = while_loop(
      Bracket{whole(centre) - 1.0, whole(centre), ones(shape), Tensor(0)},
      [&](const Bracket& b) { return any_of((cdf(b.high) < p) & (b.high < top)) & (b.i < kSteps); },
      [&](const Bracket& b) {
        Tensor move = (cdf(b.high) < p) & (b.high < top);
        return Bracket{select(move, b.high, b.low), select(move, minimum(b.high + b.step, top), b.high),
                       select(move, 2.0 * b.step, b.step), b.i + 1};
      });
  auto below = [&](const Bracket& b) { return (b.low >= floor_k) & (cdf(maximum(b.low, floor_k)) >= p); };
  Bracket down = while_loop(
      Bracket{up.low, up.high, ones(shape), Tensor(0)},
      [&](const Bracket& b) { return any_of(below(b)) & (b.i < kSteps); },
      [&](const Bracket& b) {
        Tensor move = below(b);
        return Bracket{select(move, maximum(b.low - b.step, floor_k - 1.0), b.low), select(move, b.low, b.high),
                       select(move, 2.0 * b.step, b.step), b.i + 1};
      });
  Bracket last = while_loop(
      down, [&](const Bracket& b) { return any_of(b.high - b.low > 1.0) & (b.i < 2 * kSteps); },
      [&](const Bracket& b) {
        Tensor middle = floor(0.5 * (b.low + b.high)), enough = cdf(middle) >= p;
        Tensor open = b.high - b.low > 1.0;
        return Bracket{select(open & ~enough, middle, b.low), select(open & enough, middle, b.high), b.step, b.i + 1};
      });
  return last.high;
}

Tensor count_quantile(const Tensor& q, const Tensor& mean, const Tensor& sd, const Tensor& lower, const Tensor& upper,
                      OfCount cdf) {
  return count_quantile(q, mean + sd * ndtri(q), lower, upper, cdf);
}

Tensor log_probability(const Tensor& p, const Tensor& complement) {
  Tensor likely = p > 0.5;
  return select(likely, log1p(-select(likely, complement, 0.0)), log(select(likely, 1.0, p)));
}

std::optional<std::int64_t> largest_count(const Tensor& n) {
  if (!n.is_concrete() || n.size() == 0) return std::nullopt;
  auto values = n.to_vector<std::int64_t>();
  return *std::max_element(values.begin(), values.end());
}

std::optional<std::int64_t> common_count(const Tensor& n) {
  auto largest = largest_count(n);
  if (!largest) return largest;
  auto values = n.to_vector<std::int64_t>();
  return std::count(values.begin(), values.end(), *largest) == std::ptrdiff_t(values.size()) ? largest : std::nullopt;
}

}  // namespace nuthatch::detail
