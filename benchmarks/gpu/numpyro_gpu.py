"""NumPyro and JAX on what nh-gpu-bench measures, with its data: `python numpyro_gpu.py [--what eight_schools,scan]`.

All chains of a sampler advance together (vmap), and several draws are one compiled loop. Nothing is stored, which is to
the peer's advantage. A sampler that does not get through warm-up and draws within the budget reports the leapfrog steps
per second that it made until then, of warm-up or not.
"""
import argparse
import os
import subprocess
import sys
import time

PARTS = ["eight_schools", "stochastic_volatility", "hidden_markov", "logistic", "covertype", "scan", "elementwise", "matrix_product",
         "first_draw"]
parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--device", default="gpu:0", help="gpu:0 or cpu")
parser.add_argument("--what", default=",".join(PARTS))
parser.add_argument("--repetitions", type=int, default=3)
parser.add_argument("--budget", type=float, default=20.0, help="seconds that one sampling run may take, compilation apart")
parser.add_argument("--small", action="store_true", help="the sizes of nh-gpu-bench --small")
parser.add_argument("--stop-at-first-draw", action="store_true", help="print the time of the first draw, and end")
options = parser.parse_args()
options.what = options.what.split(",")
unknown = [part for part in options.what if part not in PARTS]
if unknown:
    parser.error(f"{unknown[0]} is none of {', '.join(PARTS)}")
small = options.small
if options.device.startswith("gpu:"):
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", options.device[4:])
else:
    os.environ["JAX_PLATFORMS"] = "cpu"
os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "peers"))

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_default_matmul_precision", "highest")  # f32 is f32

import numpy as np
import numpyro
from numpyro.infer import NUTS
from numpyro.infer.reparam import LocScaleReparam

import numpyro_models as models
from common import report

DEVICE = str(jax.devices()[0].device_kind)


# ---- data, the numbers of data.cpp ----------------------------------------------------------------------------------


def uniforms(n, seed):
    with np.errstate(over="ignore"):
        z = np.uint64(seed) * np.uint64(0xD1342543DE82EF95) + np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((z ^ (z >> np.uint64(31))) >> np.uint64(12)).astype(float) * 2.0**-52 + 2.0**-53


def normals(n, seed):
    u = uniforms(2 * n, seed).reshape(n, 2)
    return np.sqrt(-2 * np.log(u[:, 0])) * np.cos(2 * np.pi * u[:, 1])


def volatile_returns(n):
    mu, phi, sigma = -1, 0.97, 0.2
    shock, noise, y, deviation = normals(n, 1), normals(n, 2), np.empty(n), 0.0
    for t in range(n):
        deviation = sigma * shock[0] / np.sqrt(1 - phi**2) if t == 0 else phi * deviation + sigma * shock[t]
        y[t] = np.exp((mu + deviation) / 2) * noise[t]
    return y


def hidden_markov_series(n):
    mean, jump, noise, y, state = (-2, 0, 3), uniforms(n, 3), normals(n, 4), np.empty(n), 0
    for t in range(n):
        if jump[t] < 0.1:
            state = (state + (1 if jump[t] < 0.05 else 2)) % 3
        y[t] = mean[state] + 0.7 * noise[t]
    return y


def logistic_data(rows, features):
    x = normals(rows * features, 5).reshape(rows, features)
    eta = 0.3 + x @ np.where(np.arange(features) % 2, -0.5, 0.5)
    return x, (uniforms(rows, 6) < 1 / (1 + np.exp(-eta))).astype(float)


# ---- samplers -------------------------------------------------------------------------------------------------------


def eight_schools():
    y, sigma = jnp.array([28.0, 8, -3, 7, -1, 1, 18, 12]), jnp.array([15.0, 10, 16, 11, 9, 11, 10, 18])
    return numpyro.handlers.reparam(models.eight_schools, config={"theta": LocScaleReparam(0)}), (sigma, y)


def advancing(kernel, watched):
    """state -> state after `count` draws, with the leapfrog steps of all chains and the sum of what is watched."""

    @jax.jit
    def advance(state, count):
        def draw(_, carry):
            state, steps, total = carry
            state = kernel.sample(state, (), {})
            return state, steps + state.num_steps.sum(), total + watched(state.z)

        return jax.lax.fori_loop(0, count, draw, (state, jnp.zeros((), jnp.int64), jnp.zeros_like(watched(state.z))))

    return advance


def measure_sampler(name, model, arguments, chains, warmup, draws, watched=lambda z: jnp.zeros(()), expected=None):
    size, at = f"{chains} chains of {warmup} + {draws}", f"gpu/{name}/{chains}"

    def line(part, what, unit, values, checked=False):
        if values:
            report("numpyro", f"{at}/{part}", name, f"{size}: {what}", unit, values, chains=chains, checked=checked, device=DEVICE)

    kernel = NUTS(lambda: model(*arguments))
    start = time.perf_counter()
    keys = jax.random.split(jax.random.PRNGKey(0), chains)
    first = kernel.init(keys, warmup, None, (), {})
    advance = advancing(kernel, watched)
    jax.block_until_ready(advance(first, 0))
    line("compile", "tracing and compiling the sampler", "s", [time.perf_counter() - start])

    rates, per_second, seconds, checked = [], [], [], expected is not None
    for _ in range(options.repetitions):
        state, steps, done, took, after_warmup, total = first, 0, 0, 0.0, 0.0, 0.0
        count = 1
        while done < warmup + draws and took < options.budget:
            count = min(count, (warmup if done < warmup else warmup + draws) - done)
            start = time.perf_counter()
            state, more, part = jax.block_until_ready(advance(state, count))
            now = time.perf_counter() - start
            took, steps = took + now, steps + int(more)
            if done >= warmup:
                after_warmup, total = after_warmup + now, total + np.asarray(part)
            done += count
            count = 2 * count if now < 0.5 else count  # the host asks seldom
        if done < warmup + draws:
            print(f"{at}: {done} of {warmup + draws} draws in {took:.0f} s; leapfrog steps alone are reported", file=sys.stderr)
            rates = [steps / took]
            per_second, seconds = [], []
            break
        rates.append(steps / took)
        per_second.append(chains * draws / after_warmup)
        seconds.append(took)
        if expected is not None:  # one mean for each chain
            means = total / draws
            error = np.abs(means.mean(-1) - expected) / (means.std(-1) / np.sqrt(chains - 1))
            checked = checked and bool((error < 5).all())
    line("draws", "draws per second after warm-up", "1/s", per_second, checked)
    line("leapfrogs", "leapfrog steps of all chains per second", "1/s", rates, checked and bool(per_second))
    line("seconds", "seconds in all but compilation", "s", seconds, checked)


def measure_samplers(part):
    length = 30 if small else 500
    chains = 2 if small else 1024
    if part == "eight_schools":
        n = 100 if small else 1000
        for many in [8] if small else [1024, 16384, 131072]:
            measure_sampler(part, *eight_schools(), many, n, n, lambda z: jnp.stack([z["mu"], jnp.exp(z["tau"])]),
                            np.array([4.3968, 3.5977]))
    elif part == "stochastic_volatility":
        y = jnp.asarray(volatile_returns(20 if small else 500))
        measure_sampler(part, models.stochastic_volatility, (y,), chains, length, length)
    elif part == "hidden_markov":
        y = jnp.asarray(hidden_markov_series(60 if small else 500))
        measure_sampler(part, models.hidden_markov, (y,), chains, length, length)
    else:
        x, y = logistic_data(*((100, 3) if small else (10_000, 20)))
        measure_sampler(part, models.logistic, (jnp.asarray(x), jnp.asarray(y)), chains, length, length)


# ---- programs -------------------------------------------------------------------------------------------------------


def seconds_per_call(call):
    """Calls return before the device is done: several go together, then the last is waited for."""
    call().block_until_ready()
    count = 1
    while True:
        start = time.perf_counter()
        for _ in range(count):
            last = call()
        last.block_until_ready()
        if time.perf_counter() - start >= 0.01 or count >= 1 << 20:
            break
        count *= 4
    seconds = []
    for _ in range(options.repetitions + 1):
        start = time.perf_counter()
        for _ in range(count):
            last = call()
        last.block_until_ready()
        seconds.append((time.perf_counter() - start) / count)
    return seconds[1:]


def measure_call(name, what, unit, scale, call, checked=False):
    seconds = seconds_per_call(call)
    report("jax", f"gpu/{name}", name.split("/")[0], what, unit, [scale * s for s in seconds], checked=checked, device=DEVICE)
    return min(seconds)


def covertype():
    rows, columns = (500, 5) if small else (581_012, 55)
    x, y, b = normals(rows * columns, 7).reshape(rows, columns), (uniforms(rows, 8) > 0.5).astype(float), 0.1 * normals(columns, 9)

    def density(beta, X, t):
        eta = X @ beta
        return jnp.sum(t * eta - jax.nn.softplus(eta))

    gradient = jax.jit(jax.grad(density))
    expected = x.T @ (y - 1 / (1 + np.exp(-(x @ b))))
    for dtype, allowed in (("f64", 1e-12), ("f32", 1e-4)):
        arguments = [jnp.asarray(v, dtype=jnp.float64 if dtype == "f64" else jnp.float32) for v in (b, x, y)]
        error = np.max(np.abs(np.asarray(gradient(*arguments)) - expected)) / np.max(np.abs(expected))
        measure_call(f"covertype/{dtype}", f"gradient of a logistic regression, {rows} x {columns}, {dtype}", "ms", 1e3,
                     lambda: gradient(*arguments), bool(error < allowed))


def scan():
    wanted, n = (2_000, 2_000) if small else (10_000_000, 100_000)

    @jax.jit
    def scanned(start, xs):
        def step(c, x):
            following = 0.5 * c + x
            return following, following

        return jax.lax.scan(step, start, xs)[1]

    xs = jnp.asarray(normals(wanted, 10)[:n])
    expected, c = np.empty(n), 0.0
    for i, x in enumerate(np.asarray(xs)):
        expected[i] = c = 0.5 * c + x
    good = bool(np.max(np.abs(np.asarray(scanned(jnp.zeros(()), xs)) - expected)) < 1e-11)
    # Every step is launched alone and takes as long as any other: fewer are measured, and the time is that of all.
    measure_call("scan", f"scan of {wanted} scalar steps, all of them kept; from {n} steps", "s", wanted / n,
                 lambda: scanned(jnp.zeros(()), xs), good)


def elementwise():
    n = 5_000 if small else 16_000_000
    x = jnp.asarray(normals(n, 14))
    chain = jax.jit(lambda v: (2.0 * v + 1.0) * v - jnp.abs(v) * 0.5 + (v - 3.0) ** 2)
    host = np.asarray(x)
    expected = (2.0 * host + 1.0) * host - np.abs(host) * 0.5 + (host - 3.0) ** 2
    good = bool(np.max(np.abs(np.asarray(chain(x)) - expected)) <= 1e-12 * np.max(np.abs(expected)))
    time_of_chain = measure_call("elementwise", f"seven operations on {n} f64", "ms", 1e3, lambda: chain(x), good)
    negated = jax.jit(lambda v: -v)
    good = bool(np.array_equal(np.asarray(negated(x)), -host))
    time_of_copy = measure_call("copy", f"{n} f64 copied on the device with their signs changed", "ms", 1e3, lambda: negated(x), good)
    report("jax", "gpu/copy/bandwidth", "copy", "bytes read and written per second by that copy", "GB/s", [16e-9 * n / time_of_copy],
           checked=good, device=DEVICE)
    report("jax", "gpu/elementwise/share", "elementwise", "bandwidth of the seven operations, of that of the copy", "1",
           [time_of_copy / time_of_chain], checked=good, device=DEVICE)


def matrix_product():
    n = 48 if small else 4096
    product, v = jax.jit(jnp.matmul), normals(n, 13)
    for dtype, allowed in (("f64", 1e-12), ("f32", 1e-4)):
        a, b = (jnp.asarray(normals(n * n, seed).reshape(n, n), dtype=jnp.float64 if dtype == "f64" else jnp.float32) for seed in (11, 12))
        found, expected = np.asarray(product(a, b), float) @ v, np.asarray(a, float) @ (np.asarray(b, float) @ v)
        good = bool(np.max(np.abs(found - expected)) <= allowed * np.max(np.abs(expected)))
        measure_call(f"matrix_product/{dtype}", f"product of two matrices of size {n}, {dtype}", "ms", 1e3, lambda: product(a, b), good)


# ---- the first draw -------------------------------------------------------------------------------------------------


def stop_at_first_draw():
    kernel = NUTS(lambda model=eight_schools(): model[0](*model[1]))
    state = kernel.init(jax.random.split(jax.random.PRNGKey(0), 4 if small else 1024), 1000, None, (), {})
    state, _, _ = advancing(kernel, lambda z: z["mu"])(state, 1)
    jax.block_until_ready(state)
    print(f"{time.monotonic():.9f}", flush=True)
    os._exit(0)


def first_draw():
    seconds = []
    for _ in range(options.repetitions):
        start = time.monotonic()
        command = [sys.executable, os.path.abspath(__file__), "--device", options.device, "--stop-at-first-draw"] + (["--small"] if small else [])
        environment = {k: v for k, v in os.environ.items() if k != "JAX_COMPILATION_CACHE_DIR"}
        done = subprocess.run(command, capture_output=True, text=True, env={**environment, "CUDA_CACHE_DISABLE": "1"}, check=True)
        seconds.append(float(done.stdout.split()[-1]) - start)
    report("numpyro", "gpu/first_draw/cold", "first_draw", "eight schools: from the start of a process to its first draw", "s", seconds,
           chains=4 if small else 1024, checked=True, device=DEVICE)


def main():
    if options.stop_at_first_draw:
        stop_at_first_draw()
    programs = {"covertype": covertype, "scan": scan, "elementwise": elementwise, "matrix_product": matrix_product, "first_draw": first_draw}
    failures = 0
    for part in options.what:
        try:
            programs[part]() if part in programs else measure_samplers(part)
        except Exception as error:  # the other parts are measured all the same
            print(f"{part}: {type(error).__name__}: {error}", file=sys.stderr)
            failures += 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
