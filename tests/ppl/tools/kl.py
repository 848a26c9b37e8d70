"""Writes tests/ppl/kl.inc: Kullback-Leibler divergences by quadrature and summation of the definition at 30 digits, those
of normal vectors from the covariance matrices.

    pip install mpmath && python tests/ppl/tools/kl.py
"""
import pathlib

import mpmath as mp

mp.mp.dps = 30
m, log, exp, inf, gamma = mp.mpf, mp.log, mp.exp, mp.inf, mp.gamma
rows = []


def row(p, q, value):
    rows.append(f"{{{p}, {q}, {mp.nstr(value, 20)}}},")


def by_quadrature(p, q, log_p, log_q, breaks):
    total = mp.quad(lambda x: exp(log_p(x)), breaks)
    assert abs(total - 1) < m(10) ** -18, (p, total)
    row(p, q, mp.quad(lambda x: exp(log_p(x)) * (log_p(x) - log_q(x)), breaks))


def by_summation(p, q, mass_p, mass_q, last):
    table = [(mass_p(k), mass_q(k)) for k in range(last + 1)]
    assert abs(mp.fsum(a for a, _ in table) - 1) < m(10) ** -20, p
    row(p, q, mp.fsum(a * log(a / b) for a, b in table if a > 0))


def normal(loc, scale):
    return lambda x: -((x - m(loc)) / m(scale)) ** 2 / 2 - log(m(scale)) - log(2 * mp.pi) / 2


def gamma_density(a, b):
    a, b = m(a), m(b)
    return lambda x: a * log(b) - mp.loggamma(a) + (a - 1) * log(x) - b * x


def beta(a, b):
    a, b = m(a), m(b)
    return lambda x: (a - 1) * log(x) + (b - 1) * log(1 - x) - log(mp.beta(a, b))


def weibull(scale, k):
    s, k = m(scale), m(k)
    return lambda x: log(k / s) + (k - 1) * log(x / s) - (x / s) ** k


def kumaraswamy(a, b):
    a, b = m(a), m(b)
    return lambda x: log(a * b) + (a - 1) * log(x) + (b - 1) * log(1 - x ** a)


real = [-inf, -20, -5, -2, 0, 1, 3, 8, 25, inf]
half = [0, 0.01, 0.1, 0.5, 1, 2, 4, 8, 16, 40, inf]
unit = [0, 0.01, 0.1, 0.5, 0.9, 0.99, 1]

for a, b in (((0, 1), (1, 2)), ((-3, 0.5), (1, 0.25)), ((1, 2), (1, 2))):
    by_quadrature(f"Normal({float(a[0])}, {float(a[1])})", f"Normal({float(b[0])}, {float(b[1])})", normal(*a), normal(*b), real)
by_quadrature("LogNormal(0.2, 0.5)", "LogNormal(0.6, 0.8)", lambda x: normal(0.2, 0.5)(log(x)) - log(x),
              lambda x: normal(0.6, 0.8)(log(x)) - log(x), half)
by_quadrature("HalfNormal(1.5)", "HalfNormal(0.7)", lambda x: log(2) + normal(0, 1.5)(x), lambda x: log(2) + normal(0, 0.7)(x),
              half)
for a, b in (((2.0, 1.0), (3.0, 0.5)), ((0.4, 2.0), (1.7, 0.3))):
    # x = y^4 takes the singularity at 0 away.
    p, q = gamma_density(*a), gamma_density(*b)
    for name in ("Gamma", "InverseGamma"):
        by_quadrature(f"{name}{a}", f"{name}{b}", lambda y: p(y ** 4) + log(4 * y ** 3), lambda y: q(y ** 4) + log(4 * y ** 3),
                      [0, 0.2, 0.5, 1, 1.5, 2, 3, inf])
by_quadrature("Exponential(2.0)", "Exponential(0.3)", gamma_density(1, 2), gamma_density(1, 0.3), half)
by_quadrature("Exponential(2.0)", "Gamma(1.5, 0.3)", gamma_density(1, 2), gamma_density(1.5, 0.3), half)
by_quadrature("Chi2(3.0)", "Gamma(1.5, 0.3)", gamma_density(1.5, 0.5), gamma_density(1.5, 0.3), half)
for a, b in (((2.0, 3.0), (4.0, 1.5)), ((5.0, 2.5), (1.5, 1.2))):
    by_quadrature(f"Beta{a}", f"Beta{b}", beta(*a), beta(*b), unit)
by_quadrature("BetaProportion(0.4, 5.0)", "Beta(4.0, 1.5)", beta(m(0.4) * 5, (1 - m(0.4)) * 5), beta(4, 1.5), unit)
by_quadrature("Kumaraswamy(2.0, 3.0)", "Beta(4.0, 1.5)", kumaraswamy(2, 3), beta(4, 1.5), unit)
by_quadrature("Kumaraswamy(2.0, 3.0)", "Kumaraswamy(1.2, 2.2)", kumaraswamy(2, 3), kumaraswamy(1.2, 2.2), unit)
by_quadrature("Weibull(2.0, 1.5)", "Weibull(1.0, 0.8)", weibull(2, 1.5), weibull(1, 0.8), half)
by_quadrature("Weibull(2.0, 1.5)", "Gamma(2.5, 1.5)", weibull(2, 1.5), gamma_density(2.5, 1.5), half)
by_quadrature("Rayleigh(2.0)", "Rayleigh(1.3)", weibull(2 * mp.sqrt(2), 2), weibull(m(1.3) * mp.sqrt(2), 2), half)
laplace = lambda loc, s: (lambda x: -abs(x - m(loc)) / m(s) - log(2 * m(s)))
for a, b in (((1, 2), (-0.5, 0.7)), ((0, 1), (0, 3))):
    by_quadrature(f"Laplace({float(a[0])}, {float(a[1])})", f"Laplace({float(b[0])}, {float(b[1])})", laplace(*a), laplace(*b),
                  [-inf, -30, -5, -0.5, 0, 1, 5, 30, inf])
cauchy = lambda loc, s: (lambda x: -log(mp.pi * m(s) * (1 + ((x - m(loc)) / m(s)) ** 2)))
tangent = lambda f: (lambda t: f(mp.tan(t)) - 2 * log(mp.cos(t)))
by_quadrature("Cauchy(0.5, 2.0)", "Cauchy(-1.0, 0.6)", tangent(cauchy(0.5, 2)), tangent(cauchy(-1, 0.6)),
              [-mp.pi / 2, -1, 0, 1, mp.pi / 2])
by_quadrature("HalfCauchy(1.5)", "HalfCauchy(0.4)", lambda t: log(2) + tangent(cauchy(0, 1.5))(t),
              lambda t: log(2) + tangent(cauchy(0, 0.4))(t), [0, 0.5, 1, mp.pi / 2])
gumbel = lambda loc, s: (lambda x: -(x - m(loc)) / m(s) - exp(-(x - m(loc)) / m(s)) - log(m(s)))
by_quadrature("Gumbel(0.5, 2.0)", "Gumbel(-1.0, 1.2)", gumbel(0.5, 2), gumbel(-1, 1.2), [-12, -5, 0, 5, 15, 40, 100, 180])
pareto = lambda s, a: (lambda x: log(m(a)) + m(a) * log(m(s)) - (m(a) + 1) * log(x))
by_quadrature("Pareto(1.5, 3.0)", "Pareto(1.0, 2.0)", lambda u: pareto(1.5, 3)(exp(u)) + u, lambda u: pareto(1, 2)(exp(u)) + u,
              [log(m(1.5)), 1, 3, 8, inf])
# Against Normal and Uniform: by entropy and moments.
by_quadrature("Gamma(2.0, 1.0)", "Normal(1.0, 2.0)", gamma_density(2, 1), normal(1, 2), half)
by_quadrature("Laplace(1.0, 2.0)", "Normal(0.5, 1.5)", laplace(1, 2), normal(0.5, 1.5), [-inf, -60, -20, -5, 1, 5, 20, 60, inf])
by_quadrature("Gumbel(0.5, 2.0)", "Normal(-1.0, 1.2)", gumbel(0.5, 2), normal(-1, 1.2), [-12, -5, 0, 5, 15, 40, 100, 180])
by_quadrature("Logistic(0.5, 0.7)", "Normal(0.0, 1.0)", lambda x: -(x - m(0.5)) / m(0.7) - 2 * log(1 + exp(-(x - m(0.5)) / m(0.7))) - log(m(0.7)),
              normal(0, 1), [-60, -20, -5, 0, 0.5, 1, 5, 20, 60])
by_quadrature("SkewNormal(0.5, 2.0, 3.0)", "Normal(1.0, 1.5)", lambda x: normal(0.5, 2)(x) + log(2 * mp.ncdf(3 * (x - m(0.5)) / 2)), normal(1, 1.5),
              [-8, -2, 0.5, 1, 3, 8, 40])
by_quadrature("Beta(2.0, 3.0)", "Uniform(-1.0, 3.0)", beta(2, 3), lambda x: -log(m(4)), unit)
inverse_gaussian = lambda mu, c: (lambda x: log(m(c) / (2 * mp.pi * x ** 3)) / 2 - m(c) * (x - m(mu)) ** 2 / (2 * m(mu) ** 2 * x))
by_quadrature("InverseGaussian(2.0, 3.0)", "InverseGaussian(1.2, 0.7)", inverse_gaussian(2, 3), inverse_gaussian(1.2, 0.7),
              [0, 0.05, 0.2, 0.5, 1, 2, 5, 15, 60, 200])
row("Uniform(0.0, 1.0)", "Uniform(-1.0, 3.0)", log(4))


def bernoulli(p):
    return lambda k: m(p) if k else 1 - m(p)


def binomial(n, p):
    return lambda k: mp.binomial(n, k) * m(p) ** k * (1 - m(p)) ** (n - k)


def poisson(r):
    return lambda k: m(r) ** k * exp(-m(r)) / mp.factorial(k)


def negative_binomial(r, p):
    return lambda k: gamma(k + m(r)) / gamma(m(r)) / mp.factorial(k) * (1 - m(p)) ** m(r) * m(p) ** k


sigmoid = lambda x: 1 / (1 + exp(-m(x)))
by_summation("Bernoulli(0.3)", "Bernoulli(0.6)", bernoulli(0.3), bernoulli(0.6), 1)
by_summation("Bernoulli({.logits = 1.3})", "Bernoulli(0.6)", bernoulli(sigmoid(1.3)), bernoulli(0.6), 1)
by_summation("Bernoulli(1.0)", "Bernoulli({.logits = 0.4})", bernoulli(1), bernoulli(sigmoid(0.4)), 1)
by_summation("Binomial(10, 0.3)", "Binomial(10, 0.6)", binomial(10, 0.3), binomial(10, 0.6), 10)
by_summation("Binomial(10, 0.3)", "Poisson(2.5)", binomial(10, 0.3), poisson(2.5), 10)
by_summation("Binomial(4, 0.3)", "Binomial(6, 0.4)", binomial(4, 0.3), lambda k: binomial(6, 0.4)(k), 4)
by_summation("Poisson(2.5)", "Poisson(4.0)", poisson(2.5), poisson(4), 120)
by_summation("Geometric(0.3)", "Geometric(0.7)", lambda k: m(0.3) * (1 - m(0.3)) ** k, lambda k: m(0.7) * (1 - m(0.7)) ** k, 400)
by_summation("NegativeBinomial({.total_count = 5.0, .probs = 0.4})", "NegativeBinomial({.total_count = 5.0, .logits = 0.2})",
             negative_binomial(5, 0.4), negative_binomial(5, sigmoid(0.2)), 300)
by_summation("NegativeBinomial({.mean = 3.0, .concentration = 2.0})", "GammaPoisson(2.0, 1.5)",
             negative_binomial(2, m("0.6")), negative_binomial(2, m("0.4")), 300)
by_summation("Categorical(Tensor{0.2, 0.5, 0.3})", "Categorical(Tensor{0.6, 0.3, 0.1})",
             lambda k: [m("0.2"), m("0.5"), m("0.3")][k], lambda k: [m("0.6"), m("0.3"), m("0.1")][k], 2)
by_summation("Categorical(Tensor{0.0, 0.5, 0.5})", "Categorical({.logits = Tensor{0.0, 0.0, 0.0}})",
             lambda k: [m(0), m("0.5"), m("0.5")][k], lambda k: m(1) / 3, 2)
by_summation("DiscreteUniform(0, 4)", "Poisson(2.5)", lambda k: m(1) / 5, poisson(2.5), 4)
row("Multinomial(6, Tensor{0.2, 0.5, 0.3})", "Multinomial(6, Tensor{0.6, 0.3, 0.1})",
    6 * mp.fsum(a * log(a / b) for a, b in zip((m("0.2"), m("0.5"), m("0.3")), (m("0.6"), m("0.3"), m("0.1")))))


def dirichlet(a, b):
    """E log x_k is the derivative of the log normaliser, here by numerical differentiation."""
    norm = lambda v: mp.fsum(mp.loggamma(x) for x in v) - mp.loggamma(mp.fsum(v))
    total = norm(b) - norm(a)
    for k in range(len(a)):
        mean_log = mp.diff(lambda t: norm([v if j != k else t for j, v in enumerate(a)]), a[k])
        total += (a[k] - b[k]) * mean_log
    return total


row("Dirichlet(Tensor{0.5, 2.0, 3.0})", "Dirichlet(Tensor{1.0, 1.5, 0.7})",
    dirichlet([m("0.5"), m(2), m(3)], [m(1), m("1.5"), m("0.7")]))


def gaussian(a, S, b, T):
    d = mp.matrix(b) - mp.matrix(a)
    P = T ** -1
    trace = sum((P * S)[i, i] for i in range(len(a)))
    return (trace + (d.T * P * d)[0] - len(a) + log(mp.det(T)) - log(mp.det(S))) / 2


S, T = mp.matrix([[2, m("0.6")], [m("0.6"), 1]]), mp.matrix([[m("1.5"), m("-0.4")], [m("-0.4"), 2]])
first = "MultivariateNormal({.loc = Tensor{1.0, -1.0}, .covariance = Tensor{{2.0, 0.6}, {0.6, 1.0}}})"
second = "MultivariateNormal({.loc = Tensor{0.0, 0.5}, .covariance = Tensor{{1.5, -0.4}, {-0.4, 2.0}}})"
apart = "Normal(Tensor{1.0, -1.0}, Tensor{0.5, 2.0}).to_event()"
D = mp.diag([m("0.25"), m(4)])
row(first, second, gaussian([1, -1], S, [0, m("0.5")], T))
row(apart, second, gaussian([1, -1], D, [0, m("0.5")], T))
row(second, apart, gaussian([0, m("0.5")], T, [1, -1], D))
row(apart, "Normal(0.0, Tensor{1.0, 3.0}).to_event()", gaussian([1, -1], D, [0, 0], mp.diag([1, 9])))
# vec(X) of a MatrixNormal, column by column: covariance V (x) U.
U, W = mp.matrix([[2, m("0.6")], [m("0.6"), 1]]), mp.matrix([[m("1.5"), m("-0.4")], [m("-0.4"), 2]])
V = mp.matrix([[1, m("0.3"), 0], [m("0.3"), 2, m("-0.5")], [0, m("-0.5"), m("1.5")]])
Y = mp.matrix([[2, 0, m("0.2")], [0, 1, 0], [m("0.2"), 0, 1]])
kron = lambda a, b: mp.matrix([[a[i // b.rows, j // b.rows] * b[i % b.rows, j % b.rows] for j in range(a.rows * b.rows)]
                               for i in range(a.rows * b.rows)])
matrix_normal = "MatrixNormal({{.loc = Tensor{}, .row_covariance = Tensor{}, .column_covariance = Tensor{}}})"
row(matrix_normal.format("{{1.0, 0.0, -1.0}, {0.5, 2.0, 0.0}}", "{{2.0, 0.6}, {0.6, 1.0}}",
                         "{{1.0, 0.3, 0.0}, {0.3, 2.0, -0.5}, {0.0, -0.5, 1.5}}"),
    matrix_normal.format("{{0.0, 0.0, 0.0}, {1.0, 1.0, 1.0}}", "{{1.5, -0.4}, {-0.4, 2.0}}",
                         "{{2.0, 0.0, 0.2}, {0.0, 1.0, 0.0}, {0.2, 0.0, 1.0}}"),
    gaussian([1, m("0.5"), 0, 2, -1, 0], kron(V, U), [0, 1, 0, 1, 0, 1], kron(Y, W)))
F = mp.matrix([[1], [m("0.5")]])
row("LowRankMultivariateNormal(Tensor{1.0, -1.0}, reshape(Tensor{1.0, 0.5}, {2, 1}), Tensor{0.5, 0.8})", second,
    gaussian([1, -1], F * F.T + mp.diag([m("0.5"), m("0.8")]), [0, m("0.5")], T))
row_ = (m(2), m("0.5"), m("0.1"), m("0.5"))
C = mp.matrix([[row_[(i - j) % 4] for j in range(4)] for i in range(4)])
row("Normal(Tensor{0.0, 1.0, -1.0, 2.0}, 0.7).to_event()",
    "CirculantNormal({.loc = Tensor{0.5, 0.5, 0.5, 0.5}, .covariance_row = Tensor{2.0, 0.5, 0.1, 0.5}})",
    gaussian([0, 1, -1, 2], mp.diag([m("0.49")] * 4), [m("0.5")] * 4, C))
row("Delta(1.5)", "Normal(1.0, 2.0)", -normal(1, 2)(m("1.5")))

tests = pathlib.Path(__file__).resolve().parent.parent
(tests / "kl.inc").write_text("// Written by tests/ppl/tools/kl.py.\n// clang-format off\n" + "\n".join(rows) + "\n")
