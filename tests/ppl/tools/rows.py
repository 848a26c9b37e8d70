"""Rows of reference values: log densities for tests/ppl/density/*.inc, other functions for tests/ppl/functions/*.inc."""
import pathlib

import mpmath as mp
import numpy as np
from scipy import stats

mp.mp.dps = 40
rows = []
function_rows = []
FUNCTIONS = ("cdf", "log_cdf", "survival", "log_survival", "icdf", "mean", "variance", "mode", "entropy", "support_point")


def number(x):
    x = float(x)
    return "NAN" if x != x else "INFINITY" if x == np.inf else "-INFINITY" if x == -np.inf else repr(x)


def tensor(x):
    if np.ndim(x) == 0:
        return f"Tensor({number(x)})"
    if np.ndim(x) == 1:
        return "Tensor{" + ", ".join(number(v) for v in x) + "}"
    return "Tensor{" + ", ".join("{" + ", ".join(number(v) for v in r) + "}" for r in x) + "}"


def agrees(value, check, what):
    if check is not None:
        difference = np.max(np.abs(np.asarray(value, float) - np.asarray(check, float)))
        assert difference <= 1e-8 * max(1, np.max(np.abs(np.asarray(check, float)))), (what, value, check)


def add(name, parameters, value, log_density, check=None):
    log_density = mp.mpf(log_density)
    agrees(log_density, check, (name, parameters, value))
    ps = ", ".join(tensor(p) for p in parameters)
    rows.append(f'{{"{name}", {{{ps}}}, {tensor(value)}, {mp.nstr(log_density, 20)}}},')


def add_function(name, parameters, function, argument, value, check=None):
    """One value of a function; `argument` is None for mean, variance, mode, entropy, support_point. `check` comes from
    another source, scipy as a rule."""
    assert function in FUNCTIONS, function
    if check is not None and np.all(np.isfinite(np.asarray(check, float))):
        agrees(value, check, (name, parameters, function, argument))
    ps = ", ".join(tensor(p) for p in parameters)
    a = "Tensor()" if argument is None else tensor(argument)
    function_rows.append(f'{{"{name}", {{{ps}}}, "{function}", {a}, {tensor(value)}}},')


def write(script):
    print(f"// Written by tests/ppl/tools/{script}.\n// clang-format off")
    print("\n".join(rows))


def write_group(group):
    """Writes density/GROUP.inc and functions/GROUP.inc."""
    tests = pathlib.Path(__file__).resolve().parent.parent
    for folder, lines in (("density", rows), ("functions", function_rows)):
        head = f"// Written by tests/ppl/tools/{group}.py.\n// clang-format off\n"
        (tests / folder / f"{group}.inc").write_text(head + "".join(line + "\n" for line in lines))
