"""Rows of reference log densities for tests/ppl/density/*.inc."""
import mpmath as mp
import numpy as np
from scipy import stats

mp.mp.dps = 40
rows = []


def tensor(x):
    if np.ndim(x) == 0:
        return f"Tensor({float(x)!r})"
    if np.ndim(x) == 1:
        return "Tensor{" + ", ".join(repr(float(v)) for v in x) + "}"
    return "Tensor{" + ", ".join("{" + ", ".join(repr(float(v)) for v in r) + "}" for r in x) + "}"


def add(name, parameters, value, log_density, check=None):
    log_density = mp.mpf(log_density)
    if check is not None:
        assert abs(float(log_density) - check) <= 1e-8 * max(1, abs(check)), (name, parameters, value, log_density, check)
    ps = ", ".join(tensor(p) for p in parameters)
    rows.append(f'{{"{name}", {{{ps}}}, {tensor(value)}, {mp.nstr(log_density, 20)}}},')


def write(script):
    print(f"// Written by tests/ppl/tools/{script}.\n// clang-format off")
    print("\n".join(rows))
