#!/usr/bin/env python3
"""Runs cases with Keras 2 in one setting and writes what came out.

    keras_run.py FOLDER OUT [--threads N] [--float64] [--perturb SEED] [--draw]

FOLDER holds cases (config.json, init.safetensors); OUT/<case>/ gets expected.csv and expected_final.safetensors, or
with --draw the initial weights.
With --perturb the initial weights are moved by about one unit in the last place: what the case makes of that is the
least that two correct programs may differ by.
"""
import argparse
import json
import os
from pathlib import Path

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf
import tf_keras as keras

import data
import files
import layers
import training


def assign_weights(network, tensors):
    for weight in network.nnrun_weights():
        weight.variable.assign(weight.to_keras(tensors[weight.name]).astype(keras.backend.floatx()))


def perturbed(tensors, seed):
    draw = np.random.default_rng(seed)
    return {name: (w * (1 + 6e-8 * draw.choice([-1, 1], w.shape))).astype(np.float32) for name, w in tensors.items()}


def build(config, examples):
    first = examples.train.inputs[:2]
    facts = layers.Facts(examples.vocabulary, first.shape[1])
    network = layers.Network(config["model"]["layers"], facts)
    network((tf.constant(first if first.dtype == np.int32 else first.astype(keras.backend.floatx())), tf.constant([1] * len(first))))
    return network


def drawn(weight, draw):
    """Away from every special value: no bias is zero, no scale and no variance one."""
    shape = tuple(weight.to_nnrun(weight.variable.numpy()).shape)
    if len(shape) == 1:
        center = 1 if weight.kind == "scale" else 0
        return draw.uniform(center - 0.2, center + 0.2, shape)
    receptive = np.prod(shape[2:])
    limit = 0.5 if weight.kind == "table" else np.sqrt(6 / ((shape[0] + shape[1]) * receptive))
    return draw.uniform(-limit, limit, shape)


def draw_weights(case, out):
    config = json.loads((case / "config.json").read_text())
    draw = np.random.default_rng(list(case.name.encode()))
    weights = build(config, data.load(config["data"])).nnrun_weights()
    out.mkdir(parents=True, exist_ok=True)
    files.write_safetensors(out / "init.safetensors", {w.name: drawn(w, draw).astype(np.float32) for w in weights})


def run_case(case, out, seed):
    config = json.loads((case / "config.json").read_text())
    examples = data.load(config["data"])
    network = build(config, examples)
    tensors = files.read_safetensors(case / "init.safetensors")
    assign_weights(network, tensors if seed is None else perturbed(tensors, seed))
    rows = training.fit(config, examples, network)
    out.mkdir(parents=True, exist_ok=True)
    files.write_metrics(out / "expected.csv", rows)
    files.write_safetensors(out / "expected_final.safetensors", {w.name: w.to_nnrun(w.variable.numpy()) for w in network.nnrun_weights()})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--float64", action="store_true")
    parser.add_argument("--perturb", type=int)
    parser.add_argument("--draw", action="store_true")
    options = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(options.threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    if options.float64:
        keras.backend.set_floatx("float64")
    for case in sorted(p.parent for p in options.folder.glob("*/config.json")):
        keras.backend.clear_session()
        if options.draw:
            draw_weights(case, options.out / case.name)
        else:
            run_case(case, options.out / case.name, options.perturb)
        print(case.name, flush=True)


if __name__ == "__main__":
    main()
