#!/usr/bin/python3
"""Draws cost and accuracy against epochs, train and test (or validation), of one or more runs as PNG and SVG.

    scripts/plot_curves.py RUN… [-o FILE]

A RUN is a run directory, or the folder of a sweep or of repeats (all its runs are drawn). Runs that differ in their seed
alone are one line, their mean, in a band from the lowest to the highest; where the first of them ends, thin lines go on
with the others. The pictures go to FILE.png and FILE.svg; without -o to `curves` in the run directory, or in the working
directory when there are several.
"""
import argparse
from pathlib import Path

from plotting import COLOURS, Group, groups_of, quiet_frame, save, validated_on  # first: it chooses matplotlib's back end
import matplotlib.pyplot as plt
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

PANELS = [("loss", "cost (mean cross-entropy)"), ("accuracy", "accuracy")]
TRAIN, TEST = {"linestyle": "-", "linewidth": 1.4}, {"linestyle": "--", "linewidth": 1.4}
THIN = 0.6
MARKED_UP_TO = 40  # epochs: longer curves need no markers


def draw(axes, group: Group, colour):
    marker = "o" if len(group.epochs()) <= MARKED_UP_TO else None
    for panel, (name, _) in zip(axes, PANELS):
        for column, style, face in ((name, TRAIN, colour), ("val_" + name, TEST, "white")):
            epochs, low, mean, high = group.band(column)
            panel.plot(epochs, mean, color=colour, marker=marker, markersize=3, markerfacecolor=face, **style)
            if len(group.runs) > 1:
                panel.fill_between(epochs, low, high, color=colour, alpha=0.15, linewidth=0)
            for further, values in group.rests(column):
                panel.plot(further, values, color=colour, **{**style, "linewidth": THIN})


def decorate(figure, axes, labels, colours, validated):
    for panel, (name, label) in zip(axes, PANELS):
        panel.set_xlabel("epoch")
        panel.set_ylabel(label)
        quiet_frame(panel)
        panel.xaxis.get_major_locator().set_params(integer=True)
        if name == "accuracy":
            panel.yaxis.set_major_formatter(PercentFormatter(xmax=1, decimals=0))
            panel.set_ylim(bottom=0)
    axes[0].legend(handles=[Line2D([], [], color="0.25", label="train", **TRAIN),
                            Line2D([], [], color="0.25", label=validated, **TEST)], frameon=False)
    if len(labels) == 1:
        figure.suptitle(labels[0], fontsize=11)
    else:
        handles = [Line2D([], [], color=colour, linewidth=2, label=label) for label, colour in zip(labels, colours)]
        figure.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, 0), ncol=3, frameon=False, fontsize=8)


def colours_for(count):
    if count <= len(COLOURS):
        return COLOURS[:count]
    return [plt.get_cmap("viridis")(0.95 * index / (count - 1)) for index in range(count)]


def plot(groups, out):
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    colours = colours_for(len(groups))
    for group, colour in zip(groups, colours):
        draw(axes, group, colour)
    decorate(figure, axes, [group.label for group in groups], colours, validated_on(groups))
    save(figure, out)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", metavar="RUN", nargs="+", type=Path)
    parser.add_argument("-o", dest="out", metavar="FILE", type=Path, help="a suffix .png or .svg is dropped")
    options = parser.parse_args()
    groups = groups_of(options.runs)
    default = options.runs[0] / "curves" if len(options.runs) == 1 else Path("curves")
    plot(groups, options.out or default)


if __name__ == "__main__":
    main()
