#!/usr/bin/env python3
"""Five steps of every optimiser on a quadratic function, in 50 digits: writes ../optimiser_steps.inc.

f(x) = x' A x / 2 + b' x with the matrix and vectors below; the methods are written out from their papers, element by
element, with none of the library's code.
"""
import os

from mpmath import cos, mp, mpf, pi, sqrt

mp.dps = 50
A = [[mpf(3), mpf("0.5"), mpf(0)], [mpf("0.5"), mpf(1), mpf("-0.25")], [mpf(0), mpf("-0.25"), mpf(20)]]
B = [mpf(1), mpf("-0.75"), mpf(2)]
START = [mpf(1), mpf(-2), mpf("0.5")]
STEPS = 5


def gradient(x):
    return [sum(A[i][j] * x[j] for j in range(3)) + B[i] for i in range(3)]


def descend(update, memory, rate=lambda i: mpf("0.1")):
    x = list(START)
    kept = [[mpf(0)] * 3 for _ in range(memory)]
    path = []
    for i in range(STEPS):
        g = gradient(x)
        for k in range(3):
            own = [m[k] for m in kept]
            x[k], own = update(x[k], g[k], i + 1, rate(i), own)
            for j, m in enumerate(kept):
                m[k] = own[j]
        path.append(list(x))
    return path


def sgd(x, g, t, a, m):
    return x - a * g, m


def momentum(x, g, t, a, m, mass=mpf("0.8")):
    v = mass * m[0] + g
    return x - a * v, [v]


def adagrad(x, g, t, a, m, beta=mpf("0.9")):
    s = m[0] + g * g
    v = beta * m[1] + (1 - beta) * (g / sqrt(s) if s > 0 else mpf(0))
    return x - a * v, [s, v]


def rmsprop(x, g, t, a, m, gamma=mpf("0.9"), eps=mpf("1e-8")):
    s = gamma * m[0] + (1 - gamma) * g * g
    return x - a * g / sqrt(s + eps), [s]


def rmsprop_momentum(x, g, t, a, m, gamma=mpf("0.9"), eps=mpf("1e-8"), beta=mpf("0.7")):
    s = gamma * m[0] + (1 - gamma) * g * g
    v = beta * m[1] + a * g / sqrt(s + eps)
    return x - v, [s, v]


def adam(x, g, t, a, m, b1=mpf("0.9"), b2=mpf("0.999"), eps=mpf("1e-8"), clip=None, decay=mpf(0)):
    if clip is not None:
        g = max(-clip, min(clip, g))
    first = b1 * m[0] + (1 - b1) * g
    second = b2 * m[1] + (1 - b2) * g * g
    direction = first / (1 - b1**t) / (sqrt(second / (1 - b2**t)) + eps)
    return x - a * (direction + decay * x), [first, second]


PATHS = {
    "sgd": descend(sgd, 0),
    "momentum": descend(momentum, 1),
    "adagrad": descend(adagrad, 2),
    "rmsprop": descend(rmsprop, 1),
    "rmsprop_momentum": descend(rmsprop_momentum, 2),
    "adam": descend(adam, 2),
    "clipped_adam": descend(lambda *a: adam(*a, clip=mpf(3)), 2),
    "adamw": descend(lambda *a: adam(*a, decay=mpf("0.05")), 2),
    # step sizes 0.1, 0.1 / 2^(i/2), ...
    "adam_decaying": descend(adam, 2, lambda i: mpf("0.1") * mpf("0.5") ** (mpf(i) / 2)),
}
SCHEDULE_STEPS = [0, 1, 7, 50, 99, 100, 250]
SCHEDULES = {
    "exponential": [mpf("0.02") * mpf("0.3") ** (mpf(i) / 40) for i in SCHEDULE_STEPS],
    "exponential_staircase": [mpf("0.02") * mpf("0.3") ** (i // 40) for i in SCHEDULE_STEPS],
    "inverse_time": [mpf("0.02") / (1 + mpf("0.5") * mpf(i) / 40) for i in SCHEDULE_STEPS],
    "polynomial": [(mpf("0.02") - mpf("0.001")) * (1 - min(mpf(i) / 100, mpf(1))) ** 3 + mpf("0.001") for i in SCHEDULE_STEPS],
    "cosine": [mpf("0.001") + (mpf("0.02") - mpf("0.001")) * (1 + cos(pi * min(mpf(i) / 100, mpf(1)))) / 2 for i in SCHEDULE_STEPS],
}

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "optimiser_steps.inc"), "w") as out:
    out.write("// Written by tools/optimiser_steps.py.\n")
    out.write("const std::map<std::string, std::vector<double>> kPaths{\n")
    for name, path in PATHS.items():
        numbers = ", ".join(mp.nstr(v, 20) for x in path for v in x)
        out.write('    {"%s", {%s}},\n' % (name, numbers))
    out.write("};\nconst std::vector<int> kScheduleSteps{%s};\n" % ", ".join(map(str, SCHEDULE_STEPS)))
    out.write("const std::map<std::string, std::vector<double>> kSchedules{\n")
    for name, values in SCHEDULES.items():
        out.write('    {"%s", {%s}},\n' % (name, ", ".join(mp.nstr(v, 20) for v in values)))
    out.write("};\n")
