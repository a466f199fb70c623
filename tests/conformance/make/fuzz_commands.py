"""What `nnrun data`, `evaluate` and `predict` say of a random experiment, beside what Keras knows of it."""
import json
import subprocess

import numpy as np
import tensorflow as tf

CLOSE = 1e-4  # of a probability: far above rounding, far below another text's


def output(command, *arguments):
    done = subprocess.run([*command, *map(str, arguments)], capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise ValueError(f"{arguments[0]}: exit code {done.returncode}: {done.stderr}")
    return done.stdout


def dump_faults(experiment, command, data_folder):
    """`data --dump` shows the ids that Keras got, but for n-grams."""
    config, faults = experiment.config["data"], []
    for split in ("train", "test"):
        part = getattr(experiment.examples, split)
        text = output(command, "data", "--config", experiment.folder / "config.json", "--data-dir", data_folder, "--split", split, "--dump", "-")
        got = [list(map(int, line.split(","))) for line in text.splitlines()]
        width = 0 if "ngram_buckets" in config else config["max_length"]
        expected = np.column_stack([part.labels, part.inputs[:, :width]]).tolist()
        if [row[:1 + width] for row in got] != expected:
            faults.append(f"data --dump of the {split} split differs")
    return faults


def evaluation_faults(experiment, command):
    """The last weights are those of the last row, unless better ones were brought back."""
    if (experiment.config["training"].get("early_stopping") or {}).get("restore_best"):
        return []
    got, row = json.loads(output(command, "evaluate", experiment.run, "--json")), experiment.rows[-1]
    same = np.isclose(got["loss"], row["val_loss"], rtol=1e-6) and got["accuracy"] == row["val_accuracy"]
    return [] if same else [f"evaluate: {got['loss']} {got['accuracy']} after {row}"]


def prediction_faults(experiment, command, data_folder):
    """Probabilities of the test texts, whose file is read again."""
    file, test = data_folder / experiment.config["data"]["test_file"], experiment.examples.test
    expected = tf.nn.softmax(experiment.keras.network((tf.constant(test.inputs), tf.constant(test.lengths)))).numpy()
    got = json.loads(output(command, "predict", experiment.run, "--input", file, "--top", expected.shape[1], "--json"))
    table = np.array([[c["probability"] for c in sorted(row["classes"], key=lambda c: c["index"])] for row in got[:len(expected)]])
    if table.shape != expected.shape:
        return [f"predict: {table.shape} probabilities instead of {expected.shape}"]
    apart = np.abs(table - expected).max(1)
    return [f"predict: row {apart.argmax()} is off by {apart.max():.1e}"] if apart.max() > CLOSE else []


def faults(experiment, command, data_folder):
    found = evaluation_faults(experiment, command)
    if experiment.config["data"]["type"] != "text_csv":
        return found
    found += dump_faults(experiment, command, data_folder)
    return found + (prediction_faults(experiment, command, data_folder) if not experiment.note else [])
