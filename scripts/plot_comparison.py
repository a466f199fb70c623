#!/usr/bin/python3
"""Draws how configurations end: the last value of a metric and the training time of each, as PNG and SVG.

    scripts/plot_comparison.py RUN… [--metric val_accuracy] [-o FILE]

A RUN is a run directory, or the folder of a sweep or of repeats. A dot is a run, the bar the mean over seeds. The pictures
go to FILE.png and FILE.svg, without -o to `comparison` in the working directory.
"""
import argparse
import math
from pathlib import Path
from statistics import fmean

from plotting import COLOURS, groups_of, quiet_frame, read_columns, save  # first: it chooses matplotlib's back end
import matplotlib.pyplot as plt
from matplotlib.ticker import PercentFormatter

METRICS = ["val_accuracy", "val_loss", "accuracy", "loss"]
CLOCKS = ["train_seconds", "val_seconds", "checkpoint_seconds"]


def seconds_of(run):
    file = run["folder"] / "timing.csv"
    times = read_columns(file, CLOCKS) if file.is_file() else {}
    return sum(sum(times[clock]) for clock in CLOCKS) if times else math.nan


def bars(axes, values, colour):
    """`values`: of each configuration those of its runs."""
    means = [fmean(finite) if (finite := [value for value in each if math.isfinite(value)]) else 0 for each in values]
    axes.barh(range(len(values)), means, color=colour, alpha=0.35, height=0.62)
    for place, each in enumerate(values):
        axes.plot(each, [place] * len(each), "o", color=colour, markersize=4)
        text = f"{means[place]:.4g}" if any(map(math.isfinite, each)) else "no finite value"
        axes.annotate(text, (max([means[place], *filter(math.isfinite, each)]), place), xytext=(6, 0),
                      textcoords="offset points", va="center", fontsize=8)
    axes.margins(x=0.16)
    axes.set_xlim(left=0)
    quiet_frame(axes)


def plot(groups, metric, out):
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 1.3 + 0.36 * len(groups)), layout="constrained", sharey=True,
                                         width_ratios=[3, 2])
    bars(left, [[run[metric][-1] for run in group.runs] for group in groups], COLOURS[0])
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
