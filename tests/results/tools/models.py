"""Three models of the same data, made by arithmetic that C++ repeats: see tests/results/reference_models.h."""
import math

import numpy as np

CHAINS, DRAWS, OBSERVATIONS = 4, 250, 60


class Random:
    """A linear congruential generator of 64 bits; normals by Box and Muller."""

    def __init__(self, seed):
        self.state = seed

    def uniform(self):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 11) * 2.0**-53

    def normal(self):
        u, v = self.uniform(), self.uniform()
        return math.sqrt(-2 * math.log(1 - u)) * math.cos(2 * math.pi * v)


def observations():
    random = Random(1)
    y = np.array([random.normal() for _ in range(OBSERVATIONS)])
    y[7] = 6.0  # an outlier
    return y


def autoregressive(random, centre, sd, phi=0.5):
    out = np.empty((CHAINS, DRAWS))
    for c in range(CHAINS):
        state = random.normal()
        for d in range(DRAWS):
            out[c, d] = centre + sd * state
            state = phi * state + math.sqrt(1 - phi * phi) * random.normal()
    return out


def normal_log_density(y, mu, log_sigma):
    return -0.5 * math.log(2 * math.pi) - log_sigma - 0.5 * ((y - mu) * np.exp(-log_sigma)) ** 2


def student_log_density(y, mu, log_sigma, nu=4.0):
    constant = math.lgamma((nu + 1) / 2) - math.lgamma(nu / 2) - 0.5 * math.log(nu * math.pi)
    return constant - log_sigma - (nu + 1) / 2 * np.log1p(((y - mu) * np.exp(-log_sigma)) ** 2 / nu)


def model(name):
    """Posterior draws mu, log_sigma, log likelihood, and predictive draws of y."""
    seed, centre, sd, density = {
        "normal": (2, 0.2, 0.2, normal_log_density),
        "shifted": (3, 0.6, 0.5, normal_log_density),
        "student": (4, 0.1, 0.2, student_log_density),
    }[name]
    random = Random(seed)
    mu = autoregressive(random, centre, sd)
    log_sigma = autoregressive(random, 0.1, 0.1)
    y = observations()
    log_likelihood = density(y, mu[..., None], log_sigma[..., None])
    noise = np.array([random.normal() for _ in range(mu.size * OBSERVATIONS)]).reshape(mu.shape + (OBSERVATIONS,))
    predictive = mu[..., None] + np.exp(log_sigma)[..., None] * noise
    return mu, log_sigma, log_likelihood, predictive


def log_prior(mu, log_sigma):
    """mu ~ Normal(1, 0.3), log_sigma ~ Normal(0, 1), up to constants."""
    return -0.5 * ((mu - 1) / 0.3) ** 2, -0.5 * log_sigma**2


def bimodal():
    """Chains that visit two modes, and their integer parts."""
    random = Random(6)
    x = np.empty((CHAINS, DRAWS))
    for c in range(CHAINS):
        for d in range(DRAWS):
            x[c, d] = (4.0 if random.uniform() < 0.4 else -2.0) + random.normal()
    return x


NAMES = ("normal", "shifted", "student")
