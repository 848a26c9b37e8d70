// Derivatives of loops, branches and functions with their own rules, and of their nests.
#include "tests/passes/derivatives.h"

namespace nuthatch::test {
namespace {

using namespace ir;
using Dims = llvm::ArrayRef<std::int64_t>;
/// (counter, carries, xs) -> (next carries, ys).
using Body = std::function<Values(Builder&, mlir::ValueRange)>;

Array vector(std::int64_t n, double low = 0.3, double high = 1.7, unsigned seed = 0) { return spread({n}, low, high, Dtype::f64, seed); }
Array scalar(double v) { return filled(Dtype::f64, {}, [=](std::int64_t) { return v; }); }
Value number(Builder& b, double v) { return b.splat(tensorType(b.b.getContext(), Dtype::f64, {}), v); }

/// An operation whose region f is written first, as result types follow from it.
Values loop(Builder& b, std::int64_t trip, mlir::ValueRange carries, mlir::ValueRange xs, const Body& f, bool reverse = false) {
  llvm::SmallVector<mlir::Type> types{tensorType(b.b.getContext(), Dtype::i64, {})}, results(carries.getTypes());
  for (Value c : carries) types.push_back(c.getType());
  for (Value x : xs) types.push_back(mlir::RankedTensorType::get(shapeOf(x).drop_front(), elementType(x)));
  const auto yielded = resultTypes(b, types, f);
  for (mlir::Type y : llvm::ArrayRef(yielded).drop_front(carries.size())) {
    auto t = mlir::cast<mlir::RankedTensorType>(y);
    llvm::SmallVector<std::int64_t> shape{trip};
    shape.append(t.getShape().begin(), t.getShape().end());
    results.push_back(mlir::RankedTensorType::get(shape, t.getElementType()));
  }
  Values inputs(carries.begin(), carries.end());
  inputs.append(xs.begin(), xs.end());
  auto op = ForOp::create(b.b, b.loc, results, std::uint64_t(trip), carries.size(), reverse, inputs);
  writeBody(b, op.getBody(), types, f);
  return Values(op.getResults());
}
Values whileLoop(Builder& b, std::int64_t maxTrip, mlir::ValueRange inits, const Body& cond, const Body& body) {
  auto op = WhileOp::create(b.b, b.loc, inits.getTypes(), std::uint64_t(maxTrip), inits);
  writeBody(b, op.getCond(), inits.getTypes(), cond);
  writeBody(b, op.getBody(), inits.getTypes(), body);
  return Values(op.getResults());
}
Values branch(Builder& b, Value index, std::vector<std::function<Values(Builder&)>> branches) {
  auto types = resultTypes(b, {}, [&](Builder& c, mlir::ValueRange) { return branches[0](c); });
  auto op = CaseOp::create(b.b, b.loc, types, index, unsigned(branches.size()));
  for (std::size_t k = 0; k < branches.size(); ++k)
    writeBody(b, op.getBranches()[k], {}, [&](Builder& c, mlir::ValueRange) { return branches[k](c); });
  return Values(op.getResults());
}
Values custom(Builder& b, std::int64_t residuals, mlir::ValueRange inputs, const Function& primal, const std::vector<std::pair<llvm::SmallVector<mlir::Type>, Function>>& rules) {
  auto results = resultTypes(b, inputs.getTypes(), primal);
  auto op = CustomDerivativeOp::create(b.b, b.loc, results, std::uint64_t(residuals), inputs, unsigned(1 + rules.size()));
  writeBody(b, op.getRules()[0], inputs.getTypes(), primal);
  for (std::size_t k = 0; k < rules.size(); ++k) writeBody(b, op.getRules()[1 + k], rules[k].first, rules[k].second);
  return Values(op.getResults());
}
Value at(Builder& b, Value x, Value i) {
  llvm::SmallVector<std::int64_t> sizes(shapeOf(x)), rest(shapeOf(x).drop_front());
  sizes[0] = 1;
  Values starts{i};
  while (starts.size() < sizes.size()) starts.push_back(b.scalar(0));
  return b.reshape(b.dynamicSlice(x, starts, sizes), rest);
}
Value plus(Builder& b, Value i, std::int64_t n) { return b.add(i, b.scalar(n)); }

TEST(For, CarriesInputsResultsAndCaptures) {
  for (bool reverse : {false, true})
    checkDerivatives([=](Builder& b, mlir::ValueRange x) {
      return loop(b, 4, {x[0], x[1]}, {x[2]}, [&](Builder& c, mlir::ValueRange a) {
        Value s = c.mul(a[1], c.exp(c.mul(a[3], x[3])));  // captures x[3]
        return Values{c.unary(UnaryKind::tanh, s), c.add(a[2], c.mul(a[1], a[3])), c.mul(s, s)};
      }, reverse);
    }, {scalar(0.7), scalar(0.2), vector(4), scalar(-0.6)});
}
TEST(For, CarryThatOnlySumsUp) {
  Function f = [](Builder& b, mlir::ValueRange x) {
    return loop(b, 5, number(b, 0.0), {x[0]}, [&](Builder& c, mlir::ValueRange a) {
      return Values{c.add(a[1], c.exp(c.mul(a[2], x[1])))};
    });
  };
  checkDerivatives(f, {vector(5), scalar(0.4)});
  // Its cotangent is not carried: the reverse loop has one sum, for the captured value.
  Compiled g(vjpOf(f, 2), {vector(5), scalar(0.4), scalar(1)});
  std::vector<std::int64_t> carries;
  g.main().walk([&](ForOp op) { carries.push_back(std::int64_t(op.getNumCarries())); });
  EXPECT_EQ(carries, (std::vector<std::int64_t>{1, 1})) << g.text();
}
TEST(For, CarryThatIsOverwrittenOrKept) {
  checkDerivatives([](Builder& b, mlir::ValueRange x) {
    return loop(b, 3, {x[0], x[1], x[2]}, {}, [&](Builder& c, mlir::ValueRange a) {
      return Values{c.exp(a[2]), a[2], c.mul(a[3], a[1])};
    });
  }, {scalar(0.3), scalar(0.5), scalar(0.8)});
}
TEST(For, CarriesThatSwap) {
  checkDerivatives([](Builder& b, mlir::ValueRange x) {
    return loop(b, 3, {x[0], x[1]}, {}, [&](Builder& c, mlir::ValueRange a) { return Values{a[2], c.mul(a[1], a[2])}; });
  }, {scalar(0.3), scalar(0.5)});
}
TEST(For, NoIterations) {
  checkDerivatives([](Builder& b, mlir::ValueRange x) {
    return loop(b, 0, {x[0]}, {}, [&](Builder& c, mlir::ValueRange a) { return Values{c.mul(a[1], x[1])}; });
  }, {scalar(0.3), scalar(0.5)});
}
TEST(For, SameValueCapturedCarriedAndStacked) {
  checkDerivatives([](Builder& b, mlir::ValueRange x) {
    return loop(b, 3, {x[0]}, {x[0]}, [&](Builder& c, mlir::ValueRange a) {
      return Values{c.mul(a[1], c.unary(UnaryKind::sin, x[0])), c.mul(a[2], at(c, x[0], a[0]))};
    });
  }, {vector(3)});
}
TEST(For, SlicesAtTheCounter) {
  // h[i], h[i + 1], h[4 - i], h[2 i], rows of a matrix, and a place that depends on data.
  checkDerivatives([](Builder& b, mlir::ValueRange x) {
    return loop(b, 3, {number(b, 0.0)}, {}, [&](Builder& c, mlir::ValueRange a) {
      Value i = a[0];
      Value s = c.mul(at(c, x[0], i), at(c, x[0], plus(c, i, 1)));
      s = c.add(s, c.exp(at(c, x[0], c.sub(c.scalar(4), i))));
      s = c.add(s, c.mul(at(c, x[0], c.mul(i, c.scalar(2))), c.total(at(c, x[1], i))));
      Value k = at(c, x[2], i);
      return Values{c.add(a[1], c.mul(s, at(c, x[0], k)))};
    });
  }, {vector(6), spread({3, 2}), integers({3}, {5, 0, 5})});
}
TEST(For, SliceOfACarry) {
  checkDerivatives([](Builder& b, mlir::ValueRange x) {
    return loop(b, 3, {x[0]}, {}, [&](Builder& c, mlir::ValueRange a) {
      Value v = c.mul(at(c, a[1], a[0]), at(c, a[1], plus(c, a[0], 1)));
      return Values{c.dynamicUpdateSlice(a[1], c.reshape(v, {1}), {plus(c, a[0], 1)})};
    });
  }, {vector(5)});
}
TEST(For, Nested) {
  checkDerivatives([](Builder& b, mlir::ValueRange x) {
    return loop(b, 2, {x[0]}, {x[1]}, [&](Builder& c, mlir::ValueRange a) {
      Values inner = loop(c, 3, {a[1]}, {a[2]}, [&](Builder& d, mlir::ValueRange e) {
        Value v = d.unary(UnaryKind::sin, d.mul(e[1], d.add(e[2], x[2])));
        return Values{d.add(v, at(d, at(d, x[1], a[0]), e[0])), d.mul(v, a[1])};
      });
      return Values{c.mul(inner[0], x[2]), inner[1]};
    });
  }, {scalar(0.4), spread({2, 3}), scalar(0.9)});
}
TEST(For, FactorisationsAndInvariantsInside) {
  checkDerivatives([](Builder& b, mlir::ValueRange x) {
    return loop(b, 3, {x[0]}, {}, [&](Builder& c, mlir::ValueRange a) {
      Value eye = c.convert(c.compare(CompareKind::eq, c.iota(c.b.getI64Type(), {2, 2}, 0), c.iota(c.b.getI64Type(), {2, 2}, 1)), c.b.getF64Type());
      Value l = c.one("cholesky", c.add(c.mul(c.spread(x[1], {2, 2}), eye), eye));  // the same in every iteration
      Value y = c.dot(l, a[1], {}, {}, {1}, {0});
      return Values{c.mul(y, c.spread(c.exp(x[1]), {2}))};
    });
  }, {vector(2), scalar(0.5)});
}

TEST(For, GradientOfAScanIsLinearInItsLength) {
  auto measure = [](std::int64_t n) {
    // Stochastic volatility: h_t = mu + phi (h_(t-1) - mu) + sigma z_t; log density of y_t.
    Function f = [n](Builder& b, mlir::ValueRange x) {
      Values r = loop(b, n, {x[0], number(b, 0.0)}, {}, [&](Builder& c, mlir::ValueRange a) {
        Value z = at(c, x[3], a[0]);
        Value h = c.add(x[0], c.add(c.mul(x[1], c.sub(a[1], x[0])), c.mul(x[2], z)));
        Value r = c.mul(at(c, x[4], a[0]), c.exp(c.mul(h, number(c, -0.5))));
        return Values{h, c.sub(a[2], c.mul(c.add(c.mul(r, r), h), number(c, 0.5)))};
      });
      return Values{r[1]};
    };
    Arrays x{scalar(0.1), scalar(0.9), scalar(0.3), vector(n, -1, 1), vector(n, -1, 1, 4)};
    Compiled g(vjpOf(f, 5), join(x, {scalar(1)}));
    std::int64_t perIteration = 0, total = 0;
    g.main().walk([&](mlir::Operation* op) {
      const bool inside = op->getParentOfType<ForOp>() != nullptr;
      for (Value v : op->getResults()) (inside ? perIteration : total) += tensorType(v).getNumElements();
    });
    return std::tuple(g.operations(), perIteration, total);
  };
  auto [ops1, per1, total1] = measure(10);
  auto [ops2, per2, total2] = measure(100);
  EXPECT_EQ(ops1, ops2);
  EXPECT_EQ(per1, per2) << "an iteration touches more in a longer loop";
  EXPECT_LE(total2, 10 * total1);
}

TEST(Case, BranchesWithTheirOwnActivity) {
  for (std::int64_t which : {0, 1, 2, 7})
    checkDerivatives([](Builder& b, mlir::ValueRange x) {
      Value shared = b.exp(x[0]);
      Values r = branch(b, x[2], {[&](Builder& c) { return Values{c.mul(shared, x[1]), x[0]}; },
                                  [&](Builder& c) { return Values{c.unary(UnaryKind::sin, x[1]), c.mul(x[1], x[1])}; },
                                  [&](Builder& c) { return Values{number(c, 3.0), shared}; }});
      return Values{b.mul(r[0], shared), r[1]};
    }, {scalar(0.4), scalar(0.8), integers({}, {which})});
}
TEST(Case, InsideALoopWithALoopInside) {
  checkDerivatives([](Builder& b, mlir::ValueRange x) {
    return loop(b, 4, {x[0]}, {x[2]}, [&](Builder& c, mlir::ValueRange a) {
      return branch(c, a[2], {[&](Builder& d) { return Values{d.mul(a[1], d.exp(x[1]))}; },
                              [&](Builder& d) {
                                return loop(d, 2, {a[1]}, {}, [&](Builder& e, mlir::ValueRange i) {
                                  return Values{e.unary(UnaryKind::tanh, e.mul(i[1], x[1]))};
                                });
                              }});
    });
  }, {scalar(0.4), scalar(0.8), integers({4}, {0, 1, 1, 0})});
}

Values untilLarge(Builder& b, std::int64_t bound, mlir::ValueRange x) {
  return whileLoop(b, bound, {x[0], x[1]},
                   [](Builder& c, mlir::ValueRange a) { return Values{c.compare(CompareKind::lt, a[0], number(c, 3.0))}; },
                   [&](Builder& c, mlir::ValueRange a) {
                     return Values{c.mul(a[0], c.exp(c.mul(x[2], a[1]))), c.unary(UnaryKind::sin, c.add(a[1], a[0]))};
                   });
}
TEST(While, Bounded) {
  for (std::int64_t bound : {0, 1, 2, 20})
    checkDerivatives([=](Builder& b, mlir::ValueRange x) { return untilLarge(b, bound, x); }, {scalar(0.4), scalar(0.8), scalar(0.7)});
}
TEST(While, InsideALoop) {
  checkDerivatives([](Builder& b, mlir::ValueRange x) {
    return loop(b, 2, {x[0], x[1]}, {}, [&](Builder& c, mlir::ValueRange a) {
      Values r = untilLarge(c, 6, {a[1], a[2], x[2]});
      return Values{c.mul(r[0], number(c, 0.2)), r[1]};
    });
  }, {scalar(0.4), scalar(0.8), scalar(0.7)});
}
TEST(While, UnboundedInForwardModeOnly) {
  Function f = [](Builder& b, mlir::ValueRange x) { return untilLarge(b, -1, x); };
  Arrays x{scalar(0.4), scalar(0.8), scalar(0.7)}, t = directions(x, 5);
  Compiled value(f, x), forward(jvpOf(f, 3), join(x, t));
  EXPECT_EQ(forward.message, "");
  expectClose(forward(join(x, t)), difference(value, x, t, 1e-3), 1e-7, "jvp");
  Compiled reverse(vjpOf(f, 3), join(x, {scalar(1), scalar(1)}));
  EXPECT_NE(reverse.message.find("only if it is bounded"), std::string::npos) << reverse.message;
}

// log(1 + exp x) with its derivative written by hand in either form.
Function handWritten(bool forwardForm) {
  return [=](Builder& b, mlir::ValueRange x) {
    mlir::Type t = x[0].getType();
    Function primal = [](Builder& c, mlir::ValueRange a) { return Values{c.log(c.add(c.exp(c.mul(a[0], a[1])), c.like(a[0], 1.0)))}; };
    Values r;
    if (forwardForm)
      r = custom(b, -1, x.take_front(2), primal, {{{t, t, t, t}, [&](Builder& c, mlir::ValueRange a) {
        Value d = c.unary(UnaryKind::logistic, c.mul(a[0], a[1]));
        return Values{primal(c, a)[0], c.mul(d, c.add(c.mul(a[2], a[1]), c.mul(a[3], a[0])))};
      }}});
    else
      r = custom(b, 3, x.take_front(2), primal, {{{t, t}, [&](Builder& c, mlir::ValueRange a) {
        return Values{primal(c, a)[0], c.unary(UnaryKind::logistic, c.mul(a[0], a[1])), a[0], a[1]};
      }}, {{t, t, t, t}, [&](Builder& c, mlir::ValueRange a) {
        Value g = c.mul(a[3], a[0]);
        return Values{c.mul(g, a[2]), c.mul(g, a[1])};
      }}});
    return Values{b.mul(r[0], x[0])};
  };
}
TEST(CustomDerivative, BothFormsInBothModes) {
  for (bool forwardForm : {false, true}) checkDerivatives(handWritten(forwardForm), {vector(3, -1, 1), vector(3)});
}
TEST(CustomDerivative, InsideALoop) {
  for (bool forwardForm : {false, true})
    checkDerivatives([=](Builder& b, mlir::ValueRange x) {
      return loop(b, 3, {x[0]}, {}, [&](Builder& c, mlir::ValueRange a) { return handWritten(forwardForm)(c, {a[1], x[1]}); });
    }, {vector(2, -1, 1), vector(2)});
}
TEST(CustomDerivative, IsUsedInsteadOfTheFunction) {
  // The identity with its gradient doubled; the argument itself keeps its own.
  Function f = [](Builder& b, mlir::ValueRange x) {
    mlir::Type t = x[0].getType();
    Values r = custom(b, -1, x, [](Builder&, mlir::ValueRange a) { return Values{a[0]}; },
                      {{{t, t}, [](Builder& c, mlir::ValueRange a) { return Values{a[0], c.add(a[1], a[1])}; }}});
    return Values{r[0], x[0]};
  };
  Arrays x{scalar(1.5)};
  Arrays t = Compiled(jvpOf(f, 1), {x[0], scalar(1)})({x[0], scalar(1)});
  EXPECT_EQ(get(t[0], 0), 2.0);
  EXPECT_EQ(get(t[1], 0), 1.0);
  EXPECT_EQ(get(Compiled(vjpOf(f, 1), {x[0], scalar(1), scalar(1)})({x[0], scalar(1), scalar(1)})[0], 0), 3.0);
}
TEST(CustomDerivative, CapturedDerivativeIsAnError) {
  Function f = [](Builder& b, mlir::ValueRange x) {
    mlir::Type t = x[0].getType();
    Value outside = b.exp(x[0]);
    return custom(b, -1, x, [&](Builder& c, mlir::ValueRange a) { return Values{c.mul(a[0], outside)}; },
                  {{{t, t}, [&](Builder& c, mlir::ValueRange a) { return Values{c.mul(a[0], outside), c.mul(a[1], outside)}; }}});
  };
  EXPECT_NE(Compiled(vjpOf(f, 1), {scalar(1), scalar(1)}).message.find("pass the value as an argument"), std::string::npos);
  EXPECT_NE(Compiled(jvpOf(f, 1), {scalar(1), scalar(1)}).message.find("pass the value as an argument"), std::string::npos);
}

TEST(Nesting, CapturedValuesAreConstants) {
  // d/dx [x d/dy (x + y) at y = x] = 1; also when the argument and the captured value are one value outside.
  Function inner = [](Builder& b, mlir::ValueRange x) {
    Value seed = number(b, 1.0);
    auto vjp = VjpOp::create(b.b, b.loc, {seed.getType(), seed.getType()}, 1, llvm::ArrayRef<std::int64_t>{0}, {x[0], seed});
    writeBody(b, vjp.getBody(), {x[0].getType()}, [&](Builder& c, mlir::ValueRange y) { return Values{c.mul(x[0], y[0])}; });
    return Values{b.mul(x[0], vjp.getResult(1))};  // x * x
  };
  Arrays x{scalar(3)};
  EXPECT_EQ(get(Compiled(inner, x)(x)[0], 0), 9.0);
  checkDerivatives(inner, x, {.order = 1});
  Arrays g = Compiled(vjpOf(inner, 1), {x[0], scalar(1)})({x[0], scalar(1)});
  EXPECT_EQ(get(g[0], 0), 6.0);
}
TEST(Nesting, DerivativeInsideALoopBody) {
  checkDerivatives([](Builder& b, mlir::ValueRange x) {
    return loop(b, 3, {x[0]}, {}, [&](Builder& c, mlir::ValueRange a) {  // gradient steps
      Function energy = [&](Builder& d, mlir::ValueRange q) { return Values{d.mul(d.exp(d.mul(q[0], x[1])), q[0])}; };
      Value g = vjpOf(energy, 1)(c, {a[1], number(c, 1.0)})[0];
      return Values{c.sub(a[1], c.mul(g, number(c, 0.1)))};
    });
  }, {scalar(0.4), scalar(0.8)});
}

TEST(Lean, NormalLogDensity) {
  // sum over data of -((y - mu) / sigma)^2 / 2 - log sigma
  Function f = [](Builder& b, mlir::ValueRange x) {
    auto wide = [&](Value v) { return b.spread(v, {50}); };
    Value z = b.div(b.sub(x[2], wide(x[0])), wide(x[1]));
    Value terms = b.sub(b.mul(b.mul(z, z), b.like(z, -0.5)), wide(b.log(x[1])));
    return Values{b.total(terms)};
  };
  checkDerivatives(f, {scalar(0.2), scalar(0.9), vector(50)});
  Function gradient = [&](Builder& b, mlir::ValueRange x) {
    auto type = x[0].getType();
    auto vjp = VjpOp::create(b.b, b.loc, {type, type, type}, 3, llvm::ArrayRef<std::int64_t>{0, 1}, {x[0], x[1], x[2], number(b, 1.0)});
    writeBody(b, vjp.getBody(), x.getTypes(), f);
    return Values(vjp.getResults());
  };
  Compiled g(gradient, {scalar(0.2), scalar(0.9), vector(50)});
  int wide = 0, sums = g.count("reduce");
  g.main().walk([&](mlir::Operation* op) {
    wide += op->getNumResults() == 1 && tensorType(op->getResult(0)).getNumElements() == 50 && !llvm::isa<ConstantOp, BroadcastOp>(op);
  });
  EXPECT_EQ(sums, 3) << g.text();  // the density, sum z and sum z^2
  EXPECT_LE(wide, 6) << g.text();
}
TEST(Lean, ParametersCutOutOfAVectorAreConcatenatedBack) {
  Function f = [](Builder& b, mlir::ValueRange x) {
    Value a = b.slice(x[0], {0}, {1}, {1}), c = b.slice(x[0], {1}, {6}, {1});
    return Values{b.total(b.mul(c, b.broadcast(a, {5}, {0})))};
  };
  checkDerivatives(f, {vector(6)});
  Compiled g(vjpOf(f, 1), {vector(6), scalar(1)});
  EXPECT_EQ(g.count("concatenate"), 1) << g.text();
  EXPECT_EQ(g.count("pad"), 0) << g.text();
}

}  // namespace
}  // namespace nuthatch::test
