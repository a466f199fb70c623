#!/usr/bin/env python3
"""Makes the cases of cases.py with Keras 2: initial weights, expectations, measured tolerances.

    python3 -m venv VENV && VENV/bin/pip install tensorflow-cpu tf_keras
    VENV/bin/python make_cases.py [--cases GLOB[,GLOB]] [--work DIR]

The spread of a case is the largest difference between Keras with one thread (the expectation) and Keras with two
threads, in float64, and from initial weights moved by a unit in the last place; the tolerance is ten times that, never
below the floor of its kind. Nets with kinks (ReLU, maxima) have wider floors, as in the open sample.
"""
import argparse
import contextlib
import fnmatch
import json
import math
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import files
from cases import CASES

HERE = Path(__file__).resolve().parent
KIT = HERE.parent / "kit"
sys.path.insert(0, str(HERE.parent))
import check

VARIANTS = {"expected": [], "threads": ["--threads", "2"], "float64": ["--float64"], "moved": ["--perturb", "1"]}
FLOORS = {"early_loss": 3e-6, "loss": 3e-6, "weights": 2e-5, "accuracy": 0.0034, "val_accuracy": 0.0078}
KINK_FLOORS = {"early_loss": 3e-4, "loss": 1e-3, "weights": 0.1, "accuracy": 0.0067, "val_accuracy": 0.016}
KINKS = ("relu", "leaky_relu", "max_pool2d", "max_pool1d", "global_max_pool")


def layers_of(layers):
    for layer in layers:
        yield layer
        yield from layers_of(layer.get("layers", []))


def has_kinks(config):
    return any(layer["type"] in KINKS or layer.get("activation") in KINKS for layer in layers_of(config["model"]["layers"]))


def start_keras(folder, out, options):
    return subprocess.Popen([sys.executable, HERE / "keras_run.py", folder, out, *options], stdout=subprocess.DEVNULL)


def finish(programs):
    if any([program.wait() for program in programs]):
        sys.exit("keras_run.py failed")


def write_configs(names, folder):
    for name in names:
        (folder / name).mkdir(parents=True)
        (folder / name / "config.json").write_text(json.dumps(CASES[name], indent=1) + "\n")


def overflows(folder):
    return any(not math.isfinite(value) for row in check.read_metrics(folder / "expected.csv") for value in row.values())


def tolerance(case, results):
    """Spread and tolerance of `case` from the folders of its variants."""
    spread = dict.fromkeys(FLOORS, 0.0)
    expectation = case_with(case, results["expected"])
    if overflows(expectation):
        results = {variant: folder for variant, folder in results.items() if variant != "float64"}  # it goes on for longer
    for run in results.values():
        errors = check.metric_errors(check.read_metrics(run / "expected.csv"), check.read_metrics(expectation / "expected.csv"))
        final, initial = (check.read_safetensors(expectation / f"{n}.safetensors") for n in ("expected_final", "init"))
        errors["weights"] = check.weight_error(check.read_safetensors(run / "expected_final.safetensors"), final, initial)[0]
        spread = {kind: max(spread[kind], errors[kind]) for kind in spread}
    floors = KINK_FLOORS if has_kinks(CASES[case.name]) else FLOORS
    return {"tolerance": {k: max(floors[k], float(f"{10 * v:.2g}")) for k, v in spread.items()},
            "spread": {k: float(f"{v:.3g}") for k, v in spread.items()}, "assumes": []}  # as in the open sample


def case_with(case, result):
    for name in ("expected.csv", "expected_final.safetensors"):
        shutil.copy(result / name, case / name)
    return case


def make(names, work):
    write_configs(names, work / "cases")
    finish([start_keras(work / "cases", work / "initial", ["--draw"])])
    for name in names:
        shutil.copy(work / "initial" / name / "init.safetensors", work / "cases" / name)
    finish([start_keras(work / "cases", work / variant, arguments) for variant, arguments in VARIANTS.items()])
    for name in names:
        measured = tolerance(work / "cases" / name, {variant: work / variant / name for variant in VARIANTS})
        (work / "cases" / name / "tolerance.json").write_text(json.dumps(measured, indent=1) + "\n")
        shutil.rmtree(KIT / name, ignore_errors=True)
        shutil.copytree(work / "cases" / name, KIT / name)
        print(name, measured["spread"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", default="*")
    parser.add_argument("--work", type=Path, help="keep what each setting gave in this new folder")
    options = parser.parse_args()
    names = [n for n in CASES if any(fnmatch.fnmatch(n, g) for g in options.cases.split(","))]
    with contextlib.nullcontext(options.work) if options.work else tempfile.TemporaryDirectory(prefix="make-cases-") as work:
        make(names, Path(work))


if __name__ == "__main__":
    main()
