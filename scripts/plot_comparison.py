#!/usr/bin/python3
"""Draws how configurations end: the last value of a metric and the training time of each, as PNG and SVG.

    scripts/plot_comparison.py RUN… [--metric val_accuracy] [-o FILE]

A RUN is a run directory, or the folder of a sweep or of repeats. A dot is a run, the bar the mean over seeds; a run that
diverged has no value, and a configuration with such a seed no mean. The pictures go to FILE.png and FILE.svg, without -o
to `comparison` in the working directory.
"""
import argparse
import math
from pathlib import Path

from plotting import COLOURS, DIVERGED, finite, groups_of, mean, of_json, quiet_frame, read_columns, save  # first: the back end
import matplotlib.pyplot as plt
from matplotlib.ticker import PercentFormatter

METRICS = ["val_accuracy", "val_loss", "accuracy", "loss"]
CLOCKS = ["train_seconds", "val_seconds", "checkpoint_seconds"]


def seconds_of(run):
    file = run["folder"] / "timing.csv"
    times = read_columns(file, CLOCKS) if file.is_file() else {}
    return sum(sum(times[clock]) for clock in CLOCKS) if times else math.nan


def last_value(run, metric):
    """NaN of a run that diverged: the weights it ended with are not worth its last row."""
    diverged = of_json(run["folder"] / "summary.json", "status") == DIVERGED
    return math.nan if diverged else run[metric][-1]


def mean_text(values):
    missing = len(values) - len(finite(values))
    return f"{missing} of {len(values)} without a value" if missing else f"{mean(values):.4g}"


def bars(axes, values, colour):
    """`values`: of each configuration those of its runs."""
    axes.barh(range(len(values)), [mean(each) for each in values], color=colour, alpha=0.35, height=0.62)
    for place, each in enumerate(values):
        axes.plot(each, [place] * len(each), "o", color=colour, markersize=4)
        axes.annotate(mean_text(each), (max([0, *finite(each)]), place), xytext=(6, 0),
                      textcoords="offset points", va="center", fontsize=8)
    axes.margins(x=0.16)
    axes.set_xlim(left=0)
    quiet_frame(axes)


def plot(groups, metric, out):
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 1.3 + 0.36 * len(groups)), layout="constrained", sharey=True,
                                         width_ratios=[3, 2])
    bars(left, [[last_value(run, metric) for run in group.runs] for group in groups], COLOURS[0])
    bars(right, [[seconds_of(run) for run in group.runs] for group in groups], COLOURS[1])
    left.set_yticks(range(len(groups)), [group.label for group in groups], fontsize=8)
    left.invert_yaxis()
    left.set_xlabel(f"{metric} of the last epoch")
    right.set_xlabel("seconds")
    if metric.endswith("accuracy"):
        left.xaxis.set_major_formatter(PercentFormatter(xmax=1, decimals=0))
    save(figure, out)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", metavar="RUN", nargs="+", type=Path)
    parser.add_argument("--metric", choices=METRICS, default="val_accuracy")
    parser.add_argument("-o", dest="out", metavar="FILE", type=Path, help="a suffix .png or .svg is dropped")
    options = parser.parse_args()
    groups = groups_of(options.runs)
    plot(groups, options.metric, options.out or Path("comparison"))


if __name__ == "__main__":
    main()
