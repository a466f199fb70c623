#!/usr/bin/env python3
"""Draws random experiments, puts one fault into each, and checks that nnrun refuses them well.

    VENV/bin/python fuzz_refusals.py --seed 1 --count 500 build/bin/nnrun

Needs NumPy, not Keras. Wanted: exit code 2, nothing on stdout, no run directory, and a line
FILE:LINE:COL: /pointer: message with the pointer of the fault. Exit code 1: something else came.
"""
import argparse
import copy
import json
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import data
import random_cases
from random_layers import after

LINE = re.compile(r"nnrun: error: (?P<file>[^ ]+?):(?P<line>\d+):(?P<column>\d+): (?:(?P<pointer>/[^ ]*): )?(?P<text>.+)")
COUNTS = ("filters", "units", "depth", "kernel", "size", "stride", "shape")


def escaped(key):
    return key.replace("~", "~0").replace("/", "~1")


def places(value, pointer=""):
    """(container, key, pointer) of every value below `value`."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield value, key, f"{pointer}/{escaped(str(key))}"
        yield from places(inner, f"{pointer}/{escaped(str(key))}")


def layers_of(config):
    """(list, index, pointer, shape before it or None) of every layer."""
    def walk(layers, pointer, shape):
        for i, layer in enumerate(layers):
            yield layers, i, f"{pointer}/{i}", shape
            if "layers" in layer:
                yield from walk(layer["layers"], f"{pointer}/{i}/layers", shape)
            shape = after(layer, shape)
    text = config["data"]["type"] == "text_csv"
    return walk(config["model"]["layers"], "/model/layers", ("ids", config["data"]["max_length"]) if text else ("image", 3, 32, 32))


# ---- faults: each changes the config and gives the pointer of the error, or None where it does not apply

def unknown_key(config, draw):
    objects = [(v[k], p) for v, k, p in places(config) if isinstance(v[k], dict)] + [(config, "")]
    target, pointer = draw.choice(objects)
    key = draw.choice(["unit", "learningrate", "x/y", "a~b", "ünit", "Type", "", "activations"])
    target[key] = draw.choice([1, "x", None, [], {}])
    return f"{pointer}/{escaped(key)}"


def wrong_type(config, draw):
    found = [(v, k, p) for v, k, p in places(config) if isinstance(v[k], (int, float)) and not isinstance(v[k], bool)]
    target, key, pointer = draw.choice(found)
    target[key] = draw.choice(["5", True, {}, "1e3"])
    return pointer


def out_of_range(config, draw):
    found = [(v, k, p) for v, k, p in places(config["model"], "/model") if isinstance(v[k], int) and not isinstance(v[k], bool) and k != "rate"]
    if not found:
        return None
    target, key, pointer = draw.choice(found)
    target[key] = draw.choice([-1, 0, 2**31, 1.5, 1e300, 2**64]) if any(f"/{name}" in pointer for name in COUNTS) else -1
    return pointer


def bad_choice(config, draw):
    found = [(v, k, p) for v, k, p in places(config) if k in ("padding", "activation", "return", "type", "unit", "cleaning", "keep_best", "monitor")]
    target, key, pointer = draw.choice(found)
    target[key] = draw.choice(["", "Relu", "softmax", "valid ", "dense\u0000", "same\n"])
    return pointer


def missing_key(config, draw):
    required = {"dense": "units", "conv2d": "kernel", "conv1d": "filters", "max_pool2d": "size", "avg_pool2d": "size", "max_pool1d": "size",
                "reshape": "shape", "one_hot": "depth", "activation": "activation", "dropout": "rate", "residual": "layers"}
    layers, i, pointer, _ = draw.choice(list(layers_of(config)))
    key = draw.choice(["name", "type", required.get(layers[i]["type"], "name")])
    del layers[i][key]
    return f"{pointer}/{key}"


def duplicate_name(config, draw):
    every = list(layers_of(config))
    if len(every) < 2:
        return None
    (first, i, _, _), (second, j, pointer, _) = sorted(draw.sample(every, 2), key=lambda e: every.index(e))
    second[j]["name"] = first[i]["name"]
    return f"{pointer}/name"


def foreign_key(config, draw):
    layers, i, pointer, _ = draw.choice(list(layers_of(config)))
    key, value = draw.choice([("depth", 5), ("rate", 0.5), ("size", 2), ("reset_after", True), ("momentum", 0.5)])
    if key in layers[i] or (layers[i]["type"], key) in (("gru", "reset_after"), ("batch_norm", "momentum")):
        return None
    layers[i][key] = value
    return f"{pointer}/{key}"


def large_window(config, draw):
    found = [(layers[i], p, s) for layers, i, p, s in layers_of(config) if "kernel" in layers[i] or "size" in layers[i]]
    if not found:
        return None
    layer, pointer, shape = draw.choice(found)
    layer["padding"] = "valid"
    key = "kernel" if "kernel" in layer else "size"
    layer[key] = max(shape[2:]) + 1
    return f"{pointer}/{key}"


def wrong_elements(config, draw):
    found = [(layers[i], p) for layers, i, p, _ in layers_of(config) if layers[i]["type"] == "reshape"]
    if not found:
        return None
    layer, pointer = draw.choice(found)
    layer["shape"][draw.randrange(len(layer["shape"]))] += 1
    return f"{pointer}/shape"


def wrong_rank(config, draw):
    """A layer that wants another rank, put anywhere."""
    every = [(layers, i, p, s) for layers, i, p, s in layers_of(config) if s[0] != "ids"]
    layers, i, pointer, shape = draw.choice(every)
    misfits = {"vector": ["conv2d", "conv1d", "max_pool2d", "gru", "embedding", "global_avg_pool"],
               "sequence": ["conv2d", "dense", "one_hot", "avg_pool2d"], "image": ["dense", "max_pool1d", "lstm", "embedding_bag", "conv1d"]}
    keys = {"conv2d": {"filters": 2, "kernel": 1}, "conv1d": {"filters": 2, "kernel": 1}, "max_pool2d": {"size": 1}, "avg_pool2d": {"size": 1},
            "max_pool1d": {"size": 1}, "one_hot": {"depth": 300}, "global_avg_pool": {}}
    kind = draw.choice(misfits[shape[0]])
    layers.insert(i, {"name": "misfit", "type": kind} | keys.get(kind, {"units": 3}))
    return pointer


def narrow_logits(config, draw):
    last = config["model"]["layers"][-1]
    if last["type"] != "dense":
        return None
    last["units"] = config["data"].get("classes", 10) - 1
    return f"/model/layers/{len(config['model']['layers']) - 1}"


def broken_residual(config, draw):
    found = [(layers[i], p, s) for layers, i, p, s in layers_of(config) if layers[i]["type"] == "residual" and s[0] == "vector"]
    if not found:
        return None
    layer, pointer, shape = draw.choice(found)
    layer["layers"].append({"name": "wider", "type": "dense", "units": shape[1] + 1})
    return pointer


def two_clips(config, draw):
    clips = ["clip_value", "clip_norm", "global_clip_norm"]
    for clip in clips:
        config["optimizer"].pop(clip, None)
    first, second = draw.sample(clips, 2)
    config["optimizer"] |= {first: 1, second: 2}
    return f"/optimizer/{second if clips.index(second) > clips.index(first) else first}"


def mask_without_text(config, draw):
    found = [(layers[i], p, s) for layers, i, p, s in layers_of(config) if layers[i]["type"] in ("rnn", "gru", "lstm")]
    found = [f for f in found if config["data"]["type"] == "cifar10" or f[2][2] != config["data"]["max_length"]]
    if not found:
        return None
    layer, pointer, _ = draw.choice(found)
    layer["mask_padding"] = True
    return f"{pointer}/mask_padding"


FAULTS = [unknown_key, wrong_type, out_of_range, bad_choice, missing_key, duplicate_name, foreign_key, large_window, wrong_elements, wrong_rank,
          narrow_logits, broken_residual, two_clips, mask_without_text]


def spoiled(config, draw):
    """(name of the fault, config, pointer)."""
    while True:
        fault, result = draw.choice(FAULTS), copy.deepcopy(config)
        if (pointer := fault(result, draw)) is not None:
            return fault.__name__, result, pointer


def complaints(done, pointer, run):
    """What is wrong with a refusal."""
    found = []
    lines = done.stderr.splitlines()
    matches = [LINE.fullmatch(line) for line in lines]
    if done.returncode != 2:
        found.append(f"exit code {done.returncode}")
    if done.stdout:
        found.append("stdout is not empty")
    if run.exists():
        found.append("a run directory was left")
    found += [f"no error line: {line}" for line, match in zip(lines, matches) if not match]
    pointers = [match["pointer"] for match in matches if match]
    below = lambda p: p is not None and (p == pointer or p.startswith(pointer + "/"))
    if not any(map(below, pointers)):
        found.append(f"nothing at {pointer}: {done.stderr.strip()}")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nnrun")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=500)
    options = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="refusals-") as folder:
        work = Path(folder)
        (work / "_data").mkdir()
        for path in data.FOLDER.iterdir():
            (work / "_data" / path.name).symlink_to(path)
        data.FOLDER = work / "_data"
        for number in range(options.count):
            seed = f"{options.seed}-{number}"
            config = random_cases.Case(seed, work / "_data").config("refused")
            del config["model"]["init_from"]
            fault, config, pointer = spoiled(config, random.Random(seed))
            (work / "config.json").write_text(json.dumps(config, indent=1) + "\n")
            done = subprocess.run([options.nnrun, "--config", work / "config.json", "--data-dir", work / "_data", "--out", work / "run"],
                                  capture_output=True, text=True, errors="replace", timeout=60)
            found = complaints(done, pointer, work / "run")
            failed += bool(found)
            for text in found:
                print(f"{seed} {fault}: {text}", flush=True)
    print(f"{options.count - failed} of {options.count} refused well")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
