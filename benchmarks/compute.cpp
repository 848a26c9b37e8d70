// Programs that are no models: how far the code is from the machine's limits, or from Eigen's written by hand.
#include <cmath>
#include <cstring>

#include "benchmarks/bounds/compute.h"
#include "benchmarks/gradient_program.h"
#include "benchmarks/parts.h"

namespace nuthatch::benchmark {
namespace {

/// One number per call, in `unit`, and the same for what we compare with; and the ratio of their medians.
struct Comparison {
  std::string name, what, unit;
  double scale;  // of seconds
  std::function<void()> ours, bound;
};

void measure(const Comparison& c, const Options& options) {
  std::vector<std::vector<double>> seconds;
  for (const auto& [call, suffix] : {std::pair{c.ours, std::string()}, {c.bound, std::string("/bound")}}) {
    if (!call) continue;
    Measurement m{"compute/" + c.name + suffix, c.name, c.what + (suffix.empty() ? "" : ", the bound"), c.unit, {}};
    for (const double s : time_calls(options.repetitions, call)) m.values.push_back(c.scale * s);
    report(m);
    seconds.push_back(m.values);
  }
  if (seconds.size() == 2)
    report({"compute/" + c.name + "/ratio", c.name, "time of ours over that of the bound", "1",
            {median(seconds[0]) / median(seconds[1])}});
}

Tensor random(const Shape& shape, std::uint64_t seed) { return normal(Key(seed), shape); }
std::vector<double> numbers(const Tensor& x) { return x.to_vector<double>(); }

void elementwise_chain(const Options& options) {
  const std::int64_t n = 16'000'000;
  Tensor x = random({n}, 1);
  auto f = jit([](Tensor v) { return (2.0 * v + 1.0) * v - abs(v) * 0.5 + square(v - 3.0); });
  std::vector<double> from = numbers(x), to(from.size());
  measure({"chain", "seven operations on 16 million f64; the bound copies them", "ms", 1e3, [&] { f(x); },
           [&] { std::memcpy(to.data(), from.data(), 8 * from.size()); }},
          options);
}

void large_logistic(const Options& options) {
  const std::int64_t rows = 581'012, columns = 55;
  Tensor X = random({rows, columns}, 1), y = (random({rows}, 2) > 0.0).cast(f64);
  auto loss = [](Tensor b, Tensor A, Tensor t) {
    Tensor eta = matmul(A, b);
    return sum(t * eta - softplus(eta));
  };
  auto one = jit([&](Tensor b, Tensor A, Tensor t) { return grad(loss)(b, A, t); });
  Tensor b = 0.1 * random({columns}, 3);
  const std::vector<double> flat = numbers(X);
  double kept = 0;
  measure({"covertype", "gradient of a logistic regression with 581,012 x 55; the bound reads X once", "ms", 1e3,
           [&] { one(b, X, y); }, [&] { kept += bounds::read_once(flat); }},
          options);
  Model model = [](Tensor A, Tensor t) {
    Tensor b = sample("b", Normal(zeros(A.size(1)), 1.0));
    Tensor eta = matmul(A, b);
    factor("likelihood", sum(t * eta - softplus(eta)));
  };
  const LogDensity density(model(X, y));
  const auto chains = detail::executor().compile_lanes(gradient_program(density), lanes(density, 8, 2));
  const Tensor points = 0.1 * random({8, columns}, 4);
  const auto arrays = arguments(density, detail::value(points)->array);
  measure({"covertype_8", "the same for 8 chains in lanes", "ms", 1e3, [&] { chains->run(arrays, 8, num_threads(), {}); },
           [&] { kept += bounds::read_once(flat); }},
          options);
  auto eight = jit([&](Tensor bs, Tensor A, Tensor t) { return vmap([&](Tensor v) { return grad(loss)(v, A, t); })(bs); });
  Tensor bs = 0.1 * random({8, columns}, 4);
  measure({"covertype_vmap_8", "the same for 8 coefficient vectors in vmap", "ms", 1e3, [&] { eight(bs, X, y); },
           [&] { kept += bounds::read_once(flat); }},
          options);
  if (std::isnan(kept)) std::fprintf(stderr, "covertype: not a number\n");
}

void bradley_terry(const Options& options) {
  const std::int64_t games = 160'420, players = 4'804;
  Tensor winner = randint(Key(1), {games}, 0, players), loser = randint(Key(2), {games}, 0, players);
  auto f = jit([](Tensor skill, Tensor w, Tensor l) {
    return grad([&](Tensor s) { return sum(log_sigmoid(s[w] - s[l])) - 0.5 * sum(square(s)); })(skill);
  });
  Tensor skill = 0.1 * random({players}, 3);
  measure({"bradley_terry", "gradient, 160,420 games of 4,804 players", "ms", 1e3, [&] { f(skill, winner, loser); }, {}}, options);
}

void loops(const Options& options) {
  auto scanned = jit([](Tensor start, Tensor xs) {
    auto [last, all] = scan(start, xs, [](Tensor c, Tensor x) {
      Tensor next = 0.5 * c + x;
      return std::pair{next, next};
    });
    return all;
  });
  Tensor xs = random({10'000'000}, 1), start = 0.0;
  measure({"scan", "scan of 10 million scalar steps", "ms", 1e3, [&] { scanned(start, xs); }, {}}, options);
  const std::int64_t steps = 10'000'000;
  auto counted = jit([](Tensor limit) {
    auto [i, value] = while_loop(std::pair{Tensor(std::int64_t(0)), Tensor(0.0)},
                                 [&](const std::pair<Tensor, Tensor>& c) { return c.first < limit; },
                                 [](const std::pair<Tensor, Tensor>& c) {
                                   return std::pair{c.first + 1, c.second * 0.999 + 1.0};
                                 });
    return value;
  });
  Tensor limit = steps;
  measure({"while", "one iteration of a dynamic while", "ns", 1e9 / double(steps), [&] { counted(limit); }, {}}, options);
}

void network(const Options& options) {
  bounds::Network n{256, 32, 64, 10, {}, {}, {}, {}, {}, {}};
  Tensor x = random({n.examples, n.in}, 1), y = random({n.examples, n.out}, 2), w1 = 0.2 * random({n.in, n.hidden}, 3),
         b1 = random({n.hidden}, 4), w2 = 0.2 * random({n.hidden, n.out}, 5), b2 = random({n.out}, 6);
  n.x = numbers(x), n.y = numbers(y), n.w1 = numbers(w1), n.b1 = numbers(b1), n.w2 = numbers(w2), n.b2 = numbers(b2);
  struct Weights { Tensor w1, b1, w2, b2; };
  auto loss = [](Weights w, Tensor row, Tensor target) {
    return sum(square(matmul(tanh(matmul(row, w.w1) + w.b1), w.w2) + w.b2 - target));
  };
  auto f = jit([&](Weights w, Tensor X, Tensor Y) {
    return vmap([&](Tensor row, Tensor target) { return grad(loss)(w, row, target); })(X, Y);
  });
  const Weights w{w1, b1, w2, b2};
  std::vector<double> g1(std::size_t(n.examples * n.in * n.hidden)), gb1(std::size_t(n.examples * n.hidden)),
      g2(std::size_t(n.examples * n.hidden * n.out)), gb2(std::size_t(n.examples * n.out));
  measure({"network", "vmap(grad) of a network 32-64-10 over 256 examples; Eigen", "us", 1e6, [&] { f(w, x, y); },
           [&] { n.gradients(g1, gb1, g2, gb2); }},
          options);
}

void products(const Options& options) {
  const std::int64_t n = 256;
  Tensor a = random({n, n}, 1), b = random({n, n}, 2), c = random({n, n}, 3), d = random({n, n}, 4);
  auto chain = jit([](Tensor p, Tensor q, Tensor r, Tensor s) { return matmul(matmul(matmul(p, q), r), s); });
  const auto va = numbers(a), vb = numbers(b), vc = numbers(c), vd = numbers(d);
  std::vector<double> out(va.size());
  measure({"products", "product of four 256 x 256 matrices; Eigen", "us", 1e6, [&] { chain(a, b, c, d); },
           [&] { bounds::product_of_four(n, va.data(), vb.data(), vc.data(), vd.data(), out.data()); }},
          options);
  const std::int64_t length = 256, width = 64;
  Tensor q = random({length, width}, 5), k = random({length, width}, 6), v = random({length, width}, 7);
  auto attend = jit([&](Tensor Q, Tensor K, Tensor V) {
    return matmul(softmax(matmul(Q, transpose(K)) / std::sqrt(double(width)), -1), V);
  });
  const auto vq = numbers(q), vk = numbers(k), vv = numbers(v);
  measure({"attention", "softmax attention, 256 positions of width 64; Eigen", "us", 1e6, [&] { attend(q, k, v); },
           [&] { bounds::attention(length, width, vq.data(), vk.data(), vv.data(), out.data()); }},
          options);
}

void factorisations(const Options& options) {
  for (const auto& [n, count] : {std::pair<std::int64_t, std::int64_t>{8, 4096}, {32, 256}, {128, 8}}) {
    Tensor r = random({count, n, n}, std::uint64_t(n));
    Tensor a = matmul(r, swapaxes(r, -1, -2)) + double(n) * eye(n);
    auto f = jit([](Tensor x) { return cholesky(x); });
    const auto va = numbers(a);
    std::vector<double> out(va.size());
    measure({"cholesky_" + std::to_string(n), std::to_string(count) + " Cholesky factors of that size; Eigen", "us", 1e6,
             [&] { f(a); }, [&] { bounds::factors(count, n, va.data(), out.data()); }},
            options);
  }
}

}  // namespace

void measure_compute(const Options& options) {
  for (const auto part : {elementwise_chain, large_logistic, bradley_terry, loops, network, products, factorisations}) {
    try {
      part(options);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s\n", error.what());
    }
  }
}

}  // namespace nuthatch::benchmark
