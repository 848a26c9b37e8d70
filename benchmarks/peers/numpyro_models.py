"""The benchmark models in NumPyro, written as its documentation would."""
import jax
import jax.numpy as jnp
import numpyro
import numpyro.distributions as dist
from jax.scipy.special import logsumexp
from numpyro.infer.reparam import LocScaleReparam

from common import data


def eight_schools(sigma, y):
    mu = numpyro.sample("mu", dist.Normal(0, 5))
    tau = numpyro.sample("tau", dist.HalfCauchy(5))
    with numpyro.plate("school", sigma.shape[0]):
        theta = numpyro.sample("theta", dist.Normal(mu, tau))
        numpyro.sample("y", dist.Normal(theta, sigma), obs=y)


def logistic(X, y):
    alpha = numpyro.sample("alpha", dist.Normal(0, 5))
    with numpyro.plate("feature", X.shape[1]):
        beta = numpyro.sample("beta", dist.Normal(0, 2.5))
    with numpyro.plate("row", X.shape[0]):
        numpyro.sample("y", dist.Bernoulli(logits=alpha + X @ beta), obs=y)


def radon(county, counties, x, y):
    mu = numpyro.sample("mu_alpha", dist.Normal(0, 10))
    spread = numpyro.sample("sigma_alpha", dist.HalfNormal(1))
    with numpyro.plate("county", counties):
        alpha = numpyro.sample("alpha", dist.Normal(mu, spread))
    beta = numpyro.sample("beta", dist.Normal(0, 10))
    sigma = numpyro.sample("sigma_y", dist.HalfNormal(1))
    with numpyro.plate("house", x.shape[0]):
        numpyro.sample("y", dist.Normal(alpha[county] + beta * x, sigma), obs=y)


def stochastic_volatility(y):
    mu = numpyro.sample("mu", dist.Cauchy(0, 10))
    phi = numpyro.sample("phi", dist.Uniform(-1, 1))
    sigma = numpyro.sample("sigma", dist.HalfCauchy(5))
    with numpyro.plate("shock", y.shape[0]):
        e = numpyro.sample("h_std", dist.Normal(0, 1))
    start = sigma * e[0] / jnp.sqrt(1 - phi**2)

    def step(deviation, shock):
        following = phi * deviation + sigma * shock
        return following, following

    _, path = jax.lax.scan(step, start, e[1:])
    h = mu + jnp.concatenate([start[None], path])
    with numpyro.plate("day", y.shape[0]):
        numpyro.sample("y", dist.Normal(0, jnp.exp(h / 2)), obs=y)


def gaussian_mixture(y):
    theta = numpyro.sample("theta", dist.Dirichlet(2 * jnp.ones(3)))
    mu = numpyro.sample(
        "mu", dist.ImproperUniform(dist.constraints.ordered_vector, (), event_shape=(3,)))
    numpyro.factor("mu_prior", dist.Normal(0, 5).log_prob(mu).sum())
    sigma = numpyro.sample("sigma", dist.LogNormal(jnp.zeros(3), 1).to_event(1))
    with numpyro.plate("point", y.shape[0]):
        numpyro.sample("y", dist.MixtureSameFamily(dist.Categorical(theta), dist.Normal(mu, sigma)), obs=y)


def hidden_markov(y):
    start = numpyro.sample("pi0", dist.Dirichlet(2 * jnp.ones(3)))
    with numpyro.plate("state", 3):
        transition = numpyro.sample("theta", dist.Dirichlet(2 * jnp.ones(3)))
    mu = numpyro.sample(
        "mu", dist.ImproperUniform(dist.constraints.ordered_vector, (), event_shape=(3,)))
    numpyro.factor("mu_prior", dist.Normal(0, 5).log_prob(mu).sum())
    sigma = numpyro.sample("sigma", dist.HalfNormal(2))
    emission = dist.Normal(mu, sigma).log_prob(y[:, None])
    log_transition = jnp.log(transition)

    def step(before, now):
        return logsumexp(before[:, None] + log_transition, 0) + now, None

    forward, _ = jax.lax.scan(step, jnp.log(start) + emission[0], emission[1:])
    numpyro.factor("y", logsumexp(forward))


def gaussian_process(x, y):
    rho = numpyro.sample("rho", dist.InverseGamma(5, 5))
    alpha = numpyro.sample("alpha", dist.HalfNormal(1))
    sigma = numpyro.sample("sigma", dist.HalfNormal(1))
    distance = (x[:, None] - x) ** 2
    K = alpha**2 * jnp.exp(-0.5 * distance / rho**2) + (sigma**2 + 1e-8) * jnp.eye(x.shape[0])
    numpyro.sample("y", dist.MultivariateNormal(0, covariance_matrix=K), obs=y)


def problem(name, folder):
    """(model, arguments)"""
    def array(d, field):
        return jnp.asarray(d[field], dtype=float)

    if name.startswith("eight_schools"):
        d = data(folder, "eight_schools")
        model = eight_schools
        if name.endswith("noncentered"):
            model = numpyro.handlers.reparam(model, config={"theta": LocScaleReparam(0)})
        return model, (array(d, "sigma"), array(d, "y"))
    if name.startswith("radon"):
        d = data(folder, "radon")
        model = radon
        if name.endswith("noncentered"):
            model = numpyro.handlers.reparam(model, config={"alpha": LocScaleReparam(0)})
        return model, (jnp.asarray(d["county"]) - 1, d["J"], array(d, "x"), array(d, "y"))
    if name == "logistic_glm":
        d = data(folder, "logistic")
        return logistic, (array(d, "X"), array(d, "y"))
    if name == "gp_regr":
        d = data(folder, "gp_regr")
        return gaussian_process, (array(d, "x"), array(d, "y"))
    models = {"stoch_vol": (stochastic_volatility, "stoch_vol"), "gauss_mix3": (gaussian_mixture, "gauss_mix3"),
              "hmm_forward": (hidden_markov, "hmm")}
    model, file = models[name]
    return model, (array(data(folder, file), "y"),)
