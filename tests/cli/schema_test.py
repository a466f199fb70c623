"""Checks schema/experiment.schema.json with an independent validator (Python's jsonschema).

Usage: schema_test.py NNRUN. Exits 77 (skipped) where jsonschema is missing.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    print("SKIPPED: the Python package jsonschema is missing")
    sys.exit(77)

REPOSITORY = pathlib.Path(os.environ["NNRUN_REPOSITORY"])
CONFIGS = sorted((REPOSITORY / "configs").rglob("*.json"))
SEQUENCE = '{"name": "rows", "type": "reshape", "shape": [32, 96]}'
LAYERS = '{"name": "flat", "type": "flatten"}, {"name": "F", "type": "dense", "units": 15}'
SECTIONS = {
    "data": '{"type": "cifar10"}',
    "model": '{"layers": [' + LAYERS + "]}",
    "optimizer": '{"type": "sgd"}',
}

GOOD = [
    '"seed": 9223372036854774808, "repeats": 1e3, "training": {"epochs": 1.0}',
    '"$schema": "../schema/experiment.schema.json", "name": "a.b-c_1"',
    '"data": {"type": "text_csv", "classes": 15, "char_ngrams": [2, 5], "max_vocabulary": null}, '
    '"model": {"layers": [{"name": "E", "type": "embedding_bag", "units": 4}, $F]}',
    '"data": {"type": "image_folder", "size": 32, "normalize": {"mean": [0, 0, 0], "std": [1, 1, 1]}}',
    '"data": {"type": "synthetic_images", "shape": [1, 8, 8], "noise": 0, "validation_fraction": 0.1}',
    '"model": {"layers": [{"name": "R", "type": "residual", "layers": [{"name": "D", "type": "dropout", "rate": 0}]}, $F]}',
    '"model": {"layers": [$S, {"name": "C", "type": "conv1d", "filters": 2, "kernel": 5, "stride": 2}, $F]}',
    '"model": {"layers": [$S, {"name": "R", "type": "rnn", "units": 2, "activation": "linear"}, $F]}',
    '"optimizer": {"type": "adam", "clip_norm": 1, "clip_value": null}',
    '"optimizer": {"type": "sgd", "schedule": {"type": "cosine", "final": 0}}',
    '"training": {"checkpoint_every": "auto", "early_stopping": {"patience": 0, "baseline": null}}',
    '"feature_maps": {"layers": ["F"], "images": [0, "test_batch.bin#1940"], "split": "train"}',
    '"sweep": {"method": "random", "run_cap": 3, "parameters": {"seed": {"min": 1, "max": 9}}}',
    '"sweep": {"program": "x.py", "parameters": {"seed": {"value": 1}}, "early_terminate": null}',
    '"extends": "partA_q1.json", "seed": null, "model": {"layers": {"C1": {"filters": 5}, "S1": null}}, "feature_maps": null',
    '"extends": "smoke_sweep.json", "optimizer": {"learning_rate": 0.1}, "sweep": {"run_cap": null}',
    '"extends": "partA_q1.json", "model": {"layers": {"after:F3": {"name": "D", "type": "dropout", "rate": 0}}}',
]
BAD_PATCHES = [
    '"extends": 5',
    '"extends": "x.json", "optimizer": {"learnin_rate": 0.1}',
    '"extends": "x.json", "model": {"layers": {"C1": {"filter": 5}}}',
    '"extends": "x.json", "model": {"layers": {"after:F": {"type": "dropout", "rate": 0}}}',
    '"extends": "x.json", "training": {"epochs": 0}',
]


def document(fragment, complete=True):
    """The fragment as a whole file; sections that it leaves out are added."""
    parts = [fragment.replace("@", "").replace("$F", LAYERS).replace("$S", SEQUENCE)]
    if complete:
        parts += [f'"{key}": {value}' for key, value in SECTIONS.items() if f'"{key}": ' not in fragment]
    return "{" + ", ".join(parts) + "}"


def bad_inputs():
    """Documents of tests/config/bad_inputs.txt that a schema can tell."""
    for line in (REPOSITORY / "tests/config/bad_inputs.txt").read_text().splitlines():
        if line and not line.startswith(("#", " ", "! ")):
            yield document(line)


def main():
    program = sys.argv[1]
    schema = json.loads((REPOSITORY / "schema/experiment.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    failures = []

    def expect(good, text, what):
        errors = [error.message for error in validator.iter_errors(json.loads(text))]
        if bool(errors) == good:
            failures.append(f"{what}: {'rejected' if good else 'accepted'}: {text}\n  {errors[:1]}")

    def expect_good(config):
        """By the schema and by nnrun, whose complete form is good again."""
        expect(True, config.read_text(), config.name)
        resolved = subprocess.run([program, "--config", config, "--print-config"], capture_output=True, text=True)
        if resolved.returncode == 0:
            expect(True, resolved.stdout, f"resolved {config.name}")
        else:
            failures.append(f"{config.name}: {config.read_text()}\n  {resolved.stderr}")

    for config in CONFIGS:
        expect_good(config)
    with tempfile.TemporaryDirectory(prefix="nnrun-test-") as folder:
        good = pathlib.Path(folder) / "good.json"
        for fragment in GOOD:
            good.write_text(document(fragment, complete="extends" not in fragment))
            expect_good(good)
    for text in [*bad_inputs(), *(document(patch, complete=False) for patch in BAD_PATCHES)]:
        expect(False, text, "bad")
    print(f"{len(CONFIGS)} configs, {len(GOOD)} good and {len(list(bad_inputs())) + len(BAD_PATCHES)} bad documents")
    print("\n".join(failures))
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
