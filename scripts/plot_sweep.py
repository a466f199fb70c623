#!/usr/bin/python3
"""Draws a sweep over two values as a heat map, over any other number of them as a panel each, as PNG and SVG. Where two
values make no grid (a random sweep), each of their trials is a point coloured by the metric.

    scripts/plot_sweep.py SWEEP [--metric val_accuracy] [-o FILE]

SWEEP is the folder of a sweep with its sweep.csv. Several seeds of a trial are averaged, with their standard deviation; a
panel shows mean and standard deviation of all runs with a value. A run that diverged has none, and a trial with such a
seed no mean. The pictures go to FILE.png and FILE.svg, without -o to `sweep` in that folder.
"""
import argparse
import math
from collections import defaultdict
from pathlib import Path
from statistics import stdev

from plotting import COLOURS, DIVERGED, MISSING, fail, finite, mean, quiet_frame, read_sweep, reading, save, short  # first: the back end
import matplotlib.pyplot as plt
from matplotlib.ticker import LogLocator, NullFormatter

METRICS = ["val_accuracy", "val_loss", "accuracy", "loss", "best_val_accuracy", "best_val_loss"]
MOST_COLUMNS = 3  # of panels
FEW_LEVELS = 6    # of a number: each gets its tick
MOST_LEVELS = 15  # of a heat map's axis
LOGARITHMIC_FROM = 30  # the largest of a number's levels over the smallest


def number_or_text(text):
    try:
        return float(text)
    except ValueError:
        return text


def value_of(row, metric):
    """NaN where there is none: the row of a run that diverged is not worth its numbers."""
    return float(row[metric]) if row[metric] and row["status"] != DIVERGED else math.nan


def measured(folder, metric):
    """The swept paths, and the metric of every seed (NaN: none) by the tuple of swept values."""
    if not (folder / "sweep.csv").is_file():
        fail(f"{folder}: no sweep.csv", MISSING)
    values = defaultdict(list)
    with reading(folder / "sweep.csv"):
        paths, rows = read_sweep(folder)
        for swept, row in rows:
            values[tuple(map(number_or_text, swept))].append(value_of(row, metric))
    if not rows:
        fail(f"{folder}/sweep.csv: no trial has finished")
    if not paths:
        fail(f"{folder}/sweep.csv: nothing was swept (scripts/plot_curves.py draws repeats)")
    if not any(finite(of_seeds) for of_seeds in values.values()):
        fail(f"{folder}/sweep.csv: no trial has a {metric}")
    return paths, values


def axis_of(values, position):
    return sorted({key[position] for key in values}, key=lambda value: (isinstance(value, str), value))


def tick(value):
    return f"{value:g}" if isinstance(value, float) else value


def cell_text(of_seeds):
    spread = f"\n± {stdev(of_seeds):.2g}" if len(of_seeds) > 1 else ""
    return f"{mean(of_seeds):.3f}{spread}"


def colour_map(metric):
    return "viridis_r" if metric.endswith("loss") else "viridis"


def heat_map(axes, paths, values, metric):
    rows, columns = axis_of(values, 0), axis_of(values, 1)
    grid = [[mean(values.get((row, column), [])) for column in columns] for row in rows]
    lower_is_better = metric.endswith("loss")
    image = axes.imshow(grid, cmap=colour_map(metric), aspect="auto")
    middle = (image.norm.vmin + image.norm.vmax) / 2
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            if math.isfinite(grid[i][j]):
                dark = (grid[i][j] < middle) != lower_is_better
                axes.text(j, i, cell_text(values[row, column]), ha="center", va="center", fontsize=9,
                          color="white" if dark else "black")
    axes.set_xticks(range(len(columns)), [tick(value) for value in columns])
    axes.set_yticks(range(len(rows)), [tick(value) for value in rows])
    axes.set_xlabel(short(paths[1]))
    axes.set_ylabel(short(paths[0]))
    several = any(len(of_seeds) > 1 for of_seeds in values.values())
    axes.figure.colorbar(image, ax=axes, label=metric + (" (mean ± standard deviation over seeds)" if several else ""))


def scale(axes, axis, levels):
    """Where each level stands on `axis` ("x" or "y") of `axes`, which becomes one of words, a linear or a logarithmic one."""
    ticks = getattr(axes, f"{axis}axis")
    if any(isinstance(level, str) for level in levels):
        ticks.set_ticks(range(len(levels)), [tick(level) for level in levels])
        return {level: place for place, level in enumerate(levels)}
    if levels[0] > 0 and levels[-1] / levels[0] >= LOGARITHMIC_FROM:
        axes.set(**{f"{axis}scale": "log"})
        ticks.set_major_locator(LogLocator(subs=(1, 2, 5) if levels[-1] / levels[0] < 200 else (1,)))
        ticks.set_major_formatter(lambda value, _: tick(value))
        ticks.set_minor_formatter(NullFormatter())
    return {level: level for level in levels}


def points(axes, paths, values, metric):
    across, up = scale(axes, "x", axis_of(values, 1)), scale(axes, "y", axis_of(values, 0))
    dots = axes.scatter([across[key[1]] for key in values], [up[key[0]] for key in values], c=[mean(of_seeds) for of_seeds in values.values()], cmap=colour_map(metric), s=45,
                        edgecolors="0.3", linewidths=0.5)
    axes.set_xlabel(short(paths[1]))
    axes.set_ylabel(short(paths[0]))
    quiet_frame(axes)
    axes.figure.colorbar(dots, ax=axes, label=metric)


def effect(axes, paths, position, values):
    """Mean and standard deviation of all runs with a value at each level of one path."""
    levels = axis_of(values, position)
    at = [finite(value for key, of_seeds in values.items() if key[position] == level for value in of_seeds)
          for level in levels]
    words, places = any(isinstance(level, str) for level in levels), scale(axes, "x", levels)
    axes.errorbar([places[level] for level in levels], [mean(each) for each in at],
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
        line[0].set_ylabel(f"{metric} (mean ± sd)")
    return figure


def draw(paths, values, metric):
    if len(paths) != 2:
        return panels(paths, values, metric)
    rows, columns = len(axis_of(values, 0)), len(axis_of(values, 1))
    grid = max(rows, columns) <= MOST_LEVELS and 2 * len(values) >= rows * columns
    size = (max(6, 1.6 + 0.85 * columns), max(4.2, 1.4 + 0.5 * rows)) if grid else (6.4, 4.8)
    figure, axes = plt.subplots(figsize=size, layout="constrained")
    (heat_map if grid else points)(axes, paths, values, metric)
    return figure


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sweep", metavar="SWEEP", type=Path)
    parser.add_argument("--metric", choices=METRICS, default="val_accuracy")
    parser.add_argument("-o", dest="out", metavar="FILE", type=Path, help="a suffix .png or .svg is dropped")
    options = parser.parse_args()
    figure = draw(*measured(options.sweep, options.metric), options.metric)
    figure.suptitle(options.sweep.resolve().name, fontsize=11)
    save(figure, options.out or options.sweep / "sweep")


if __name__ == "__main__":
    main()
