#!/usr/bin/python3
"""Draws a sweep over two values as a heat map, over any other number of them as a panel each, as PNG and SVG.

    scripts/plot_sweep.py SWEEP [--metric val_accuracy] [-o FILE]

SWEEP is the folder of a sweep with its sweep.csv. Several seeds of a trial are averaged, with their standard deviation; a
panel shows mean and standard deviation of all trials with a value. The pictures go to FILE.png and FILE.svg, without -o
to `sweep` in that folder.
"""
import argparse
import math
from collections import defaultdict
from pathlib import Path
from statistics import fmean, stdev

from plotting import COLOURS, fail, quiet_frame, read_csv, save, short, swept_paths  # first: it chooses matplotlib's back end
import matplotlib.pyplot as plt

METRICS = ["val_accuracy", "val_loss", "accuracy", "loss", "best_val_accuracy", "best_val_loss"]
MOST_COLUMNS = 3  # of panels
FEW_LEVELS = 6    # of a number: each gets its tick


def number_or_text(text):
    try:
        return float(text)
    except ValueError:
        return text


def read_sweep(folder, metric):
    """The swept paths, and the metric of every seed by the tuple of swept values."""
    if not (folder / "sweep.csv").is_file():
        fail(f"{folder}: no sweep.csv")
    rows = read_csv(folder / "sweep.csv")
    if not rows:
        fail(f"{folder}/sweep.csv: no trial has finished")
    paths, values = swept_paths(rows), defaultdict(list)
    for row in rows:
        if row[metric] and math.isfinite(float(row[metric])):
            values[tuple(number_or_text(row[path]) for path in paths)].append(float(row[metric]))
    if not paths:
        fail(f"{folder}/sweep.csv: nothing was swept (scripts/plot_curves.py draws repeats)")
    if not values:
        fail(f"{folder}/sweep.csv: no trial has a {metric}")
    return paths, values


def axis_of(values, position):
    return sorted({key[position] for key in values}, key=lambda value: (isinstance(value, str), value))


def tick(value):
    return f"{value:g}" if isinstance(value, float) else value


def cell_text(of_seeds):
    spread = f"\n± {stdev(of_seeds):.2g}" if len(of_seeds) > 1 else ""
    return f"{fmean(of_seeds):.3f}{spread}"


def heat_map(axes, paths, values, metric):
    rows, columns = axis_of(values, 0), axis_of(values, 1)
    grid = [[fmean(values.get((row, column), [math.nan])) for column in columns] for row in rows]
    lower_is_better = metric.endswith("loss")
    image = axes.imshow(grid, cmap="viridis_r" if lower_is_better else "viridis", aspect="auto")
    middle = (image.norm.vmin + image.norm.vmax) / 2
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            if (row, column) in values:
                dark = (grid[i][j] < middle) != lower_is_better
                axes.text(j, i, cell_text(values[row, column]), ha="center", va="center", fontsize=9,
                          color="white" if dark else "black")
    axes.set_xticks(range(len(columns)), [tick(value) for value in columns])
    axes.set_yticks(range(len(rows)), [tick(value) for value in rows])
    axes.set_xlabel(short(paths[1]))
    axes.set_ylabel(short(paths[0]))
    axes.figure.colorbar(image, ax=axes, label=metric)


def effect(axes, paths, position, values):
    """Mean and standard deviation of all trials at each level of one path."""
    levels = axis_of(values, position)
    at = [[value for key, of_seeds in values.items() if key[position] == level for value in of_seeds] for level in levels]
    words = any(isinstance(level, str) for level in levels)
    axes.errorbar([tick(level) for level in levels] if words else levels, [fmean(each) for each in at],
                  yerr=[stdev(each) if len(each) > 1 else 0 for each in at], marker="o", capsize=3, color=COLOURS[0],
                  linestyle="none" if words else "-")
    if not words and len(levels) <= FEW_LEVELS:
        axes.set_xticks(levels, [tick(level) for level in levels])
    axes.set_xlabel(short(paths[position]))
    quiet_frame(axes)


def panels(paths, values, metric):
    columns = min(len(paths), MOST_COLUMNS)
    rows = math.ceil(len(paths) / columns)
    figure, grid = plt.subplots(rows, columns, figsize=(1.5 + 3.2 * columns, 3.4 * rows), layout="constrained", sharey=True,
                                squeeze=False)
    for position, axes in enumerate(grid.flat):
        if position < len(paths):
            effect(axes, paths, position, values)
        else:
            axes.remove()
    for line in grid:
        line[0].set_ylabel(metric)
    return figure


def draw(paths, values, metric):
    if len(paths) != 2:
        return panels(paths, values, metric)
    width = max(6, 1.6 + 0.85 * len(axis_of(values, 1)))
    height = max(4.2, 1.4 + 0.5 * len(axis_of(values, 0)))
    figure, axes = plt.subplots(figsize=(width, height), layout="constrained")
    heat_map(axes, paths, values, metric)
    return figure


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sweep", metavar="SWEEP", type=Path)
    parser.add_argument("--metric", choices=METRICS, default="val_accuracy")
    parser.add_argument("-o", dest="out", metavar="FILE", type=Path, help="a suffix .png or .svg is dropped")
    options = parser.parse_args()
    figure = draw(*read_sweep(options.sweep, options.metric), options.metric)
    figure.suptitle(options.sweep.resolve().name, fontsize=11)
    save(figure, options.out or options.sweep / "sweep")


if __name__ == "__main__":
    main()
