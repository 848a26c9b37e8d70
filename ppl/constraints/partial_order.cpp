#include "nuthatch/partial_order.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "nuthatch/array.h"
#include "nuthatch/math.h"

namespace nuthatch {
namespace {

/// The graph, and for each vertex the length of the longest path that ends there: vertices of one level do not depend on
/// each other.
struct Graph {
  Tensor edges;  // bool_ [..., n, n]
  Tensor level;  // i64 [..., n]
  std::int64_t size = 0, depth = 0;
};

/// Levels of one graph of n vertices; empty when it has a cycle.
std::vector<std::int64_t> levels(const double* edge, std::int64_t n) {
  std::vector<std::int64_t> level(std::size_t(n), 0);
  for (std::int64_t round = 0; round <= n; ++round) {
    bool changed = false;
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t j = 0; j < n; ++j)
        if (edge[i * n + j] != 0 && level[std::size_t(j)] <= level[std::size_t(i)]) {
          level[std::size_t(j)] = level[std::size_t(i)] + 1;
          changed = true;
        }
    if (!changed) return level;
  }
  return {};
}

Graph graph(const Tensor& adjacency, Where where) {
  const auto fail = [&](const std::string& what) -> void { throw Error("partial_order: " + what, where); };
  const Shape shape = adjacency.shape();
  if (shape.size() < 2 || shape[shape.size() - 1] != shape[shape.size() - 2])
    fail("adjacency must be a square matrix, or a batch of them, but it has shape " + to_string(shape));
  if (!adjacency.is_concrete()) fail("adjacency must be known when the model is traced");
  const std::vector<double> edge = adjacency.to_vector<double>();
  for (double e : edge)
    if (e != 0 && e != 1) fail("adjacency must consist of zeros and ones, but it contains " + to_string(Tensor(e)));
  Graph g;
  g.size = shape.back();
  std::vector<std::int64_t> all;
  for (std::size_t at = 0; at < edge.size(); at += std::size_t(g.size * g.size)) {
    const auto here = levels(edge.data() + at, g.size);
    if (here.empty() && g.size > 0) fail("the graph has a cycle: no numbers are ordered like that");
    all.insert(all.end(), here.begin(), here.end());
  }
  for (std::int64_t l : all) g.depth = std::max(g.depth, l);
  Shape of_vertices = shape;
  of_vertices.pop_back();
  g.edges = adjacency.cast(bool_);
  g.level = reshape(Tensor(all), of_vertices);
  return g;
}

class PartialOrderMap final : public Bijector::Impl {
 public:
  explicit PartialOrderMap(Graph g) : graph_(std::move(g)) {}
  int event_dim() const override { return 1; }
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override {
    return {forward(x), sum(select(graph_.level > 0, x, 0.0), -1)};
  }
  Tensor forward(const Tensor& x) const override {
    check(x);
    Tensor y = select(graph_.level > 0, 0.0, x);
    const Tensor step = exp(select(graph_.level > 0, x, 0.0));
    for (std::int64_t l = 1; l <= graph_.depth; ++l) y = select(graph_.level == l, highest_below(y) + step, y);
    return y;
  }
  Tensor inverse(const Tensor& y) const override {
    check(y);
    const Tensor inner = graph_.level > 0;
    return select(inner, log(select(inner, y - highest_below(y), 1.0)), y);
  }
  Constraint codomain() const override;

 private:
  /// The largest of the elements below each; 0 where there is none.
  Tensor highest_below(const Tensor& y) const {
    const Tensor all = max(select(graph_.edges, expand_dims(y, -1), -INFINITY), -2);
    return select(graph_.level > 0, all, 0.0);
  }
  void check(const Tensor& x) const {
    if (x.shape().empty() || x.shape().back() != graph_.size)
      throw Error("partial_order: a graph of " + std::to_string(graph_.size) + " vertices for a value of shape " +
                  to_string(x.shape()));
  }
  Graph graph_;
};

class PartiallyOrdered final : public Constraint::Rule {
 public:
  explicit PartiallyOrdered(Graph g) : graph_(std::move(g)) {}
  std::string description() const override { return "ordered like the graph"; }
  int event_dim() const override { return 1; }
  Tensor check(const Tensor& x) const override {
    return all_of(select(graph_.edges, expand_dims(x, -1) < expand_dims(x, -2), true), {.axis = {-2, -1}});
  }
  Tensor feasible(const Shape& shape) const override { return broadcast_to(graph_.level.cast(f64), shape); }
  Bijector bijector() const override { return Bijector(share<PartialOrderMap>(graph_)); }

 private:
  Graph graph_;
};

Constraint PartialOrderMap::codomain() const { return Constraint(share<PartiallyOrdered>(graph_)); }

}  // namespace

Constraint constraints::partial_order(const Tensor& adjacency, Where where) {
  return Constraint(share<PartiallyOrdered>(graph(adjacency, where)));
}
Bijector transforms::partial_order(const Tensor& adjacency, Where where) {
  return Bijector(share<PartialOrderMap>(graph(adjacency, where)));
}

}  // namespace nuthatch
