#!/usr/bin/python3
"""Draws cost and accuracy against epochs, train and test, of one or more runs as PNG and SVG.

    scripts/plot_curves.py RUN… [-o FILE]

A RUN is a run directory, or the folder of a sweep or of repeats (all its runs are drawn). The pictures go to FILE.png
and FILE.svg; without -o to `curves` in the run directory, or in the working directory when there are several runs.
"""
import argparse
import csv
import json
from pathlib import Path

from plotting import COLOURS, quiet_frame, save  # first: it chooses matplotlib's back end
import matplotlib.pyplot as plt
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

PANELS = [("loss", "cost (mean cross-entropy)"), ("accuracy", "accuracy")]
TRAIN, TEST = {"linestyle": "-", "linewidth": 1.4}, {"linestyle": "--", "linewidth": 1.4}
MARKED_UP_TO = 40  # epochs: longer curves need no markers


def runs_below(folder):
    """The run directories that `folder` stands for: itself, or those below it."""
    if (folder / "metrics.csv").is_file():
        return [folder]
    found = sorted(path.parent for path in folder.glob("**/metrics.csv"))
    if not found:
        raise SystemExit(f"plot_curves.py: error: {folder}: no metrics.csv here or below")
    return found


def read_metrics(run):
    with open(run / "metrics.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: [float(row[name]) for row in rows] for name in (rows[0] if rows else [])}


def label_of(run, given):
    try:
        name = json.loads((given / "config.json").read_text())["name"]
    except (OSError, ValueError, KeyError):
        name = given.resolve().name
    return name if run == given else f"{name} {run.relative_to(given)}"


def draw(axes, metrics, colour):
    marker = "o" if len(metrics["epoch"]) <= MARKED_UP_TO else None
    for panel, (name, _) in zip(axes, PANELS):
        panel.plot(metrics["epoch"], metrics[name], color=colour, marker=marker, markersize=3, **TRAIN)
        panel.plot(metrics["epoch"], metrics["val_" + name], color=colour, marker=marker, markersize=3,
                   markerfacecolor="white", **TEST)


def decorate(figure, axes, labels, colours):
    for panel, (name, label) in zip(axes, PANELS):
        panel.set_xlabel("epoch")
        panel.set_ylabel(label)
        quiet_frame(panel)
        panel.xaxis.get_major_locator().set_params(integer=True)
        if name == "accuracy":
            panel.yaxis.set_major_formatter(PercentFormatter(xmax=1, decimals=0))
            panel.set_ylim(bottom=0)
    axes[0].legend(handles=[Line2D([], [], color="0.25", label="train", **TRAIN),
                            Line2D([], [], color="0.25", label="test", **TEST)], frameon=False)
    if len(labels) == 1:
        figure.suptitle(labels[0], fontsize=11)
    else:
        handles = [Line2D([], [], color=colour, linewidth=2, label=label) for label, colour in zip(labels, colours)]
        figure.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, 0), ncol=3, frameon=False, fontsize=8)


def colours_for(count):
    if count <= len(COLOURS):
        return COLOURS[:count]
    return [plt.get_cmap("viridis")(0.95 * index / (count - 1)) for index in range(count)]


def plot(runs, out):
    """`runs`: (label, metrics) pairs."""
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    colours = colours_for(len(runs))
    for (_, metrics), colour in zip(runs, colours):
        draw(axes, metrics, colour)
    decorate(figure, axes, [label for label, _ in runs], colours)
    save(figure, out)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", metavar="RUN", nargs="+", type=Path)
    parser.add_argument("-o", dest="out", metavar="FILE", type=Path, help="a suffix .png or .svg is dropped")
    options = parser.parse_args()
    runs = [(label_of(run, given), read_metrics(run)) for given in options.runs for run in runs_below(given)]
    runs = [(label, metrics) for label, metrics in runs if metrics]
    if not runs:
        raise SystemExit("plot_curves.py: error: no run has finished an epoch")
    default = options.runs[0] / "curves" if len(options.runs) == 1 else Path("curves")
    plot(runs, options.out or default)


if __name__ == "__main__":
    main()
