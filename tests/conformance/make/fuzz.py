#!/usr/bin/env python3
"""Draws random experiments, trains each with Keras 2 and with nnrun, and compares every number.

    VENV/bin/python fuzz.py --seed 1 --count 200 build/bin/nnrun [--first N] [--keep DIR] [--threads N]

Experiment N of a seed is always the same: `--first N --count 1 --keep DIR` repeats one and keeps its files. A difference
above the floor of its kind is measured against what rounding does to Keras itself: float64 and initial weights moved by
a unit in the last place; ten times that much is allowed. Exit code 1: something differs.
"""
import argparse
import json
import math
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import keras_run
import numpy as np
import tensorflow as tf
import tf_keras as keras

import data
import files
import fuzz_commands
import random_cases
import training
from make_cases import FLOORS, KINK_FLOORS, check, has_kinks

SPREAD = 10
OTHER_EPOCH = 0.01  # weights that are further off are those of another epoch


class Recorder(keras.callbacks.Callback):
    """Keeps the weights after each epoch, as nnrun names them."""

    def __init__(self, network):
        super().__init__()
        self.network, self.epochs = network, []

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append(named_weights(self.network))


def named_weights(network):
    return {w.name: w.to_nnrun(w.variable.numpy()) for w in network.nnrun_weights()}


def new_network(config, examples, float64=False):
    keras.backend.clear_session()
    keras.backend.set_floatx("float64" if float64 else "float32")
    return keras_run.build(config, examples)


class KerasRun:
    """What Keras makes of `tensors`: rows, the weights after each epoch, the last ones."""

    def __init__(self, config, examples, tensors, float64=False):
        network = new_network(config, examples, float64)
        keras_run.assign_weights(network, tensors)
        recorder = Recorder(network)
        self.rows = training.fit(config, examples, network, [recorder])
        self.epochs, self.last = recorder.epochs, named_weights(network)
        self.network = network


def tensors_of(weights):
    return {name: (list(w.shape), w.ravel().tolist()) for name, w in weights.items()}


def errors_between(rows, weights, keras_rows, keras_weights, initial):
    """Largest differences by kind, as check.py measures them."""
    errors = check.metric_errors(rows, keras_rows)
    errors["weights"], errors["worst_tensor"] = check.weight_error(weights, tensors_of(keras_weights), tensors_of(initial))
    return errors


def over(errors, limits):
    return [kind for kind in check.KINDS if not errors[kind] <= limits[kind]]


class Experiment:
    def __init__(self, name, seed, work):
        self.folder, self.run = work / name, work / name / "run"
        self.folder.mkdir(parents=True)
        self.config = random_cases.Case(seed, work / "_data").config(name)
        self.examples = data.load(self.config["data"])
        (self.folder / "config.json").write_text(json.dumps(self.config, indent=1) + "\n")

    def train_with_keras(self, seed):
        draw = np.random.default_rng(list(seed.encode()))
        network = new_network(self.config, self.examples)
        self.initial = {w.name: keras_run.drawn(w, draw).astype(np.float32) for w in network.nnrun_weights()}
        files.write_safetensors(self.folder / "init.safetensors", self.initial)
        self.trained = sum(w.size for name, w in self.initial.items() if ".running_" not in name)
        self.keras = KerasRun(self.config, self.examples, self.initial)
        files.write_metrics(self.folder / "expected.csv", self.keras.rows)

    def train_with_nnrun(self, command, data_folder):
        command = command + ["--config", self.folder / "config.json", "--data-dir", data_folder, "--out", self.run]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=300)
        if done.returncode != 0:
            raise check.Mismatch(f"exit code {done.returncode}: {check.last_line(done.stderr)}")
        self.rows = check.read_metrics(self.run / "metrics.csv")
        self.summary = json.loads((self.run / "summary.json").read_text())

    def spread(self):
        """What rounding does to Keras's own numbers, by kind."""
        variants = [lambda: KerasRun(self.config, self.examples, self.initial, float64=True)]
        variants += [lambda s=s: KerasRun(self.config, self.examples, keras_run.perturbed(self.initial, s)) for s in (1, 2)]
        spread = dict.fromkeys(check.KINDS, 0.0)
        for variant in variants:
            other = variant()
            if len(other.rows) != len(self.keras.rows):
                return dict.fromkeys(check.KINDS, math.inf)  # stopping hangs on rounding
            errors = errors_between(other.rows, tensors_of(other.last), self.keras.rows, self.keras.last, self.initial)
            spread = {kind: max(spread[kind], errors[kind]) for kind in spread}
        return spread

    def differences(self):
        """What differs by more than rounding: [] or texts."""
        count = len(self.keras.rows)
        if len(self.rows) != count:
            return [] if math.isinf(self.spread()["loss"]) else [f"{len(self.rows)} epochs instead of {count}"]
        final = check.read_safetensors(self.run / "last.nnr")
        self.errors = errors_between(self.rows, final, self.keras.rows, self.keras.last, self.initial)
        if not over(self.errors, FLOORS):
            return self.summary_faults() + self.best_faults()
        spread = self.spread()
        limits = {kind: max(FLOORS[kind], SPREAD * spread[kind]) for kind in FLOORS}
        wide = KINK_FLOORS if has_kinks(self.config) else limits
        found = [f"{kind} {self.errors[kind]:.1e}, Keras's own spread {spread[kind]:.1e} ({self.errors['worst_tensor']})"
                 for kind in over(self.errors, {kind: max(limits[kind], wide[kind]) for kind in limits})]
        self.note = "" if found else "kink" if over(self.errors, limits) else "rounding"
        return found + self.summary_faults()

    def best_faults(self):
        """best.nnr holds Keras's weights after the best epoch."""
        best = self.summary["best_epoch"]
        if best is None:
            return []
        error, name = check.weight_error(check.read_safetensors(self.run / "best.nnr"), tensors_of(self.keras.epochs[best]), tensors_of(self.initial))
        return [f"best.nnr: {name} {error:.1e}"] if error > OTHER_EPOCH else []

    def summary_faults(self):
        monitor = self.config["training"].get("keep_best", "val_loss")
        values = [row[monitor] for row in self.rows] if monitor != "none" else []
        best = values.index((max if "accuracy" in monitor else min)(values)) if values else None
        expected = {"status": "done", "epochs": len(self.rows), "last": self.rows[-1], "best_epoch": best,
                    "best": None if best is None else self.rows[best], "parameters": self.trained}
        return [f"summary.json: {key} is {self.summary[key]}, not {value}" for key, value in expected.items() if self.summary[key] != value]


def attempt(name, seed, work, options):
    """(experiment, what differs)."""
    experiment = Experiment(name, seed, work)
    experiment.note, experiment.errors = "", {}
    experiment.train_with_keras(seed)
    if not all(math.isfinite(value) for row in experiment.keras.rows for value in row.values()):
        experiment.note = "not finite, left out"
        return experiment, []
    try:
        experiment.train_with_nnrun(options.command + ["--threads", str(options.threads)], work / "_data")
        return experiment, experiment.differences() + fuzz_commands.faults(experiment, options.command, work / "_data")
    except (check.Mismatch, subprocess.TimeoutExpired, OSError, ValueError, KeyError) as problem:
        return experiment, [f"{type(problem).__name__}: {problem}"]


def described(config):
    kinds = lambda layers: " ".join(f"{l['type']}({kinds(l['layers'])})" if "layers" in l else l["type"] for l in layers)
    return f"{config['optimizer']['type']}: {kinds(config['model']['layers'])}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nnrun", help="the program, or a command that takes the same options")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--first", type=int, default=0, help="number of the first experiment")
    parser.add_argument("--threads", type=int, default=1, help="of nnrun")
    parser.add_argument("--keep", type=Path, help="keep all files in this new folder")
    options = parser.parse_args()
    options.command = [options.nnrun] if Path(options.nnrun).exists() else shlex.split(options.nnrun)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.get_logger().setLevel("ERROR")
    tf.config.threading.set_inter_op_parallelism_threads(1)
    work = options.keep or Path(tempfile.mkdtemp(prefix="fuzz-"))
    shutil.copytree(data.FOLDER, work / "_data")
    data.FOLDER = work / "_data"
    failed = []
    for number in range(options.first, options.first + options.count):
        name = f"random-{options.seed}-{number}"
        experiment, faults = attempt(name, f"{options.seed}-{number}", work, options)
        loss, weights = (f"{experiment.errors.get(kind, math.nan):.1e}" for kind in ("loss", "weights"))
        print(f"{name:18} {loss} {weights} {'DIFFERS' if faults else 'ok':7} {experiment.note:8} {described(experiment.config)}", flush=True)
        for fault in faults:
            print(f"    {fault}", flush=True)
        failed += [name] * bool(faults)
        if not options.keep:
            shutil.rmtree(experiment.folder)
    if not options.keep:
        shutil.rmtree(work)
    print(f"{options.count - len(failed)} of {options.count} agree" + (f"; differing: {' '.join(failed)}" if failed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
