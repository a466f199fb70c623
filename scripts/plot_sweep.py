#!/usr/bin/python3
"""Draws a sweep over two numbers as a heat map, over one as a line, as PNG and SVG.

    scripts/plot_sweep.py SWEEP [--metric val_accuracy] [-o FILE]

SWEEP is the folder of a sweep with its sweep.csv; several seeds of a trial are averaged. The pictures go to FILE.png and
FILE.svg, without -o to `sweep` in that folder.
"""
import argparse
import csv
from collections import defaultdict
from pathlib import Path
from statistics import mean

from plotting import COLOURS, quiet_frame, save  # first: it chooses matplotlib's back end
import matplotlib.pyplot as plt

BEFORE_PATHS, AFTER_PATHS = ["trial", "seed"], "status"  # sweep.csv: trial,seed,<path>…,status,…
METRICS = ["accuracy", "loss", "val_accuracy", "val_loss", "best_val_accuracy", "best_val_loss"]


def number_or_text(text):
    try:
        return float(text)
    except ValueError:
        return text


def read_sweep(folder, metric):
    """The swept paths, and the metric's mean over seeds by the tuple of swept values."""
    with open(folder / "sweep.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows:
        raise SystemExit(f"plot_sweep.py: error: {folder}/sweep.csv: no trial has finished")
    columns = list(rows[0])
    paths = columns[len(BEFORE_PATHS):columns.index(AFTER_PATHS)]
    values = defaultdict(list)
    for row in rows:
        if row[metric]:
            values[tuple(number_or_text(row[path]) for path in paths)].append(float(row[metric]))
    return paths, {key: mean(of_seeds) for key, of_seeds in values.items()}


def axis_of(values, position):
    return sorted({key[position] for key in values}, key=lambda value: (isinstance(value, str), value))


def short(path):
    return path.removeprefix("model.layers.")


def tick(value):
    return f"{value:g}" if isinstance(value, float) else value


def heat_map(axes, paths, values, metric):
    rows, columns = axis_of(values, 0), axis_of(values, 1)
    grid = [[values.get((row, column), float("nan")) for column in columns] for row in rows]
    image = axes.imshow(grid, cmap="viridis", aspect="auto")
    middle = (image.norm.vmin + image.norm.vmax) / 2
    for i, line in enumerate(grid):
        for j, value in enumerate(line):
            if value == value:  # not nan: a trial that is there
                axes.text(j, i, f"{value:.3f}", ha="center", va="center", color="white" if value < middle else "black")
    axes.set_xticks(range(len(columns)), [tick(value) for value in columns])
    axes.set_yticks(range(len(rows)), [tick(value) for value in rows])
    axes.set_xlabel(short(paths[1]))
    axes.set_ylabel(short(paths[0]))
    axes.figure.colorbar(image, ax=axes, label=metric)


def line(axes, paths, values, metric):
    xs = axis_of(values, 0)
    words = any(isinstance(x, str) for x in xs)
    axes.plot([tick(x) for x in xs] if words else xs, [values[(x,)] for x in xs], marker="o", color=COLOURS[0],
              linestyle="none" if words else "-")
    axes.set_xlabel(short(paths[0]))
    axes.set_ylabel(metric)
    quiet_frame(axes)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sweep", metavar="SWEEP", type=Path)
    parser.add_argument("--metric", choices=METRICS, default="val_accuracy")
    parser.add_argument("-o", dest="out", metavar="FILE", type=Path, help="a suffix .png or .svg is dropped")
    options = parser.parse_args()
    paths, values = read_sweep(options.sweep, options.metric)
    if len(paths) not in (1, 2):
        raise SystemExit(f"plot_sweep.py: error: {options.sweep}: {len(paths)} swept paths (expected one or two)")
    figure, axes = plt.subplots(figsize=(6, 4.2), layout="constrained")
    (heat_map if len(paths) == 2 else line)(axes, paths, values, options.metric)
    axes.set_title(options.sweep.resolve().name, fontsize=11)
    save(figure, options.out or options.sweep / "sweep")


if __name__ == "__main__":
    main()
