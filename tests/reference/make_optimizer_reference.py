#!/usr/bin/env python3
"""Writes optimizers.json: five updates of every optimizer and clip, in float64.

    pip install tensorflow tf_keras && python make_optimizer_reference.py

The rules are written out here in NumPy. Where legacy Keras 2 (tf_keras) has the same rule the script also runs that one
and stops if the two disagree; rmsprop with momentum (epsilon outside the root) and adamw have no legacy twin.
"""
import json
import os
from pathlib import Path

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_USE_LEGACY_KERAS"] = "1"
import numpy as np
import tensorflow as tf
import tf_keras

STEPS, RATE = 5, 0.1
random = np.random.default_rng(3)
# A gru's two biases are one variable of Keras: [2, n].
SHAPES = {"D.weight": (3, 4), "R.bias_ih": (6,), "R.bias_hh": (6,)}
VARIABLES = [["D.weight"], ["R.bias_ih", "R.bias_hh"]]
start = {n: np.round(random.uniform(-1, 1, s), 3) for n, s in SHAPES.items()}
gradients = [{n: np.round(random.uniform(-1, 1, s) * 10.0 ** -k, 5) for n, s in SHAPES.items()} for k in range(STEPS)]


def norm(arrays):
    return np.sqrt(sum((a ** 2).sum() for a in arrays))


def clipped(g, clip_value=None, clip_norm=None, global_clip_norm=None, **_):
    if clip_value:
        return {n: np.clip(a, -clip_value, clip_value) for n, a in g.items()}
    limit = clip_norm or global_clip_norm
    groups = VARIABLES if clip_norm else [list(g)]
    factor = {n: limit / max(norm([g[m] for m in names]), limit) for names in groups for n in names} if limit else {}
    return {n: a * factor.get(n, 1) for n, a in g.items()}


def sgd(w, g, s, t, momentum=0, nesterov=False, **_):
    s["v"] = momentum * s.get("v", 0) - RATE * g
    return w + (momentum * s["v"] - RATE * g if nesterov else s["v"])


def rmsprop(w, g, s, t, rho=0.9, momentum=0, epsilon=1e-7, **_):
    s["s"] = rho * s.get("s", 0) + (1 - rho) * g ** 2
    s["v"] = momentum * s.get("v", 0) + RATE * g / (np.sqrt(s["s"]) + epsilon)
    return w - s["v"]


def adam(w, g, s, t, beta_1=0.9, beta_2=0.999, epsilon=1e-7, weight_decay=0, **_):
    w = w - RATE * weight_decay * w
    s["m"] = beta_1 * s.get("m", 0) + (1 - beta_1) * g
    s["v"] = beta_2 * s.get("v", 0) + (1 - beta_2) * g ** 2
    return w - RATE * np.sqrt(1 - beta_2 ** t) / (1 - beta_1 ** t) * s["m"] / (np.sqrt(s["v"]) + epsilon)


def adagrad(w, g, s, t, initial_accumulator=0.1, epsilon=1e-7, **_):
    s["s"] = s.get("s", initial_accumulator) + g ** 2
    return w - RATE * g / (np.sqrt(s["s"]) + epsilon)


RULES = {"sgd": sgd, "rmsprop": rmsprop, "adam": adam, "adamw": adam, "adagrad": adagrad}
legacy = tf_keras.optimizers.legacy
RENAMED = {"clip_value": "clipvalue", "clip_norm": "clipnorm", "global_clip_norm": "global_clipnorm",
           "initial_accumulator": "initial_accumulator_value"}


def twin(kind, options):
    """The same in legacy Keras 2, or None."""
    classes = {"sgd": legacy.SGD, "rmsprop": legacy.RMSprop, "adam": legacy.Adam, "adagrad": legacy.Adagrad}
    if kind not in classes or (kind == "rmsprop" and "momentum" in options):
        return None
    if kind == "adagrad":
        options = {"epsilon": 1e-7, **options}
    return classes[kind](learning_rate=RATE, **{RENAMED.get(k, k): v for k, v in options.items()})


def joined(values, names):
    return np.stack([values[n] for n in names]) if len(names) > 1 else values[names[0]]


def check(optimizer, result, case):
    variables = [tf.Variable(joined(start, names), dtype=tf.float64) for names in VARIABLES]
    for g in gradients:
        optimizer.apply_gradients([(tf.constant(joined(g, names)), v) for names, v in zip(VARIABLES, variables)])
    for names, v in zip(VARIABLES, variables):
        apart = np.abs(v.numpy() - joined(result, names)).max()
        assert apart < 1e-6, f"{case}: legacy Keras differs by {apart}"


def run(kind, options):
    w, slots = dict(start), {n: {} for n in SHAPES}
    for t, g in enumerate(gradients, 1):
        g = clipped(g, **options)
        w = {n: RULES[kind](w[n], g[n], slots[n], t, **options) for n in SHAPES}
    return w


def flat(tensors):
    return {n: [float(f"{v:.9g}") for v in a.ravel()] for n, a in tensors.items()}


CASES = {
    "sgd": ("sgd", {}),
    "sgd_momentum": ("sgd", {"momentum": 0.9}),
    "sgd_nesterov": ("sgd", {"momentum": 0.9, "nesterov": True}),
    "rmsprop": ("rmsprop", {}),
    "rmsprop_rho_epsilon": ("rmsprop", {"rho": 0.7, "epsilon": 1e-3}),
    "rmsprop_momentum": ("rmsprop", {"momentum": 0.8}),
    "adam": ("adam", {}),
    "adam_betas_epsilon": ("adam", {"beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-2}),
    "adamw": ("adamw", {"weight_decay": 0.004}),
    "adagrad": ("adagrad", {}),
    "adagrad_accumulator": ("adagrad", {"initial_accumulator": 0.5, "epsilon": 1e-3}),
    "clip_value": ("sgd", {"clip_value": 0.05}),
    "clip_norm": ("sgd", {"clip_norm": 0.5}),
    "global_clip_norm": ("sgd", {"global_clip_norm": 0.5}),
    "adam_global_clip_norm": ("adam", {"global_clip_norm": 0.5}),
}

record = {"rate": RATE, "shapes": SHAPES, "start": flat(start), "gradients": [flat(g) for g in gradients], "cases": {}}
for case, (kind, options) in CASES.items():
    result = run(kind, options)
    if (optimizer := twin(kind, options)) is not None:
        check(optimizer, result, case)
    record["cases"][case] = {"type": kind, "options": options, "result": flat(result)}
target = Path(__file__).with_name("optimizers.json")
lines = [f'"{k}": {json.dumps(v, separators=(",", ":"))}' for k, v in record.items()]
target.write_text("{\n" + ",\n".join(lines) + "\n}\n")
print(target.name, len(CASES), "cases", target.stat().st_size, "bytes")
