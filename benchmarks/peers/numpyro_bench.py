"""NumPyro and JAX on the models of nh-bench: `python numpyro_bench.py FOLDER MODEL...`, FOLDER as for nh-bench."""
import argparse
import os
import time

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("folder")
parser.add_argument("models", nargs="+")
parser.add_argument("--what", default="gradient,nuts")
parser.add_argument("--repetitions", type=int, default=5)
parser.add_argument("--budget", type=float, default=25.0, help="seconds that one sampling run may take")
options = parser.parse_args()

# One core, as nh-bench: XLA would otherwise use all of them for large operations.
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.sched_setaffinity(0, {0})

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)

import numpy as np
from jax.flatten_util import ravel_pytree
from numpyro.infer import MCMC, NUTS
from numpyro.infer.util import initialize_model

from common import least_bulk_ess, report, time_calls
from numpyro_models import problem


def measure_gradient(name):
    model, arguments = problem(name, options.folder)
    info = initialize_model(jax.random.PRNGKey(0), model, model_args=arguments)
    flat, unflatten = ravel_pytree(info.param_info.z)
    gradient = jax.value_and_grad(lambda z: info.potential_fn(unflatten(z)))
    for chains in (1, 8):
        one = gradient if chains == 1 else jax.vmap(gradient)
        shape = flat.shape if chains == 1 else (chains, *flat.shape)

        # Every gradient moves the point a little, so that none can be hoisted out of the loop.
        @jax.jit
        def repeated(z, count):
            return jax.lax.fori_loop(0, count, lambda _, z: z - 1e-12 * one(z)[1], z)

        z = 0.1 * jnp.sin(jnp.arange(np.prod(shape))).reshape(shape)
        repeated(z, 1).block_until_ready()
        count = 1
        while True:
            start = time.perf_counter()
            repeated(z, count).block_until_ready()
            if time.perf_counter() - start >= 0.01 or count >= 1 << 30:
                break
            count *= 4
        seconds = time_calls(options.repetitions, lambda: repeated(z, count).block_until_ready())
        report("jax", f"gradient/{name}/{chains}", name, "value and gradient per chain", "ns",
               [1e9 * s / count / chains for s in seconds], chains=chains, threads=1)


def measure_nuts(name):
    model, arguments = problem(name, options.folder)
    # Without arguments, so that the compiled program serves later runs too.
    sampler = MCMC(NUTS(lambda: model(*arguments)), num_warmup=1000, num_samples=1000, num_chains=4, chain_method="vectorized",
                   progress_bar=False)
    start = time.perf_counter()
    sampler.run(jax.random.PRNGKey(0))  # compiles; the next runs do not
    first = time.perf_counter() - start
    report("numpyro", f"first_run/{name}", name, "compilation and 4 x (1000 + 1000)", "s", [first], chains=4, threads=1)
    if first > 4 * options.budget:  # seconds of compilation are among them
        return
    seconds, per_second = [], []
    spent = 0.0
    for repetition in range(options.repetitions):
        if spent > options.budget:
            break
        start = time.perf_counter()
        sampler.run(jax.random.PRNGKey(1 + repetition))
        jax.block_until_ready(sampler.get_samples())
        took = time.perf_counter() - start
        draws = {k: np.asarray(v) for k, v in sampler.get_samples(group_by_chain=True).items()}
        seconds.append(took)
        spent += took
        per_second.append(least_bulk_ess(draws) / took)
    report("numpyro", f"end_to_end/{name}/time", name,
           "4 x (1000 + 1000), a further run of the same sampler, which compiles parts of it again", "ms",
           [1e3 * s for s in seconds], chains=4, threads=1)
    report("numpyro", f"end_to_end/{name}/ess", name, "least bulk effective sample size per second", "1/s", per_second,
           chains=4, threads=1)


for name in options.models:
    if "gradient" in options.what:
        measure_gradient(name)
    if "nuts" in options.what:
        measure_nuts(name)
