"""Writes tests/results/data/reference.json with ArviZ, NumPy and SciPy.

    pip install arviz==0.23.4 arviz-stats==1.3.3 scipy && python tests/results/tools/reference.py
"""
import json
import pathlib
import sys
import warnings

warnings.filterwarnings("ignore")
import arviz
import numpy as np
import scipy.optimize
from arviz_stats.base import array_stats

import models


def legacy_data(name):
    mu, log_sigma, log_likelihood, predictive = models.model(name)
    return arviz.from_dict(
        posterior={"mu": mu, "log_sigma": log_sigma},
        log_likelihood={"y": log_likelihood},
        posterior_predictive={"y": predictive},
        observed_data={"y": models.observations()},
    )


def loo_current(name, r_eff):
    """The numpy layer of arviz-stats, observation by observation."""
    log_likelihood = models.model(name)[2]
    parts = [array_stats.loo(log_likelihood[..., i], r_eff=r_eff) for i in range(log_likelihood.shape[-1])]
    elpd, k, p = (np.array(x, dtype=float) for x in zip(*parts))
    return {"elpd_i": elpd, "pareto_k": k, "p_i": p, "elpd": elpd.sum(), "se": np.sqrt(elpd.size * elpd.var()),
            "p": p.sum()}


def efficiency(name):
    posterior = models.model(name)[:2]
    return float(np.mean([array_stats.ess(x, method="mean", chain_axis=0, draw_axis=1) for x in posterior]) / 1000)


def stacking(elpd):
    """The concave problem solved twice: by fixed-point iteration (EM) and by SLSQP; they must agree."""
    density = np.exp(elpd - elpd.max(axis=1, keepdims=True))
    w = np.full(elpd.shape[1], 1 / elpd.shape[1])
    for _ in range(200000):
        w = w * (density / (density @ w)[:, None]).mean(axis=0)
    result = scipy.optimize.minimize(
        lambda v: -np.sum(np.log(density @ v)), np.full(len(w), 1 / len(w)), bounds=[(0, 1)] * len(w),
        constraints={"type": "eq", "fun": lambda v: v.sum() - 1}, tol=1e-12)
    assert np.allclose(w, result.x, atol=1e-4), (w, result.x)
    gradient = (density / (density @ w)[:, None]).mean(axis=0)
    assert gradient.max() < 1 + 1e-10
    return w


def bootstrap(elpd):
    random = models.Random(9)
    n = elpd.shape[0]
    b = -np.log(1 - np.array([[random.uniform() for _ in range(n)] for _ in range(50)]))
    b /= b.sum(axis=1, keepdims=True)
    z = b @ (elpd * n)
    u = np.exp(z - z.max(axis=1, keepdims=True))
    return {"weights": (u / u.sum(axis=1, keepdims=True)).mean(axis=0), "se": z.std(axis=0)}


def comparison():
    out = {}
    data = {name: legacy_data(name) for name in models.NAMES}
    for name in models.NAMES:
        r_eff = efficiency(name)
        legacy, waic = arviz.loo(data[name], pointwise=True), arviz.waic(data[name], pointwise=True)
        deviance = arviz.loo(data[name], scale="deviance")
        out[name] = {
            "r_eff": r_eff,
            "loo": loo_current(name, r_eff),
            "loo_legacy": {"elpd": legacy.elpd_loo, "se": legacy.se, "p": legacy.p_loo, "good_k": legacy.good_k,
                           "elpd_i": legacy.loo_i.values, "pareto_k": legacy.pareto_k.values,
                           "warning": bool(legacy.warning)},
            "loo_deviance": {"elpd": deviance.elpd_loo, "se": deviance.se},
            "waic": {"elpd": waic.elpd_waic, "se": waic.se, "p": waic.p_waic, "elpd_i": waic.waic_i.values,
                     "warning": bool(waic.warning)},
        }
    # In the order of rank, best first.
    order = sorted(models.NAMES, key=lambda name: -out[name]["loo"]["elpd"])
    elpd = np.stack([out[name]["loo"]["elpd_i"] for name in order], axis=1)
    difference = elpd - elpd[:, :1]
    n = len(elpd)
    out["compare"] = {
        "order": order,
        "stacking": stacking(elpd),
        "bootstrap": bootstrap(elpd),
        "pseudo_bma": np.exp(elpd.sum(axis=0) - elpd.sum(axis=0).max()) / np.exp(elpd.sum(axis=0) - elpd.sum(axis=0).max()).sum(),
        "elpd_diff": difference.sum(axis=0),
        "dse": np.sqrt(n * difference.var(axis=0)),
        "p_worse": scipy.stats.norm.cdf(0, difference.sum(axis=0)[1:], np.sqrt(n * difference.var(axis=0))[1:]),
        # ArviZ's own table for the legacy estimates; its optimiser stops at 1e-6 or so.
        "arviz": {name: {c: float(row[c]) for c in ("elpd_loo", "p_loo", "elpd_diff", "weight", "se", "dse")}
                  for name, row in arviz.compare(data).iterrows()},
    }
    return out


def predictions():
    """Leave-one-out predictions of the numpy layer of arviz-stats."""
    out = {}
    y = models.observations()
    for name in models.NAMES:
        _, _, log_likelihood, predictive = models.model(name)
        r_eff = efficiency(name)
        pit, rounded, mean, sd, median, tail = [], [], [], [], [], []
        for i in range(len(y)):
            w, _ = array_stats._psislw(log_likelihood[..., i], r_eff)
            w, x = np.ravel(w), np.ravel(predictive[..., i])
            pit.append(array_stats._loo_pit(x, y[i], w))
            rounded.append(array_stats._loo_pit(np.round(x), np.round(y[i]), w))
            mean.append(array_stats._loo_expectation(x, w, "mean"))
            sd.append(array_stats._loo_expectation(x, w, "sd"))
            median.append(array_stats._loo_expectation(x, w, "median"))
            tail.append(array_stats._loo_quantile(x, w, 0.1))
        out[name] = {"pit": pit, "rounded": rounded, "mean": mean, "sd": sd, "median": median, "quantile": tail}
    return out


def subsample(name="normal", observations=tuple(range(0, 60, 4))):
    """The difference estimator of Magnusson et al. (2020) as in arviz-stats."""
    elpd, p = (np.array(comparison_cache[name]["loo"][x]) for x in ("elpd_i", "p_i"))
    lppd, at = elpd + p, list(observations)
    hat, subsampling_se, se = array_stats._diff_srs_estimator(elpd[at], lppd[at], lppd, len(elpd))
    return {"elpd": hat, "subsampling_se": subsampling_se, "se": se,
            "p": array_stats._srs_estimator(p[at], len(elpd))[0], "observations": at}


def summaries():
    """Statistics of the draws of one quantity that the example files of ArviZ do not cover."""
    x = models.bimodal()
    grid, density, bandwidth = array_stats.kde(x.ravel())
    data = {name: dict(zip(("mu", "log_sigma"), models.model(name)[:2])) for name in models.NAMES}
    ids = [0, 0, 1, 1]
    forms = {"rank": "_rhat_nested_rank", "split": "_rhat_nested_split", "folded": "_rhat_nested_folded",
             "z_scale": "_rhat_nested_z_scale", "identity": "_rhat_nested_identity"}
    mu, log_sigma, log_likelihood, predictive = models.model("normal")
    y = models.observations()
    prior = sum(models.log_prior(mu, log_sigma))
    likelihood = log_likelihood.sum(axis=-1)
    weights = {(c, a): np.exp(array_stats._power_scale_lw(v, a)) for c, v in (("prior", prior), ("likelihood", likelihood))
               for a in (0.99, 1.01)}
    sense = {name: {c: array_stats._power_scale_sense(v, weights[c, 0.99], weights[c, 1.01], 0.99, 1.01)
                    for c in ("prior", "likelihood")} for name, v in (("mu", mu), ("log_sigma", log_sigma))}
    flat_mu = np.broadcast_to(mu[..., None], predictive.shape) + 0.3 * y
    flat_mu = flat_mu.reshape(-1, len(y))
    modelled = array_stats._bayesian_r2(flat_mu, np.exp(log_sigma).ravel(), "sd", False)
    residual = array_stats._residual_r2(y, predictive.reshape(-1, len(y)), False)
    legacy = arviz.r2_score(y, predictive.reshape(-1, len(y)))
    return {
        "density": {"grid": grid[::37], "values": density[::37], "bandwidth": bandwidth},
        "hdi_multimodal": array_stats._hdi_multimodal_continuous(x, 0.8, False, 10, False)[:2],
        "hdi_discrete": array_stats._hdi_multimodal_discrete(np.floor(x).astype(int), 0.8, 10)[:2],
        "nested": {form: getattr(array_stats, f)(mu, ids) for form, f in forms.items()},
        "pareto_k": {t: array_stats._pareto_khat(mu, tail=t)[1] for t in ("left", "right", "both")},
        "pareto_min_ss": array_stats._pareto_min_ss(mu),
        "psense": sense,
        "prior_weights": weights["prior", 0.99].ravel()[::97],
        "bayesian_r2": {"samples": modelled[::97], "mean": modelled.mean(), "sd": modelled.std()},
        "residual_r2": {"samples": residual[::97], "mean": legacy["r2"], "sd": legacy["r2_std"]},
    }


def plain(x):
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    if isinstance(x, np.ndarray) and x.ndim == 0:
        return x.item()
    if isinstance(x, (list, tuple, np.ndarray)):
        return [plain(v) for v in x]
    return x.item() if isinstance(x, np.generic) else x


if __name__ == "__main__":
    comparison_cache = comparison()
    reference = {"comparison": comparison_cache, "predictions": predictions(), "subsample": subsample(), "summaries": summaries()}
    target = pathlib.Path(__file__).parent.parent / "data" / "reference.json"
    target.write_text(json.dumps(plain(reference), indent=0) + "\n")
    print(target, target.stat().st_size, "bytes", file=sys.stderr)
