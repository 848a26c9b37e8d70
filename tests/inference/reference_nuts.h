// The No-U-Turn sampler as a textbook would print it: nested loops over doublings and leaves, std::vector<double>, one
// chain. It is the oracle of the state machines in inference/kernels: same random numbers, same operations in the same
// order, so the draws must agree bit for bit.
//
// Hoffman & Gelman, "The No-U-Turn Sampler", JMLR 15 (2014); multinomial weights and the generalised criterion:
// Betancourt, "A Conceptual Introduction to Hamiltonian Monte Carlo" (2017); iterative checkpoints: Phan et al.,
// NumPyro (2019); warm-up: Stan Reference Manual, "MCMC Sampling", windows and dual averaging.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <vector>

#include "ir/math/elementwise.h"

namespace nuthatch::reference {

using Vector = std::vector<double>;
/// Returns the log density at z and writes its gradient.
using Density = std::function<double(const Vector& z, Vector& gradient)>;
using RandomKey = math::ThreefryKey<std::uint32_t>;

/// Deliberate errors, to prove that the statistical tests would notice them.
enum class Mutation { none, acceptance, u_turn, gamma, momentum };

struct Options {
  int num_warmup = 1000, num_samples = 1000;
  int max_tree_depth = 10;
  double target_accept_prob = 0.8, step_size = 1.0;
  bool adapt_step_size = true, adapt_mass_matrix = true;
  bool fisher = false;  // metric from draws and gradients
  int max_attempts = 100;
  Mutation mutation = Mutation::none;
};

struct Draw {
  Vector position;
  double acceptance_rate, step_size, energy, lp;
  int tree_depth;
  long n_steps;
  bool diverging;
};

/// The order in which the IR sums: eight interleaved partial sums in blocks of 512, a fixed tree, block after block.
inline double ordered_sum(const Vector& x) {
  double total = -0.0;
  for (std::size_t begin = 0; begin < x.size(); begin += 512) {
    double p[8];
    std::fill(p, p + 8, -0.0);
    for (std::size_t i = begin; i < std::min(begin + 512, x.size()); ++i) p[i % 8] += x[i];
    for (int width : {4, 2, 1})
      for (int k = 0; k < width; ++k) p[k] += p[k + width];
    total += p[0];
  }
  return total;
}

inline double dot(const Vector& a, const Vector& b) {
  Vector products(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) products[i] = a[i] * b[i];
  return ordered_sum(products);
}

/// Standard normal i of n by Box and Muller: numbers i and i + ceil(n / 2) are a pair.
inline double normal(const RandomKey& key, std::uint64_t i, std::uint64_t n) {
  const std::uint64_t pairs = (n + 1) / 2;
  const auto words = math::split_key(key, i % pairs);
  const double radius = std::sqrt(-2.0 * math::log(std::fma(double(words.x0), 0x1p-32, 0x1p-33)));
  const double angle = double(words.x1) * (2 * 3.14159265358979323846 * 0x1p-32);
  return radius * (i < pairs ? math::cos(angle) : math::sin(angle));
}

/// Stan's schedule of metric windows: a fast interval, windows that double, a fast interval. Positions count draws.
struct Windows {
  long num_warmup, initial = 75, base = 25, final = 50, size = 0, end = 0;
  explicit Windows(long warmup) : num_warmup(warmup) {
    if (warmup < 20) {
      initial = warmup, base = 0, final = 0;
    } else if (warmup < 150) {
      initial = long(0.15 * double(warmup)), final = long(0.1 * double(warmup)), base = warmup - initial - final;
    }
    size = base;
    end = initial + base - 1;
  }
  bool inside(long t) const { return t >= initial && t < num_warmup - final; }
  bool closes(long t) const { return base > 0 && t == end && t != num_warmup; }
  void next() {
    const long last = num_warmup - final - 1;
    if (end == last) return;
    const long closed = end;
    size *= 2;
    end = closed + size;
    if (end != last && end + 2 * size >= num_warmup - final) end = last;
  }
};

/// Running moments (Welford 1962).
struct Moments {
  double count = 0;
  Vector mean, squares;
  explicit Moments(std::size_t dim) : mean(dim, 0.0), squares(dim, 0.0) {}
  void add(const Vector& x) {
    count += 1;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double deviation = x[i] - mean[i];
      mean[i] = mean[i] + deviation / count;
      squares[i] = std::fma(deviation, x[i] - mean[i], squares[i]);
    }
  }
};

class Sampler {
 public:
  Sampler(Density density, std::size_t dim, RandomKey key, Options options)
      : density_(std::move(density)), options_(options), windows_(options.num_warmup), chain_key_(key), dim_(dim),
        inverse_mass_(dim, 1.0), momentum_scale_(dim, 1.0), window_(dim), moments_(4, Moments(dim)) {
    step_size_ = options.step_size;
    restart_dual_averaging();
  }

  /// All draws, warm-up first.
  std::vector<Draw> run() {
    find_start();
    std::vector<Draw> draws;
    for (long t = 0; t < options_.num_warmup + options_.num_samples; ++t) {
      draws.push_back(draw(t));
      if (t < options_.num_warmup) adapt(t, draws.back());
    }
    return draws;
  }
  const Vector& inverse_mass() const { return inverse_mass_; }

 private:
  struct Point {
    Vector z, r, g;
    double lp = 0;
  };

  RandomKey draw_key(std::uint32_t t) const { return math::fold_in(chain_key_, t); }

  void find_start() {
    const RandomKey key = draw_key(0xffffffffu);
    for (int attempt = 0; attempt < options_.max_attempts; ++attempt) {
      const RandomKey mine = math::fold_in(key, std::uint32_t(attempt));
      position_.resize(dim_);
      for (std::size_t i = 0; i < dim_; ++i)
        position_[i] = math::uniform_from_bits(math::random_bits64(mine, i)) * 4.0 - 2.0;
      Vector g(dim_);
      const double lp = density_(position_, g);
      if (std::isfinite(lp) && std::all_of(g.begin(), g.end(), [](double x) { return std::isfinite(x); })) return;
    }
    throw std::runtime_error("no finite starting point");
  }

  double kinetic_product(const Vector& r) const {
    Vector v(dim_);
    for (std::size_t i = 0; i < dim_; ++i) v[i] = inverse_mass_[i] * r[i];
    return dot(r, v);
  }
  double energy(const Point& p) const { return std::fma(0.5, kinetic_product(p.r), -p.lp); }

  void leapfrog(Point& p, double signed_step) const {
    const double half = signed_step * 0.5;
    for (std::size_t i = 0; i < dim_; ++i) p.r[i] = std::fma(half, p.g[i], p.r[i]);
    for (std::size_t i = 0; i < dim_; ++i) p.z[i] = std::fma(signed_step, inverse_mass_[i] * p.r[i], p.z[i]);
    p.lp = density_(p.z, p.g);
    for (std::size_t i = 0; i < dim_; ++i) p.r[i] = std::fma(half, p.g[i], p.r[i]);
  }

  /// Y = z + eps^2/4 M^-1 g. The sum of the momenta between two points, the end points weighted by one half, is
  /// M (Y_b - Y_a) / eps: the criterion needs no running sum.
  Vector lifted(const Point& p) const {
    const double quarter = step_size_ * step_size_ * 0.25;
    Vector y(dim_);
    for (std::size_t i = 0; i < dim_; ++i) y[i] = std::fma(quarter, inverse_mass_[i] * p.g[i], p.z[i]);
    return y;
  }

  /// a earlier, b later in direction of integration.
  bool turning(const Vector& ra, const Vector& ya, const Vector& rb, const Vector& yb, double direction) const {
    Vector d(dim_);
    for (std::size_t i = 0; i < dim_; ++i) d[i] = yb[i] - ya[i];
    return direction * dot(ra, d) <= 0.0 || direction * dot(rb, d) <= 0.0;
  }

  Draw draw(long t) {
    const RandomKey key = draw_key(std::uint32_t(t));
    const RandomKey momentum_key = math::fold_in(key, 3);
    Point start{position_, Vector(dim_), Vector(dim_)};
    began_ = position_;
    for (std::size_t i = 0; i < dim_; ++i) {
      const double scale = options_.mutation == Mutation::momentum ? 1.02 * momentum_scale_[i] : momentum_scale_[i];
      start.r[i] = scale * normal(momentum_key, i, dim_);
    }
    start.lp = density_(start.z, start.g);
    gradient_ = start.g;
    const double initial_energy = energy(start);
    Draw out{position_, 0, step_size_, initial_energy, start.lp, 0, 0, false};

    Point ends[2] = {start, start};  // backward, forward
    double tree_weight = 1, acceptance = 0;
    struct Checkpoint {
      Vector r, y;
    };
    std::vector<Checkpoint> checkpoints(options_.max_tree_depth + 1);
    while (out.tree_depth < options_.max_tree_depth) {
      const auto words = math::fold_in(key, 0x100 + std::uint32_t(out.tree_depth));
      const bool forward = words.x1 & 1;
      const double direction = forward ? 1.0 : -1.0;
      const double u_doubling =
          std::fma(double(words.x0), 0x1p-32, (double(words.x1 >> 12) + 0.5) * 0x1p-52);
      Point& head = ends[forward];
      const long leaves = 1L << out.tree_depth;
      double subtree_weight = 0;
      Draw subtree = out;
      bool stop = false;
      for (long n = 0; n < leaves && !stop; ++n) {
        leapfrog(head, direction * step_size_);
        const double e = energy(head), delta = e - initial_energy;
        const bool diverging = !(delta < 1000.0) || std::isinf(delta);
        const double exponent = options_.mutation == Mutation::acceptance ? -1.02 * delta : -delta;
        const double weight = diverging ? 0.0 : math::exp(std::min(exponent, 600.0));
        acceptance += std::min(1.0, weight);
        ++out.n_steps;
        subtree_weight += weight;
        const long c = leaves + n;  // evaluation number within the draw
        const auto pair = math::fold_in(key, 0x10000 + std::uint32_t(c >> 1));
        const double u_leaf = std::fma(double(c & 1 ? pair.x1 : pair.x0), 0x1p-32, 0x1p-33);
        if (n == 0 || u_leaf * subtree_weight < weight) {
          subtree.position = head.z;
          subtree.energy = e;
          subtree.lp = head.lp;
        }
        out.diverging = out.diverging || diverging;
        stop = diverging || u_turn(n, direction, head, checkpoints);
      }
      if (stop) break;
      if (u_doubling * tree_weight < subtree_weight) {
        out.position = subtree.position;
        out.energy = subtree.energy;
        out.lp = subtree.lp;
      }
      tree_weight += subtree_weight;
      ++out.tree_depth;
      const Point& tail = ends[!forward];
      if (turning(tail.r, lifted(tail), head.r, lifted(head), direction)) break;
    }
    out.acceptance_rate = acceptance / double(out.n_steps);
    position_ = out.position;
    return out;
  }

  /// Stores leaf n if it is even; compares it with the starts of all balanced subtrees it completes if it is odd.
  template <class Checkpoints>
  bool u_turn(long n, double direction, const Point& leaf, Checkpoints& checkpoints) const {
    const int level = __builtin_popcountl(n >> 1);
    if (n % 2 == 0) {
      checkpoints[level] = {leaf.r, lifted(leaf)};
      return false;
    }
    int completed = __builtin_ctzl(~n);  // trailing ones: number of subtrees that end here
    if (options_.mutation == Mutation::u_turn && completed > 1) --completed;
    const Vector y = lifted(leaf);
    for (int i = level; i > level - completed; --i)
      if (turning(checkpoints[i].r, checkpoints[i].y, leaf.r, y, direction)) return true;
    return false;
  }

  void restart_dual_averaging() {
    log_target_ = math::log(10.0 * step_size_);
    mean_error_ = 0, log_average_ = 0, updates_ = 0;
  }

  void adapt(long t, const Draw& d) {
    if (options_.adapt_step_size) {
      const double gamma = options_.mutation == Mutation::gamma ? 0.5 : 0.05;
      updates_ += 1;
      const double eta = 1.0 / (updates_ + 10.0);
      mean_error_ = std::fma(eta, options_.target_accept_prob - d.acceptance_rate, (1.0 - eta) * mean_error_);
      const double x = std::fma(-(std::sqrt(updates_) / gamma), mean_error_, log_target_);
      const double weight = math::exp(-0.75 * math::log(updates_));
      log_average_ = std::fma(weight, x, (1.0 - weight) * log_average_);
      step_size_ = math::exp(x);
    }
    if (options_.adapt_mass_matrix) options_.fisher ? learn_from_gradients(t, d) : learn_from_windows(t, d);
    if (options_.adapt_step_size && t == options_.num_warmup - 1) step_size_ = math::exp(log_average_);
  }

  void set_inverse_mass(std::size_t i, double value) {
    inverse_mass_[i] = value;
    momentum_scale_[i] = 1.0 / std::sqrt(value);
  }

  void learn_from_windows(long t, const Draw& d) {
    if (!windows_.inside(t)) return;
    window_.add(d.position);
    if (!windows_.closes(t)) return;
    const double n = window_.count, shrink = n / (n + 5.0), floor = 1e-3 * (5.0 / (n + 5.0));
    for (std::size_t i = 0; i < dim_; ++i) set_inverse_mass(i, std::fma(shrink, window_.squares[i] / (n - 1.0), floor));
    window_ = Moments(dim_);
    windows_.next();
    restart_dual_averaging();
  }

  // Moments 0 and 1, of draws and gradients, are in use; 2 and 3 are those of the window that has begun. A point counts
  // when the chain has left it.
  void learn_from_gradients(long t, const Draw& d) {
    const auto share = [&](double part) { return long(std::ceil(part * double(options_.num_warmup))); };
    const long early_end = share(0.3), end = options_.num_warmup - share(0.15);
    if (t >= end) return;
    if (t > 0 && d.position != began_)
      for (int i : {0, 2}) moments_[i].add(began_), moments_[i + 1].add(gradient_);
    const bool early = t < early_end, switches = t == switch_;
    if (switches) {
      moments_ = {moments_[2], moments_[3], Moments(dim_), Moments(dim_)};
      size_ = t + 10 < early_end ? 10 : early ? 80 : size_ + size_ / 2;
      switch_ += size_;
    }
    if (!(early || switches || t % 10 == 9) || moments_[0].count <= 1) return;
    const auto log_scale = [&] {
      Vector logs;
      for (const double x : inverse_mass_) logs.push_back(math::log(x));
      return ordered_sum(logs) / double(dim_);
    };
    const double before = log_scale();
    for (std::size_t i = 0; i < dim_; ++i) {
      const double ratio = std::sqrt(moments_[0].squares[i] / moments_[1].squares[i]);
      set_inverse_mass(i, ratio > 1e-80 && ratio < 1e80 ? ratio : inverse_mass_[i]);
    }
    // Steps stay as long as they were.
    const double shift = 0.5 * (before - log_scale());
    step_size_ = step_size_ * math::exp(shift);
    log_target_ = log_target_ + shift, log_average_ = log_average_ + shift;
  }

  Density density_;
  Options options_;
  Windows windows_;
  RandomKey chain_key_;
  std::size_t dim_;
  Vector position_, began_, gradient_, inverse_mass_, momentum_scale_;
  Moments window_;
  std::vector<Moments> moments_;
  long switch_ = 9, size_ = 10;
  double step_size_ = 1, log_target_ = 0, mean_error_ = 0, log_average_ = 0, updates_ = 0;
};

}  // namespace nuthatch::reference
