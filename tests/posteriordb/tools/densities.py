"""Writes tests/posteriordb/densities.json: the log density of every posterior, and its gradient in the parameters as
named, at five points, by 40-digit arithmetic and difference quotients. Independent of the library: nothing but the
definition of each model is used. Log densities are relative to the first point: constants do not matter.

    NUTHATCH_ORACLES=... python3 tests/posteriordb/tools/densities.py > tests/posteriordb/densities.json

Takes minutes; names as arguments choose posteriors.
"""
import json
import math
import os
import random
import sys
import zlib

from mpmath import mp, mpf

mp.dps = 40
folder = os.path.join(os.environ["NUTHATCH_ORACLES"], "posteriordb")


def data(name):
    with open(f"{folder}/data/{name}.json") as f:
        return json.load(f)


def m(x):
    """Numbers of a file, exactly as a double holds them."""
    return [m(v) for v in x] if isinstance(x, list) else mpf(float(x))


log, exp, sqrt = mp.log, mp.exp, mp.sqrt


def normal(x, mean, sd):
    return -((x - mean) / sd) ** 2 / 2 - log(sd)


def half_cauchy(x, scale):
    return -log(1 + (x / scale) ** 2)


def student(x, df, loc, scale):
    return -(mpf(df) + 1) / 2 * log(1 + ((x - loc) / scale) ** 2 / df)


def gamma(x, a, b):
    return (mpf(a) - 1) * log(x) - mpf(b) * x


def inverse_gamma(x, a, b):
    return -(mpf(a) + 1) * log(x) - mpf(b) / x


def beta(x, a, b):
    return (a - 1) * log(x) + (b - 1) * log(1 - x)


def log_normal(x, loc, scale):
    return normal(log(x), loc, scale) - log(x)


def bernoulli(y, logit):
    return y * logit - log(1 + exp(logit))


def dot(a, b):
    return mp.fdot(a, b)


models = {}


def model(posterior, **parameters):
    """Registers a density: parameters by name, each a list of (reference name or None, kind)."""

    def register(f):
        models[posterior] = (f, parameters)
        return f

    return register


# ---- linear regressions ----------------------------------------------------------------------------------------------
def linear(posterior, name, columns, response, prior):
    d = data(name)
    rows = range(len(d[response[1]] if isinstance(response, tuple) else d[response]))
    get = lambda field: m(d[field])
    y = [log(v) for v in get(response[1])] if isinstance(response, tuple) else get(response)
    X = [[mpf(1)] + [c[n] for c in columns(get)] for n in rows]
    K = len(X[0])
    noise = (lambda s: mpf(0)) if prior == "flat" else (lambda s: half_cauchy(s, mpf(2.5)))

    @model(posterior, beta=K, sigma=0)
    def density(beta, sigma):
        return noise(sigma) + mp.fsum(normal(y[n], dot(X[n], beta), sigma) for n in rows)


def indicator(x, value):
    return [mpf(int(v == value)) for v in x]


def product(*xs):
    return [mp.fprod(v) for v in zip(*xs)]


def centred(x):
    mean = mp.fsum(x) / len(x)
    return [v - mean for v in x]


def logs(x):
    return [log(v) for v in x]


def nes(get):
    age = get("age_discrete")
    return [get("real_ideo"), get("race_adj"), indicator(age, 2), indicator(age, 3), indicator(age, 4), get("educ1"),
            get("gender"), get("income")]


linear("earnings-earn_height", "earnings", lambda g: [g("height")], "earn", "flat")
linear("earnings-logearn_height", "earnings", lambda g: [g("height")], ("log", "earn"), "flat")
linear("earnings-logearn_height_male", "earnings", lambda g: [g("height"), g("male")], ("log", "earn"), "flat")
linear("earnings-logearn_interaction", "earnings",
       lambda g: [g("height"), g("male"), product(g("height"), g("male"))], ("log", "earn"), "flat")
linear("mesquite-mesquite", "mesquite",
       lambda g: [g(k) for k in ("diam1", "diam2", "canopy_height", "total_height", "density", "group")], "weight", "flat")
linear("mesquite-logmesquite", "mesquite",
       lambda g: [logs(g(k)) for k in ("diam1", "diam2", "canopy_height", "total_height", "density")] + [g("group")],
       ("log", "weight"), "flat")
linear("mesquite-logmesquite_logva", "mesquite",
       lambda g: [logs(product(g("diam1"), g("diam2"), g("canopy_height"))), logs(product(g("diam1"), g("diam2"))), g("group")],
       ("log", "weight"), "flat")
linear("mesquite-logmesquite_logvash", "mesquite",
       lambda g: [logs(product(g("diam1"), g("diam2"), g("canopy_height"))), logs(product(g("diam1"), g("diam2"))),
                  [log(a / b) for a, b in zip(g("diam1"), g("diam2"))], logs(g("total_height")), g("group")],
       ("log", "weight"), "flat")
linear("kidiq-kidscore_momhs", "kidiq", lambda g: [g("mom_hs")], "kid_score", "half_cauchy")
linear("kidiq-kidscore_momiq", "kidiq", lambda g: [g("mom_iq")], "kid_score", "half_cauchy")
linear("kidiq-kidscore_interaction", "kidiq", lambda g: [g("mom_hs"), g("mom_iq"), product(g("mom_hs"), g("mom_iq"))],
       "kid_score", "half_cauchy")
linear("kidiq_with_mom_work-kidscore_interaction_c", "kidiq_with_mom_work",
       lambda g: [centred(g("mom_hs")), centred(g("mom_iq")), product(centred(g("mom_hs")), centred(g("mom_iq")))],
       "kid_score", "flat")
linear("kidiq_with_mom_work-kidscore_mom_work", "kidiq_with_mom_work",
       lambda g: [indicator(g("mom_work"), k) for k in (2, 3, 4)], "kid_score", "flat")
for year in (1972, 1980, 1984, 2000):
    linear(f"nes{year}-nes", f"nes{year}", nes, "partyid7", "flat")


def sblri():
    d = data("sblri")
    X, y = m(d["X"]), m(d["y"])

    @model("sblri-blr", beta=len(X[0]), sigma=0)
    def density(beta, sigma):
        return (mp.fsum(normal(b, 0, mpf(10)) for b in beta) + normal(sigma, 0, mpf(10)) +
                mp.fsum(normal(yn, dot(x, beta), sigma) for x, yn in zip(X, y)))


def kilpisjarvi():
    d = data("kilpisjarvi_mod")
    x, y = m(d["x"]), m(d["y"])
    a, sa, b, sb = (m(d[k]) for k in ("pmualpha", "psalpha", "pmubeta", "psbeta"))

    @model("kilpisjarvi_mod-kilpisjarvi", alpha=0, beta=0, sigma=0)
    def density(alpha, beta, sigma):
        return (normal(alpha, a, sa) + normal(beta, b, sb) +
                mp.fsum(normal(yn, alpha + beta * xn, sigma) for xn, yn in zip(x, y)))


# ---- hierarchical ----------------------------------------------------------------------------------------------------
def eight_schools():
    d = data("eight_schools")
    y, s = m(d["y"]), m(d["sigma"])

    @model("eight_schools-eight_schools_centered", theta=8, mu=0, tau=0)
    def centred_form(theta, mu, tau):
        return (normal(mu, 0, mpf(5)) + half_cauchy(tau, mpf(5)) + mp.fsum(normal(t, mu, tau) for t in theta) +
                mp.fsum(normal(a, t, b) for a, t, b in zip(y, theta, s)))

    @model("eight_schools-eight_schools_noncentered", theta_decentered=-8, mu=0, tau=0)
    def other_form(theta_decentered, mu, tau):
        return (normal(mu, 0, mpf(5)) + half_cauchy(tau, mpf(5)) + mp.fsum(normal(e, 0, mpf(1)) for e in theta_decentered) +
                mp.fsum(normal(a, mu + tau * e, b) for a, e, b in zip(y, theta_decentered, s)))


def radon():
    d = data("radon_mn")
    y, u, f = m(d["log_radon"]), m(d["log_uppm"]), m(d["floor_measure"])
    county = d["county_idx"]

    @model("radon_mn-radon_hierarchical_intercept_noncentered", alpha_decentered=-int(d["J"]), beta=2, mu_alpha=0,
           sigma_alpha=0, sigma_y=0)
    def density(alpha_decentered, beta, mu_alpha, sigma_alpha, sigma_y):
        alpha = [mu_alpha + sigma_alpha * r for r in alpha_decentered]
        return (normal(mu_alpha, 0, mpf(10)) + mp.fsum(normal(b, 0, mpf(10)) for b in beta) + normal(sigma_alpha, 0, mpf(1)) +
                normal(sigma_y, 0, mpf(1)) + mp.fsum(normal(r, 0, mpf(1)) for r in alpha_decentered) +
                mp.fsum(normal(y[n], alpha[county[n] - 1] + beta[0] * u[n] + beta[1] * f[n], sigma_y) for n in range(len(y))))


def seeds():
    d = data("seeds_data")
    n, N, x1, x2 = (m(d[k]) for k in ("n", "N", "x1", "x2"))

    @model("seeds_data-seeds_stanified_model", alpha0=0, alpha1=0, alpha2=0, alpha12=0, b_decentered=-len(n), sigma=0)
    def density(alpha0, alpha1, alpha2, alpha12, b_decentered, sigma):
        total = half_cauchy(sigma, mpf(1)) + mp.fsum(normal(a, 0, mpf(1)) for a in (alpha0, alpha1, alpha2, alpha12))
        for i, e in enumerate(b_decentered):
            logit = alpha0 + alpha1 * x1[i] + alpha2 * x2[i] + alpha12 * x1[i] * x2[i] + sigma * e
            total += normal(e, 0, mpf(1)) + n[i] * logit - N[i] * log(1 + exp(logit))
        return total


# ---- time series -----------------------------------------------------------------------------------------------------
def autoregression():
    d = data("arK")
    y, K = m(d["y"]), int(d["K"])

    @model("arK-arK", alpha=0, beta=K, sigma=0)
    def density(alpha, beta, sigma):
        return (normal(alpha, 0, mpf(10)) + mp.fsum(normal(b, 0, mpf(10)) for b in beta) + half_cauchy(sigma, mpf(2.5)) +
                mp.fsum(normal(y[t], alpha + mp.fsum(beta[k] * y[t - 1 - k] for k in range(K)), sigma)
                        for t in range(K, len(y))))


def arma():
    y = m(data("arma")["y"])

    @model("arma-arma11", mu=0, phi=0, theta=0, sigma=0)
    def density(mu, phi, theta, sigma):
        total = normal(mu, 0, mpf(10)) + normal(phi, 0, mpf(2)) + normal(theta, 0, mpf(2)) + half_cauchy(sigma, mpf(2.5))
        error = y[0] - (mu + phi * mu)
        total += normal(error, 0, sigma)
        for t in range(1, len(y)):
            error = y[t] - (mu + phi * y[t - 1] + theta * error)
            total += normal(error, 0, sigma)
        return total


def forward(emissions, theta1, theta2):
    """Probabilities, not logarithms: 40 digits and mpmath's exponents need no scaling."""
    g = emissions[0]
    for e in emissions[1:]:
        g = [e[k] * (g[0] * theta1[k] + g[1] * theta2[k]) for k in range(2)]
    return log(g[0] + g[1])


def hidden_markov():
    y = m(data("hmm_example")["y"])

    @model("hmm_example-hmm_example", theta1=2, theta2=2, mu=2)
    def density(theta1, theta2, mu):
        emissions = [[exp(normal(v, mu[k], mpf(1))) for k in range(2)] for v in y]
        return normal(mu[0], 3, mpf(1)) + normal(mu[1], 10, mpf(1)) + forward(emissions, theta1, theta2)


def drive():
    d = data("bball_drive_event_0")
    u, v, a = m(d["u"]), m(d["v"]), m(d["alpha"])

    @model("bball_drive_event_0-hmm_drive_0", theta1=2, theta2=2, phi=2, **{"lambda": 2})
    def density(theta1, theta2, phi, **rest):
        rate = rest["lambda"]
        emissions = [[phi[k] * exp(-phi[k] * s) * rate[k] * exp(-rate[k] * t) for k in range(2)] for s, t in zip(u, v)]
        prior = mp.fsum((a[j][k] - 1) * log(theta[k]) for j, theta in enumerate((theta1, theta2)) for k in range(2))
        for x in (phi, rate):
            prior += normal(x[0], 0, mpf(1)) + normal(x[1], 3, mpf(1))
        return prior + forward(emissions, theta1, theta2)


def lotka_volterra():
    d = data("hudson_lynx_hare")
    y0, y = m(d["y_init"]), m(d["y"])

    @model("hudson_lynx_hare-lotka_volterra", theta=4, z_init=2, sigma=2)
    def density(theta, z_init, sigma):
        total = mp.fsum(normal(t, mean, sd) for t, mean, sd in
                        zip(theta, m([1.0, 0.05, 1.0, 0.05]), m([0.5, 0.05, 0.5, 0.05])))
        for k in range(2):
            total += log_normal(sigma[k], -1, mpf(1)) + log_normal(z_init[k], log(mpf(10)), mpf(1))
            total += log_normal(y0[k], log(z_init[k]), sigma[k])
        slope = lambda z: ((theta[0] - theta[1] * z[1]) * z[0], (-theta[2] + theta[3] * z[0]) * z[1])
        h, z = mpf(1) / 25, tuple(z_init)
        for row in y:
            for _ in range(25):
                step = lambda s, k: (z[0] + s * k[0], z[1] + s * k[1])
                k1 = slope(z)
                k2 = slope(step(h / 2, k1))
                k3 = slope(step(h / 2, k2))
                k4 = slope(step(h, k3))
                z = tuple(z[i] + h / 6 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]) for i in range(2))
            total += log_normal(row[0], log(z[0]), sigma[0]) + log_normal(row[1], log(z[1]), sigma[1])
        return total


# ---- mixtures --------------------------------------------------------------------------------------------------------
def two_normals():
    y = m(data("low_dim_gauss_mix")["y"])

    @model("low_dim_gauss_mix-low_dim_gauss_mix", mu=2, sigma=2, theta=0)
    def density(mu, sigma, theta):
        total = beta(theta, 5, 5) + mp.fsum(normal(v, 0, mpf(2)) for v in list(mu) + list(sigma))
        return total + mp.fsum(log(theta * exp(normal(v, mu[0], sigma[0])) + (1 - theta) * exp(normal(v, mu[1], sigma[1])))
                               for v in y)


def histories(y, omega, p):
    total = mpf(0)
    for row in y:
        seen = omega * mp.fprod(p[t] if v else 1 - p[t] for t, v in enumerate(row))
        total += log(seen if any(row) else seen + 1 - omega)
    return total


def captures():
    y = data("M0_data")["y"]

    @model("M0_data-M0_model", omega=0, p=0)
    def constant(omega, p):
        return histories(y, omega, [p] * len(y[0]))

    z = data("Mt_data")["y"]

    @model("Mt_data-Mt_model", omega=0, p=len(z[0]))
    def by_occasion(omega, p):
        return histories(z, omega, p)


# ---- Gaussian processes ----------------------------------------------------------------------------------------------
def gaussian_process():
    d = data("gp_pois_regr")
    x, y = m(d["x"]), m(d["y"])

    @model("gp_pois_regr-gp_regr", rho=0, alpha=0, sigma=0)
    def density(rho, alpha, sigma):
        n = len(x)
        C = mp.matrix(n, n)
        for i in range(n):
            for j in range(n):
                C[i, j] = alpha ** 2 * exp(-(x[i] - x[j]) ** 2 / (2 * rho ** 2)) + (sigma if i == j else 0)
        v = mp.matrix(y)
        quadratic = (v.T * mp.lu_solve(C, v))[0]
        return (gamma(rho, 25, 4) + normal(alpha, 0, mpf(2)) + normal(sigma, 0, mpf(1)) - quadratic / 2 - log(mp.det(C)) / 2)


def motorcycle():
    d = data("mcycle_gp")
    flat = lambda v: [x[0] if isinstance(x, list) else x for x in m(v)]
    B, w, B2, w2, y = m(d["Xgp_1"]), flat(d["slambda_1"]), m(d["Xgp_sigma_1"]), flat(d["slambda_sigma_1"]), m(d["Y"])
    root = lambda a, l, w: [a * sqrt(sqrt(2 * mp.pi) * l) * exp(-(l * v) ** 2 / 4) for v in w]
    a, b = mpf(1.124909), mpf(0.0177)

    @model("mcycle_gp-accel_gp", Intercept=0, sdgp_1=0, lscale_1=0, zgp_1=40, Intercept_sigma=0, sdgp_sigma_1=0,
           lscale_sigma_1=0, zgp_sigma_1=20)
    def density(Intercept, sdgp_1, lscale_1, zgp_1, Intercept_sigma, sdgp_sigma_1, lscale_sigma_1, zgp_sigma_1):
        total = (student(Intercept, 3, -13, 36) + student(sdgp_1, 3, 0, 36) + inverse_gamma(lscale_1, a, b) +
                 student(Intercept_sigma, 3, 0, 10) + student(sdgp_sigma_1, 3, 0, 36) + inverse_gamma(lscale_sigma_1, a, b) +
                 mp.fsum(normal(z, 0, mpf(1)) for z in list(zgp_1) + list(zgp_sigma_1)))
        c = [r * z for r, z in zip(root(sdgp_1, lscale_1, w), zgp_1)]
        c2 = [r * z for r, z in zip(root(sdgp_sigma_1, lscale_sigma_1, w2), zgp_sigma_1)]
        return total + mp.fsum(normal(y[n], Intercept + dot(B[n], c), exp(Intercept_sigma + dot(B2[n], c2)))
                               for n in range(len(y)))


# ---- generalised linear and nonlinear --------------------------------------------------------------------------------
def logistic(posterior, X, y):
    @model(posterior, alpha=0, beta=len(X[0]))
    def density(alpha, beta):
        return mp.fsum(bernoulli(yn, alpha + dot(x, beta)) for x, yn in zip(X, y))


def glms():
    d = data("wells_data")
    logistic("wells_data-wells_dist100ars_model", [[a / 100, b] for a, b in zip(m(d["dist"]), m(d["arsenic"]))],
             m(d["switched"]))
    d = data("nes_logit_data")
    logistic("nes_logit_data-nes_logit_model", [[v] for v in m(d["income"])], m(d["vote"]))
    d = data("GLM_Poisson_Data")
    t, C = m(d["year"]), m(d["C"])

    @model("GLM_Poisson_Data-GLM_Poisson_model", alpha=0, beta1=0, beta2=0, beta3=0)
    def poisson(alpha, beta1, beta2, beta3):
        eta = [alpha + beta1 * v + beta2 * v ** 2 + beta3 * v ** 3 for v in t]
        return mp.fsum(c * e - exp(e) for c, e in zip(C, eta))

    d = data("dugongs_data")
    x, y = m(d["x"]), m(d["Y"])

    @model("dugongs_data-dugongs_model", alpha=0, beta=0, tau=0, **{"lambda": 0})
    def growth(alpha, beta, tau, **rest):
        sigma = 1 / sqrt(tau)
        return (normal(alpha, 0, mpf(1000)) + normal(beta, 0, mpf(1000)) + gamma(tau, 0.0001, 0.0001) +
                mp.fsum(normal(b, alpha - beta * rest["lambda"] ** a, sigma) for a, b in zip(x, y)))


for define in (sblri, kilpisjarvi, eight_schools, radon, seeds, autoregression, arma, hidden_markov, drive,
               lotka_volterra, two_normals, captures, gaussian_process, motorcycle, glms):
    define()


# ---- points ----------------------------------------------------------------------------------------------------------
def points(posterior, parameters):
    """Five points about the reference means, kept inside the supports. A negative extent means standard normals."""
    source = posterior
    with open(f"{folder}/reference/{source}.json") as f:
        reference = json.load(f)
    columns, rows = reference["columns"], reference["parameters"]
    if "sd" in columns:
        moments = {k: (row[columns.index("mean")], row[columns.index("sd")]) for k, row in rows.items()}
    else:
        mean, square = columns.index("mean"), columns.index("mean_sq")
        moments = {k: (row[mean], math.sqrt(max(row[square] - row[mean] ** 2, 1e-12))) for k, row in rows.items()}
    rng = random.Random(zlib.crc32(posterior.encode()))

    def one(name):
        mean, sd = moments[name]
        positive = mean > 0 and name.split("[")[0] in (
            "sigma", "tau", "sigma_alpha", "sigma_y", "phi", "lambda", "rho", "sdgp_1", "sdgp_sigma_1", "lscale_1",
            "lscale_sigma_1", "omega", "p", "theta1", "theta2", "z_init") or "lotka" in posterior
        step = 0.5 * sd * rng.gauss(0, 1)
        return mean * math.exp(max(-0.05, min(0.05, step / mean))) if positive else mean + step

    result = []
    for _ in range(5):
        point = {}
        for name, extent in parameters.items():
            if extent == 0:
                point[name] = one(name)
            elif extent < 0:
                point[name] = [rng.gauss(0, 1) for _ in range(-extent)]
            else:
                point[name] = [one(f"{name}[{i + 1}]") for i in range(extent)]
            if name in ("theta1", "theta2"):
                point[name] = [v / sum(point[name]) for v in point[name]]
            if name == "lambda" and extent == 0:
                point[name] = min(point[name], 0.99)
        result.append(point)
    return result


def gradient(f, point, name, i):
    h = mpf(10) ** -13

    def at(shift):
        moved = dict(point)
        moved[name] = point[name] + shift if i is None else [v + shift * (k == i) for k, v in enumerate(point[name])]
        return f(**moved)

    return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h)


result = {}
for posterior, (f, parameters) in models.items():
    if sys.argv[1:] and posterior not in sys.argv[1:]:
        continue
    rows, first = [], None
    for point in points(posterior, parameters):
        exact = {k: m(v) for k, v in point.items()}
        value = f(**exact)
        first = value if first is None else first
        derivatives = {k: float(gradient(f, exact, k, None)) if not isinstance(v, list)
                       else [float(gradient(f, exact, k, i)) for i in range(len(v))] for k, v in exact.items()}
        rows.append({"point": point, "log_density": float(value - first), "gradient": derivatives})
    result[posterior] = rows
    print(posterior, file=sys.stderr)
print("{")
print(",\n".join(f'"{k}": [\n' + ",\n".join("  " + json.dumps(row) for row in rows) + "\n]" for k, rows in result.items()))
print("}")
