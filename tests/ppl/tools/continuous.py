"""Writes tests/ppl/{density,functions}/continuous.inc: mpmath at 40 digits, cross-checked with scipy.stats.

    python tests/ppl/tools/continuous.py
"""
import mpmath as mp
from scipy import stats

from families import family, inf, m
from rows import add, add_function, write_group

log, exp, sqrt, pi = mp.log, mp.exp, mp.sqrt, mp.pi
LINE = (-40.0, -5.0, -1.0, 0.5, 1.0, 3.0, 12.0)
HALF = (1e-4, 0.05, 0.4, 1.3, 2.5, 7.0, 30.0)
UNIT = (1e-6, 0.03, 0.3, 0.6, 0.95)


def line(name, parameters, density, cdf, values=LINE, **options):
    loc, scale = (m(v) for v in parameters[:2])
    options.setdefault("knots", (loc - 5 * scale, loc, loc + 5 * scale))
    family(name, parameters, lambda x: density((x - loc) / scale) - log(scale), values, (-inf, inf),
           lambda x: cdf((x - loc) / scale), **options)


def half(name, parameters, density, cdf, values=HALF, **options):
    options.setdefault("knots", (0.01, 0.5, 2, 10))
    family(name, parameters, density, values, (0, inf), cdf, **options)


# ---- on the line
line("Normal", (1.0, 2.0), lambda z: -z * z / 2 - log(2 * pi) / 2, mp.ncdf, scipy=stats.norm(1, 2), mode=1.0)
family("Normal(precision)", (1.0, 0.25), lambda x: log(mp.npdf(x, 1, 2)), LINE, (-inf, inf), lambda x: mp.ncdf(x, 1, 2),
       scipy=stats.norm(1, 2), knots=(-9, 1, 11))
line("Cauchy", (0.5, 2.0), lambda z: -log(pi * (1 + z * z)), lambda z: mp.atan2(1, -z) / pi, scipy=stats.cauchy(0.5, 2),
     moments=(), mode=0.5, support_point=0.5)
line("Laplace", (1.0, 2.0), lambda z: -abs(z) - log(2), lambda z: exp(z) / 2 if z < 0 else 1 - exp(-z) / 2,
     scipy=stats.laplace(1, 2), mode=1.0)
line("Logistic", (1.0, 2.0), lambda z: -z - 2 * mp.log1p(exp(-z)), lambda z: 1 / (1 + exp(-z)), scipy=stats.logistic(1, 2), mode=1.0)
line("Gumbel", (0.5, 2.0), lambda z: -z - exp(-z), lambda z: exp(-exp(-z)), scipy=stats.gumbel_r(0.5, 2), mode=0.5,
     values=(-7.0, -1.0, 0.5, 1.0, 3.0, 12.0, 60.0), knots=(-4, 0.5, 5, 30), limits=(-12, inf))
line("SoftLaplace", (1.0, 2.0), lambda z: log(2 / pi) - log(exp(z) + exp(-z)), lambda z: 2 / pi * mp.atan(exp(z)),
     scipy=stats.hypsecant(1, 2), mode=1.0)
line("Moyal", (0.5, 2.0), lambda z: -(z + exp(-z)) / 2 - log(2 * pi) / 2, lambda z: mp.erfc(exp(-z / 2) / sqrt(2)),
     scipy=stats.moyal(0.5, 2), mode=0.5, values=(-8.0, -1.0, 0.5, 1.0, 3.0, 12.0, 60.0), knots=(-4, 0.5, 5, 30), limits=(-12, inf))
for kappa, name, parameters in ((1.5, "AsymmetricLaplace", (1.0, 2.0, 1.5)), (2.0, "AsymmetricLaplace(quantile)", (1.0, 2.0, 0.8))):
    L, R = m(2) * m(kappa), m(2) / m(kappa)
    if name.endswith(")"):  # quantile 0.8 as a double
        k = sqrt(m(0.8) / (1 - m(0.8)))
        L, R = 2 * k, 2 / k
    family(name, parameters, lambda x: (-(1 - x) / L if x < 1 else -(x - 1) / R) - log(L + R), LINE, (-inf, inf),
           lambda x: L / (L + R) * exp((x - 1) / L) if x < 1 else 1 - R / (L + R) * exp(-(x - 1) / R), knots=(-9, 1, 11), mode=1.0)
q = m(0.2)
family("AsymmetricLaplaceQuantile", (1.0, 2.0, 0.2),
       lambda x: log(q * (1 - q) / 2) - (x - 1) / 2 * (q - (1 if x < 1 else 0)), LINE, (-inf, inf),
       lambda x: q * exp((1 - q) * (x - 1) / 2) if x < 1 else 1 - (1 - q) * exp(-q * (x - 1) / 2), knots=(-9, 1, 11), mode=1.0)
for xi in (0.2, -0.3, 0.0):
    k = m(xi)
    u = (lambda z: log(1 + k * z) / k) if xi else (lambda z: z)
    low, high = (m(0.5) - 2 / k if xi > 0 else -inf), (m(0.5) - 2 / k if xi < 0 else inf)
    limits = (low, inf) if xi > 0 else (-12 if xi == 0 else -14, high)
    family("GeneralizedExtremeValue", (0.5, 2.0, xi), lambda x: -log(m(2)) - (1 + k) * u((x - m(0.5)) / 2) - exp(-u((x - m(0.5)) / 2)),
           (-3.0, -1.0, 0.5, 2.0, 6.0), (low, high), lambda x: exp(-exp(-u((x - m(0.5)) / 2))), scipy=stats.genextreme(-xi, 0.5, 2),
           knots=(-4, -1, 0.5, 3, 6, *((30, 1e3, 1e6, 1e12) if xi > 0 else ())), limits=limits,
           mode=m(0.5) + (2 * ((1 + k) ** -k - 1) / k if xi else 0))
add("GeneralizedExtremeValue", (0.5, 2.0, 0.2), -20.0, -mp.inf)
add_function("GeneralizedExtremeValue", (0.5, 2.0, 0.2), "cdf", -20.0, 0)
add_function("GeneralizedExtremeValue", (0.5, 2.0, -0.3), "cdf", 20.0, 1)
add_function("GeneralizedExtremeValue", (0.5, 2.0, 1.5), "mean", None, float("inf"))

# ---- half line
half("Exponential", (2.0,), lambda x: log(2) - 2 * x, lambda x: -mp.expm1(-2 * x), scipy=stats.expon(scale=0.5), mode=0.0)
half("Exponential(scale)", (2.0,), lambda x: -log(2) - x / 2, lambda x: -mp.expm1(-x / 2), scipy=stats.expon(scale=2))
half("HalfNormal", (2.0,), lambda x: log(2 * mp.npdf(x, 0, 2)), lambda x: mp.erf(x / sqrt(8)), scipy=stats.halfnorm(scale=2), mode=0.0)
half("HalfCauchy", (1.5,), lambda x: log(2 / (pi * m(1.5) * (1 + (x / m(1.5)) ** 2))), lambda x: 2 / pi * mp.atan(x / m(1.5)),
     scipy=stats.halfcauchy(scale=1.5), moments=(), support_point=1.5)
half("LogNormal", (1.0, 0.5), lambda x: log(mp.npdf(log(x), 1, 0.5) / x), lambda x: mp.ncdf((log(x) - 1) * 2),
     scipy=stats.lognorm(0.5, scale=float(exp(1))), mode=exp(m(0.75)))
half("Weibull", (2.0, 1.5), lambda x: log(m(1.5) / 2) + log(x / 2) / 2 - (x / 2) ** m(1.5), lambda x: -mp.expm1(-((x / 2) ** m(1.5))),
     scipy=stats.weibull_min(1.5, scale=2), mode=2 * (m(1) / 3) ** (m(2) / 3), values=HALF[:-1])
half("Rayleigh", (1.5,), lambda x: log(x) - 2 * log(m(1.5)) - (x / m(1.5)) ** 2 / 2, lambda x: -mp.expm1(-((x / m(1.5)) ** 2) / 2),
     scipy=stats.rayleigh(scale=1.5), mode=1.5)
half("Frechet", (2.0, 2.5), lambda x: log(m(2.5) / 2) - m(3.5) * log(x / 2) - (x / 2) ** -m(2.5), lambda x: exp(-((x / 2) ** -m(2.5))),
     scipy=stats.invweibull(2.5, scale=2), values=(0.2, 0.7, 1.3, 2.5, 7.0, 300.0), mode=2 * (m(2.5) / m(3.5)) ** (1 / m(2.5)),
     moments=(1, 2), knots=(0.5, 2, 10, 1000, 1e6, 1e12))
half("LogLogistic", (2.0, 3.5), lambda x: log(m(3.5) / 2) + m(2.5) * log(x / 2) - 2 * log(1 + (x / 2) ** m(3.5)),
     lambda x: 1 / (1 + (x / 2) ** -m(3.5)), scipy=stats.fisk(3.5, scale=2), knots=(0.5, 2, 10, 1000, 1e6),
     mode=2 * (m(2.5) / m(4.5)) ** (1 / m(3.5)), support_point=2.0)
half("Dagum", (2.0, 3.0, 1.5), lambda x: log(6 / x) + 6 * log(x / m(1.5)) - 3 * log(1 + (x / m(1.5)) ** 3),
     lambda x: (1 + (x / m(1.5)) ** -3) ** -2, scipy=stats.mielke(6, 3, scale=1.5), knots=(0.5, 2, 10, 1000, 1e6),
     mode=m(1.5) * (m(5) / 4) ** (m(1) / 3))
half("Gompertz", (0.5, 1.2), lambda x: log(m(0.5) * m(1.2)) + m(1.2) * x - m(0.5) * mp.expm1(m(1.2) * x),
     lambda x: -mp.expm1(-m(0.5) * mp.expm1(m(1.2) * x)), values=HALF[:-1], mode=-log(m(0.5)) / m(1.2),
     scipy=stats.gompertz(0.5, scale=1 / 1.2), knots=(0.1, 0.5, 1, 2, 4), limits=(0, 6))
half("Gompertz", (4.0, 0.7), lambda x: log(4 * m(0.7)) + m(0.7) * x - 4 * mp.expm1(m(0.7) * x),
     lambda x: -mp.expm1(-4 * mp.expm1(m(0.7) * x)), values=HALF[:-2], knots=(0.1, 0.5, 1, 2, 4), mode=0.0, limits=(0, 6))
half("Lomax", (2.0, 3.5), lambda x: log(m(3.5) / 2) - m(4.5) * log(1 + x / 2), lambda x: 1 - (1 + x / 2) ** -m(3.5),
     scipy=stats.lomax(3.5, scale=2), knots=(0.5, 2, 10, 1000, 1e6), mode=0.0)
for a, b in ((2.5, 1.5), (0.3, 2.0), (50.0, 0.5)):
    A, B = m(a), m(b)
    values = tuple(v * a / b for v in (1e-3, 0.1, 0.6, 1.0, 1.5, 6.0))
    half("Gamma", (a, b), lambda x: A * log(B) - mp.loggamma(A) + (A - 1) * log(x) - B * x,
         lambda x: mp.gammainc(A, 0, B * x, regularized=True), values=values, scipy=stats.gamma(a, scale=1 / b),
         knots=[a / b * v for v in (1e-60, 1e-30, 1e-12, 1e-4, 0.01, 0.3, 1, 1.5, 3)], mode=max(a - 1, 0) / b)
for a, b in ((2.5, 1.5), (8.0, 3.0)):
    A, B = m(a), m(b)
    half("InverseGamma", (a, b), lambda x: A * log(B) - mp.loggamma(A) - (A + 1) * log(x) - B / x,
         lambda x: mp.gammainc(A, B / x, inf, regularized=True), values=(0.01, 0.1, 0.3, 0.7, 2.0, 90.0),
         scipy=stats.invgamma(a, scale=b), knots=(0.05, 0.3, 1, 3, 10, 100, 1e4, 1e7, 1e12), mode=B / (A + 1))
half("InverseGamma(mean)", (2.0, 0.5), lambda x: 18 * log(m(34)) - mp.loggamma(18) - 19 * log(x) - 34 / x,
     lambda x: mp.gammainc(18, 34 / x, inf, regularized=True), values=(0.7, 2.0, 6.0), knots=(0.5, 1, 2, 4, 10, 40))
half("Gamma(mean)", (2.0, 0.5), lambda x: 16 * log(m(8)) - mp.loggamma(16) + 15 * log(x) - 8 * x,
     lambda x: mp.gammainc(16, 0, 8 * x, regularized=True), values=(0.7, 2.0, 6.0), knots=(0.5, 1, 2, 4, 10))
half("Gamma(scale)", (2.5, 0.5), lambda x: m(2.5) * log(m(2)) - mp.loggamma(m(2.5)) + m(1.5) * log(x) - 2 * x,
     lambda x: mp.gammainc(m(2.5), 0, 2 * x, regularized=True), values=(0.7, 2.0, 6.0))
for n in (3.0, 1.0):
    half("Chi2", (n,), lambda x: (m(n) / 2 - 1) * log(x) - x / 2 - m(n) / 2 * log(2) - mp.loggamma(m(n) / 2),
         lambda x: mp.gammainc(m(n) / 2, 0, x / 2, regularized=True), scipy=stats.chi2(n), knots=(1e-40, 1e-20, 1e-8, 1e-3, 0.1, 1, 5, 20))
half("InverseChi2", (7.0,), lambda x: -m(4.5) * log(x) - 1 / (2 * x) - m(3.5) * log(2) - mp.loggamma(m(3.5)),
     lambda x: mp.gammainc(m(3.5), 1 / (2 * x), inf, regularized=True), values=(0.01, 0.05, 0.15, 0.4, 5.0),
     knots=(0.02, 0.1, 0.3, 1, 10, 1e3, 1e6), scipy=stats.invgamma(3.5, scale=0.5))
half("ScaledInverseChi2", (9.0, 1.5), lambda x: m(4.5) * log(m(81) / 8) - mp.loggamma(m(4.5)) - m(5.5) * log(x) - m(81) / (8 * x),
     lambda x: mp.gammainc(m(4.5), m(81) / (8 * x), inf, regularized=True), values=(0.3, 1.0, 2.5, 9.0, 60.0),
     knots=(0.5, 1, 3, 10, 1e3, 1e6), scipy=stats.invgamma(4.5, scale=81 / 8))
half("HalfStudentT", (5.0, 2.0), lambda x: log(2 * mp.gamma(3) / (mp.gamma(m(2.5)) * sqrt(5 * pi) * 2)) - 3 * log(1 + (x / 2) ** 2 / 5),
     lambda x: mp.betainc(m(1) / 2, m(2.5), 0, x * x / 4 / (5 + x * x / 4), regularized=True), knots=(0.5, 2, 10, 100, 1e4, 1e7),
     support_point=2.0)
for df, loc, scale in ((3.0, 1.0, 2.0), (30.0, 0.0, 1.0), (0.7, -1.0, 0.5)):
    n = m(df)
    family(
        "StudentT", (df, loc, scale),
        lambda x: mp.loggamma((n + 1) / 2) - mp.loggamma(n / 2) - log(n * pi) / 2 - log(m(scale)) - (n + 1) / 2 * log(1 + ((x - m(loc)) / m(scale)) ** 2 / n),
        LINE, (-inf, inf),
        lambda x: (lambda z: (lambda t: t if z < 0 else 1 - t)(mp.betainc(n / 2, m(1) / 2, 0, n / (n + z * z), regularized=True) / 2))((x - m(loc)) / m(scale)),
        scipy=stats.t(df, loc, scale), knots=[loc + scale * v for v in (-1e12, -1e6, -1e3, -20, -3, 0, 3, 20, 1e3, 1e6, 1e12)],
        moments=(1, 2) if df > 2 else (), mode=loc, support_point=loc)
family("Pareto", (1.2, 3.0), lambda x: log(3) + 3 * log(m(1.2)) - 4 * log(x), (1.25, 2.0, 7.0, 300.0), (m(1.2), inf),
       lambda x: 1 - (m(1.2) / x) ** 3, scipy=stats.pareto(3, scale=1.2), knots=(2, 10, 100, 1e4, 1e8, 1e14), support_point=m(1.2) * 2 ** (m(1) / 3))
family("LowerTruncatedPowerLaw", (-4.5, 1.2), lambda x: -m(4.5) * log(x / m(1.2)) + log(m(3.5) / m(1.2)), (1.25, 2.0, 7.0, 300.0),
       (m(1.2), inf), lambda x: 1 - (m(1.2) / x) ** m(3.5), knots=(2, 10, 100, 1e4, 1e8))
family("Levy", (-0.5, 2.0), lambda x: log(2 / (2 * pi)) / 2 - m(1.5) * log(x + m(0.5)) - 1 / (x + m(0.5)), (-0.4, 0.1, 1.0, 8.0, 1e6),
       (m(-0.5), inf), lambda x: mp.erfc(sqrt(1 / (x + m(0.5)))), scipy=stats.levy(-0.5, 2), moments=(), mode=m(-0.5) + m(2) / 3,
       knots=(0, 1, 10, 1e3, 1e6, 1e10, 1e16, 1e24, 1e32))
for xi in (0.2, -0.3, 0.0):
    k = m(xi)
    u = (lambda z: log(1 + k * z) / k) if xi else (lambda z: z)
    high = m(0.5) - 2 / k if xi < 0 else inf
    at = lambda x: u((x - m(0.5)) / 2)
    family("GeneralizedPareto", (0.5, 2.0, xi), lambda x: -log(m(2)) - (1 + k) * at(x), (0.6, 1.0, 3.0, 6.0), (m(0.5), high),
           lambda x: -mp.expm1(-at(x)), scipy=stats.genpareto(xi, 0.5, 2), knots=(1, 3, 5) if xi < 0 else (1, 3, 10, 100, 1e4, 1e8), mode=0.5)
    kappa = m(1.7)
    if xi == 0.2:
        family("ExtendedGeneralizedPareto", (0.5, 2.0, xi, 1.7),
               lambda x: log(kappa) + (kappa - 1) * log(-mp.expm1(-at(x))) - log(m(2)) - (1 + k) * at(x), (0.6, 1.0, 3.0, 60.0), (m(0.5), high),
               lambda x: (-mp.expm1(-at(x))) ** kappa, knots=(1, 3, 10, 100, 1e4, 1e8),
               mode=m(0.5) + 2 * mp.expm1(k * log(1 + (kappa - 1) / (1 + k))) / k)
add("GeneralizedPareto", (0.5, 2.0, -0.3), 20.0, -mp.inf)
add_function("GeneralizedPareto", (0.5, 2.0, -0.3), "cdf", 20.0, 1)

# ---- bounded
for a, b in ((2.0, 3.0), (0.4, 0.6), (20.0, 0.5)):
    A, B = m(a), m(b)
    family("Beta", (a, b), lambda x: (A - 1) * log(x) + (B - 1) * log(1 - x) - log(mp.beta(A, B)), UNIT, (0, 1),
           lambda x: mp.betainc(A, B, 0, x, regularized=True), scipy=stats.beta(a, b), knots=(1e-12, 1e-6, 0.01, 0.5, 0.9, 0.999, 1 - 1e-6, 1 - 1e-12), digits=50)
A, B = m(0.4) * 5, (1 - m(0.4)) * 5
family("BetaProportion", (0.4, 5.0), lambda x: (A - 1) * log(x) + (B - 1) * log(1 - x) - log(mp.beta(A, B)), UNIT, (0, 1),
       lambda x: mp.betainc(A, B, 0, x, regularized=True), scipy=stats.beta(2, 3), knots=(0.5,))
n = m(0.3) * (1 - m(0.3)) / m(0.2) ** 2 - 1
family("Beta(mean)", (0.3, 0.2), lambda x: (m(0.3) * n - 1) * log(x) + ((1 - m(0.3)) * n - 1) * log(1 - x) - log(mp.beta(m(0.3) * n, (1 - m(0.3)) * n)),
       UNIT, (0, 1), knots=(1e-6, 0.01, 0.5))
for a, b in ((2.0, 3.0), (0.5, 0.7)):
    A, B = m(a), m(b)
    family("Kumaraswamy", (a, b), lambda x: log(A * B) + (A - 1) * log(x) + (B - 1) * log(1 - x**A), UNIT, (0, 1),
           lambda x: 1 - (1 - x**A) ** B, knots=(1e-12, 1e-6, 0.01, 0.5, 0.9, 0.999, 1 - 1e-6, 1 - 1e-12), digits=50,
           mode=sqrt(m(1) / 5) if a > 1 else None)


def logit_normal_mode(loc, scale):
    """The highest stationary point of the density, among those that a grid of starts finds."""
    slope = lambda y: (m(loc) - y) / m(scale) ** 2 + mp.tanh(y / 2)
    log_density = lambda y: -((y - m(loc)) / m(scale)) ** 2 / 2 + 2 * log(2 * mp.cosh(y / 2))
    grid = [m(v) / 10 for v in range(-200, 200)]
    roots = [mp.findroot(slope, (a, b), solver="anderson", tol=m(10) ** -50) for a, b in zip(grid, grid[1:])
             if slope(a) * slope(b) < 0]
    return 1 / (1 + exp(-max(roots, key=log_density)))


for loc, scale in ((0.5, 1.5), (-0.3, 2.5)):
    family("LogitNormal", (loc, scale), lambda x: log(mp.npdf(log(x / (1 - x)), loc, scale) / (x * (1 - x))), UNIT, (0, 1),
           lambda x: mp.ncdf((log(x / (1 - x)) - m(loc)) / m(scale)), mode=logit_normal_mode(loc, scale),
           knots=(1e-6, 0.01, 0.5, 0.99, 1 - 1e-6), limits=(1e-15, 1 - 1e-15), support_point=1 / (1 + exp(-m(loc))))
family("LogUniform", (0.5, 3.0), lambda x: -log(x) - log(log(m(6))), (0.51, 0.7, 1.5, 2.9), (m(0.5), m(3)), lambda x: log(2 * x) / log(m(6)),
       scipy=stats.loguniform(0.5, 3), mode=0.5)
family("Triangular", (-1.0, 0.5, 3.0), lambda x: log((x + 1) / 3 if x < 0.5 else 2 * (3 - x) / 10) , (-0.9, 0.0, 0.5, 1.0, 2.9), (-1, 3),
       lambda x: (x + 1) ** 2 / 6 if x < 0.5 else 1 - (3 - x) ** 2 / 10, scipy=stats.triang(0.375, -1, 4), knots=(0.5,), mode=0.5)
family("Triangular", (0.0, 0.0, 2.0), lambda x: log(1 - x / 2), (0.1, 1.0, 1.9), (0, 2), lambda x: x - x * x / 4, mode=0.0)
family("Uniform", (-1.0, 3.0), lambda x: -log(m(4)), (-0.9, 0.0, 2.9), (-1, 3), lambda x: (x + 1) / 4, scipy=stats.uniform(-1, 4))
s = m(-0.5)
family("DoublyTruncatedPowerLaw", (-1.5, 1.0, 10.0), lambda x: -m(1.5) * log(x) - log((m(10) ** s - 1) / s), (1.01, 2.0, 7.0, 9.9), (1, 10),
       lambda x: (x**s - 1) / (m(10) ** s - 1), mode=1.0)
family("DoublyTruncatedPowerLaw", (2.0, 0.0, 3.0), lambda x: 2 * log(x) - log(m(9)), (1e-3, 0.4, 2.0, 2.9), (0, 3), lambda x: x**3 / 27, mode=3.0)
family("DoublyTruncatedPowerLaw", (-1.0, 0.5, 4.0), lambda x: -log(x) - log(log(m(8))), (0.51, 0.7, 3.9), (m(0.5), 4), lambda x: log(2 * x) / log(m(8)))
s = m(-1.0000001) + 1
family("DoublyTruncatedPowerLaw", (-1.0000001, 0.5, 4.0), lambda x: (s - 1) * log(x) - log((m(4) ** s - m(0.5) ** s) / s), (0.51, 0.7, 3.9),
       (m(0.5), 4), lambda x: (x**s - m(0.5) ** s) / (m(4) ** s - m(0.5) ** s))

# ---- skewed, circular, others
def owen(h, a):
    return mp.quad(lambda t: exp(-h * h * (1 + t * t) / 2) / (1 + t * t), [0, a / 4, a / 2, a]) / (2 * pi)


for skewness in (3.0, -1.0):
    family("SkewNormal", (0.5, 2.0, skewness), lambda x: log(mp.npdf((x - m(0.5)) / 2) * mp.ncdf(m(skewness) * (x - m(0.5)) / 2)),
           (-3.0, 0.5, 1.0, 5.0), (-inf, inf), lambda x: mp.ncdf((x - m(0.5)) / 2) - 2 * owen((x - m(0.5)) / 2, m(skewness)),
           scipy=stats.skewnorm(skewness, 0.5, 2), knots=(-8, -3, -1, 0.5, 2, 4, 9), quantiles=(), limits=(-40, 40),
           mode=m(0.5) + 2 * mp.findroot(lambda z: m(skewness) * mp.npdf(m(skewness) * z) / mp.ncdf(m(skewness) * z) - z,
                                         (0, 1 if skewness > 0 else -1), solver="anderson", tol=m(10) ** -50))
for scale, nu in ((0.5, 2.0), (2.0, 0.3)):
    r = m(scale) / m(nu)
    z = lambda x: (x - 1) / m(scale)
    family("ExGaussian", (1.0, scale, nu), lambda x: -log(m(nu)) + r * r / 2 - r * z(x) + log(mp.ncdf(z(x) - r)), (-12.0, -1.0, 1.0, 3.0, 40.0),
           (-inf, inf), lambda x: mp.ncdf(z(x)) - exp(r * r / 2 - r * z(x)) * mp.ncdf(z(x) - r), scipy=stats.exponnorm(nu / scale, 1, scale),
           knots=(-8, -1, 0, 1, 2, 5, 20), limits=(-60, 200),
           mode=1 + m(scale) * (r + mp.findroot(lambda t: mp.npdf(t) / mp.ncdf(t) - r, (-r - 2, 6), solver="anderson", tol=m(10) ** -50)))
A, B, n = m(4), m(2.5), m(6.5)
family("SkewStudentT", (4.0, 2.5, 1.0, 2.0),
       lambda x: (lambda t, s: (A + m(0.5)) * log(1 + t / s) + (B + m(0.5)) * log(1 - t / s))((x - 1) / 2, sqrt(n + ((x - 1) / 2) ** 2))
       - (n - 1) * log(2) - log(mp.beta(A, B)) - log(n) / 2 - log(2), (-40.0, -3.0, 0.0, 1.5, 9.0, 300.0), (-inf, inf),
       lambda x: mp.betainc(A, B, 0, (1 + (x - 1) / 2 / sqrt(n + ((x - 1) / 2) ** 2)) / 2, regularized=True),
       knots=(-1e9, -1e5, -1e3, -30, -5, 1, 3, 10, 100, 1e4, 1e7), limits=(-1e12, 1e12), scipy=stats.jf_skew_t(4, 2.5, 1, 2) if hasattr(stats, "jf_skew_t") else None,
       mode=1 + 2 * (A - B) * sqrt(n / ((2 * A + 1) * (2 * B + 1))))
mu, lam = m(1.5), m(2)
family("InverseGaussian", (1.5, 2.0), lambda x: log(lam / (2 * pi * x**3)) / 2 - lam * (x - mu) ** 2 / (2 * mu * mu * x), (0.02, 0.3, 1.0, 2.0, 30.0, 200.0), (0, inf),
       lambda x: mp.ncdf(sqrt(lam / x) * (x / mu - 1)) + exp(2 * lam / mu) * mp.ncdf(-sqrt(lam / x) * (x / mu + 1)),
       scipy=stats.invgauss(0.75, scale=2), knots=(0.05, 0.3, 1, 3, 10, 50),
       mode=mu * (sqrt(1 + 9 * mu**2 / (4 * lam**2)) - 3 * mu / (2 * lam)))
half("Chi", (3.5,), lambda x: m(2.5) * log(x) - x * x / 2 - m(0.75) * log(2) - mp.loggamma(m(1.75)),
     lambda x: mp.gammainc(m(1.75), 0, x * x / 2, regularized=True), scipy=stats.chi(3.5), mode=sqrt(m(2.5)))
half("Maxwell", (1.5,), lambda x: log(2 / pi) / 2 + 2 * log(x) - 3 * log(m(1.5)) - (x / m(1.5)) ** 2 / 2,
     lambda x: mp.gammainc(m(1.5), 0, (x / m(1.5)) ** 2 / 2, regularized=True), scipy=stats.maxwell(scale=1.5), mode=sqrt(m(2)) * m(1.5))
family("Rice", (1.5, 2.0), lambda x: log(x / 4) - (x * x + m(2.25)) / 8 + log(mp.besseli(0, x * m(1.5) / 4)), (0.05, 1.0, 2.0, 4.0, 20.0), (0, inf),
       lambda x: mp.quad(lambda t: t / 4 * exp(-(t * t + m(2.25)) / 8) * mp.besseli(0, t * m(1.5) / 4), [0, x / 4, x / 2, x]),
       scipy=stats.rice(0.75, scale=2), knots=(0.5, 2, 4, 8), limits=(0, 40), quantiles=(), digits=30,
       mode=mp.findroot(lambda x: 1 / x - x / 4 + m(1.5) / 4 * mp.besseli(1, x * m(1.5) / 4) / mp.besseli(0, x * m(1.5) / 4),
                        (2, 4), solver="anderson", tol=m(10) ** -50))
for loc, k in ((0.3, 2.0), (-2.5, 40.0)):
    c = 2 * pi * mp.besseli(0, k)
    density = lambda x: k * mp.cos(x - m(loc)) - log(c)
    family("VonMises", (loc, k), density, (-3.0, -1.0, 0.3, 2.0), (-pi, pi),
           lambda x: mp.quad(lambda t: exp(density(t)), [-pi, (x - pi) / 2, x]), moments=(), mode=loc, knots=(-2.9, -2.5, -2, 0, 0.3, 2), quantiles=())
    add_function("VonMises", (loc, k), "variance", None, 1 - mp.besseli(1, k) / mp.besseli(0, k))
    add_function("VonMises", (loc, k), "mean", None, loc)
for name, parameters, t, l in (("RelaxedBernoulli", (0.7, 0.3), m(0.7), log(m(0.3) / (1 - m(0.3)))), ("RelaxedBernoulli(logits)", (2.0, -0.7), m(2), m(-0.7))):
    logit = lambda x: log(x) - mp.log1p(-x)
    y = lambda x: t * logit(x) - l
    family(name, parameters, lambda x: log(t) - log(x) - mp.log1p(-x) + y(x) - 2 * mp.log1p(exp(y(x))), UNIT, (0, 1), lambda x: 1 / (1 + exp(-y(x))),
           knots=(1e-30, 1e-12, 1e-6, 1e-3, 0.5, 0.999, 1 - 1e-6, 1 - 1e-12), digits=50)
points, heights = (-1.0, 0.0, 0.5, 2.0), (0.2, 1.0, 0.3, 0.8)
area = sum((m(b) - m(a)) * (m(p) + m(r)) / 2 for a, b, p, r in zip(points, points[1:], heights, heights[1:]))


def polygon(x):
    for a, b, p, r in zip(points, points[1:], heights, heights[1:]):
        if x <= b:
            return (m(p) + (m(r) - m(p)) * (x - m(a)) / (m(b) - m(a))) / area


family("Interpolated", (points, heights), lambda x: log(polygon(x)), (-0.9, -0.1, 0.2, 0.6, 1.9), (-1, 2),
       lambda x: mp.quad(polygon, [-1, *[v for v in (0.0, 0.5) if v < x], x]), knots=(0, 0.5), quantiles=(), digits=30)
odd = lambda n: (2 * n + 1) * (-1) ** n
pg = lambda x: sum(odd(n) * exp(-m(2 * n + 1) ** 2 / (8 * x)) for n in range(60)) / sqrt(2 * pi * x**3)
weighted = lambda x, power: sum(odd(n) * exp(-m(2 * n + 1) ** 2 / (8 * x)) * (m(2 * n + 1) ** 2 / 8) ** power for n in range(60))
mass = mp.quad(pg, [0, 0.05, 0.1, 0.25, 0.5, 1, 2.5])
family("TruncatedPolyaGamma", (), lambda x: log(pg(x) / mass), (0.005, 0.1, 0.15, 0.17, 0.5, 2.0), (0, 2.5),
       lambda x: mp.quad(pg, [0, x / 4, x / 2, x]) / mass, knots=(0.02, 0.05, 0.1, 0.25, 0.5, 1), limits=(0.0005, 2.5), quantiles=(),
       mode=mp.findroot(lambda x: weighted(x, 1) / weighted(x, 0) / x**2 - 3 / (2 * x), (m("0.05"), m("0.2")), solver="anderson",
                        tol=m(10) ** -50))


def polya_gamma(h, z):
    """Density and distribution function of PG(h, z) by the alternating series, with as many digits as cancel."""
    h, z = m(h), m(z)

    def series(x, term):
        with mp.workdps(260 + int(2 * x + h)):
            total, n = m(0), 0
            while True:
                t = mp.gamma(n + h) / mp.factorial(n) * term(2 * n + h)
                total += t if n % 2 == 0 else -t
                if n > h and abs(t) < abs(total) * m(10) ** -220:
                    return total * mp.cosh(z / 2) ** h * m(2) ** (h - 1) / mp.gamma(h)
                n += 1

    def density(x):
        return log(series(x, lambda a: a / sqrt(2 * pi * x**3) * exp(-a * a / (8 * x)))) - x * z * z / 2

    def cdf(x):
        # Each term is the density of a first passage time of a Brownian motion with drift.
        return series(x, lambda a: exp(-a * z / 2) * mp.erfc((a / 2 - z * x) / sqrt(2 * x)) + exp(a * z / 2) * mp.erfc((a / 2 + z * x) / sqrt(2 * x)))

    return density, cdf


for h, z in ((1.0, 0.0), (2.5, -1.5), (0.3, 4.0), (30.0, 0.7)):
    density, cdf = polya_gamma(h, z)
    mean = m(h) / 4 if z == 0 else m(h) / (2 * m(z)) * mp.tanh(m(z) / 2)
    spread = m(h) / 24 if z == 0 else m(h) * (mp.sinh(m(z)) - m(z)) / mp.cosh(m(z) / 2) ** 2 / (4 * m(z) ** 3)
    add_function("PolyaGamma", (h, z), "mean", None, mean)
    add_function("PolyaGamma", (h, z), "variance", None, spread)
    for ratio in (0.1, 0.5, 0.9, 1.0, 1.3, 2.5, 8.0):
        x = float(mean * m(ratio))
        add("PolyaGamma", (h, z), x, density(m(x)))
        F = cdf(m(x))
        with mp.workdps(220):
            S = 1 - F
        add_function("PolyaGamma", (h, z), "cdf", x, F)
        add_function("PolyaGamma", (h, z), "log_cdf", x, log(F) if F < 0.5 else mp.log1p(-S))
        add_function("PolyaGamma", (h, z), "survival", x, S)
        add_function("PolyaGamma", (h, z), "log_survival", x, log(S) if S < 0.5 else mp.log1p(-F))
add("Flat", (), 3.0, 0)
add("HalfFlat", (), 3.0, 0)

write_group("continuous")
