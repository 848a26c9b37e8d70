"""PyMC with nutpie on the models of nh-bench: `python nutpie_bench.py FOLDER MODEL...`, FOLDER as for nh-bench."""
import argparse
import os
import time

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("folder")
parser.add_argument("models", nargs="+")
parser.add_argument("--repetitions", type=int, default=5)
parser.add_argument("--budget", type=float, default=25.0, help="seconds that one sampling run may take")
options = parser.parse_args()

# One core, as nh-bench.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = os.environ["NUMBA_NUM_THREADS"] = "1"
os.sched_setaffinity(0, {0})

import numpy as np
import nutpie
import pymc as pm
import pytensor.tensor as pt

from common import data, least_bulk_ess, report


def eight_schools(d, centred):
    with pm.Model() as model:
        mu = pm.Normal("mu", 0, 5)
        tau = pm.HalfCauchy("tau", 5)
        if centred:
            theta = pm.Normal("theta", mu, tau, shape=8)
        else:
            theta = mu + tau * pm.Normal("theta_raw", 0, 1, shape=8)
        pm.Normal("y", theta, np.array(d["sigma"], float), observed=d["y"])
    return model


def logistic(d):
    X = np.array(d["X"], float)
    with pm.Model() as model:
        alpha = pm.Normal("alpha", 0, 5)
        beta = pm.Normal("beta", 0, 2.5, shape=X.shape[1])
        pm.Bernoulli("y", logit_p=alpha + X @ beta, observed=d["y"])
    return model


def radon(d, centred):
    county = np.array(d["county"]) - 1
    with pm.Model() as model:
        mu, spread = pm.Normal("mu_alpha", 0, 10), pm.HalfNormal("sigma_alpha", 1)
        if centred:
            alpha = pm.Normal("alpha", mu, spread, shape=d["J"])
        else:
            alpha = mu + spread * pm.Normal("alpha_raw", 0, 1, shape=d["J"])
        beta = pm.Normal("beta", 0, 10)
        sigma = pm.HalfNormal("sigma_y", 1)
        pm.Normal("y", alpha[county] + beta * np.array(d["x"]), sigma, observed=d["y"])
    return model


def gaussian_mixture(d):
    with pm.Model() as model:
        theta = pm.Dirichlet("theta", 2 * np.ones(3))
        mu = pm.Normal("mu", 0, 5, shape=3, transform=pm.distributions.transforms.ordered, initval=[-1.0, 0.0, 1.0])
        sigma = pm.LogNormal("sigma", 0, 1, shape=3)
        pm.NormalMixture("y", theta, mu, sigma, observed=d["y"])
    return model


def gaussian_process(d):
    x = np.array(d["x"])
    distance = (x[:, None] - x) ** 2
    with pm.Model() as model:
        rho, alpha, sigma = pm.InverseGamma("rho", 5, 5), pm.HalfNormal("alpha", 1), pm.HalfNormal("sigma", 1)
        K = alpha**2 * pt.exp(-0.5 * distance / rho**2) + (sigma**2 + 1e-8) * np.eye(len(x))
        pm.MvNormal("y", np.zeros(len(x)), cov=K, observed=d["y"])
    return model


MODELS = {
    "eight_schools_noncentered": lambda f: eight_schools(data(f, "eight_schools"), False),
    "eight_schools_centered": lambda f: eight_schools(data(f, "eight_schools"), True),
    "radon_centered": lambda f: radon(data(f, "radon"), True),
    "radon_noncentered": lambda f: radon(data(f, "radon"), False),
    "gauss_mix3": lambda f: gaussian_mixture(data(f, "gauss_mix3")),
    "logistic_glm": lambda f: logistic(data(f, "logistic")),
    "gp_regr": lambda f: gaussian_process(data(f, "gp_regr")),
}

for name in options.models:
    if name not in MODELS:
        continue  # models with a scan: PyMC's runs in Python's time, and nobody would sample them so
    start = time.perf_counter()
    compiled = nutpie.compile_pymc_model(MODELS[name](options.folder))
    report("nutpie", f"compile/{name}", name, "compilation", "s", [time.perf_counter() - start], threads=1)
    seconds, per_leapfrog, per_second = [], [], []
    spent = 0.0
    for repetition in range(options.repetitions):
        start = time.perf_counter()
        fit = nutpie.sample(compiled, draws=1000, chains=4, cores=1, seed=1 + repetition, progress_bar=False,
                            save_warmup=True)
        took = time.perf_counter() - start
        steps = int(fit.sample_stats["n_steps"].sum()) + int(fit.warmup_sample_stats["n_steps"].sum())
        draws = {k: v.values for k, v in fit.posterior.data_vars.items()}
        seconds.append(took)
        per_leapfrog.append(1e9 * took / steps)
        per_second.append(least_bulk_ess(draws) / took)
        spent += took
        if spent > options.budget:
            break
    tune = int(fit.warmup_posterior.sizes["draw"])
    report("nutpie", f"nuts/{name}/4", name, "NUTS per leapfrog and chain, all included", "ns", per_leapfrog, chains=4,
           threads=1)
    report("nutpie", f"end_to_end/{name}/time", name, f"4 x ({tune} + 1000) after compilation", "ms", [1e3 * s for s in seconds], chains=4, threads=1)
    report("nutpie", f"end_to_end/{name}/ess", name, "least bulk effective sample size per second", "1/s", per_second,
           chains=4, threads=1)
