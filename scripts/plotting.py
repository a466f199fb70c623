"""What the plot scripts share: back end, colours, runs by configuration, and how a picture is saved."""
import csv
import json
import math
import re
import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean

MISSING, CONTENT = 5, 2  # exit codes, those of nnrun: a file, a permission or a library; what a file says


def fail(message, code=CONTENT):
    print(f"{Path(sys.argv[0]).name}: error: {message}", file=sys.stderr)
    raise SystemExit(code)


try:
    import matplotlib
except ImportError:
    fail(f"{sys.executable} has no matplotlib; /usr/bin/python3 has it after scripts/setup", MISSING)

matplotlib.use("agg")
matplotlib.rcParams["svg.hashsalt"] = "nnrun"  # the same numbers give the same file
matplotlib.rcParams["text.parse_math"] = False  # a name may have a $

# Okabe and Ito's colours: told apart by the colour-blind too.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
COLUMNS = ["epoch", "accuracy", "loss", "val_accuracy", "val_loss"]  # of metrics.csv
BEFORE_PATHS, AFTER_PATHS = 2, "status"  # sweep.csv: trial,seed,<path>…,status,…
DIVERGED = "diverged"  # a status


@dataclass
class Group:
    """Runs that differ in their seed alone."""
    label: str
    folder: Path
    runs: list = field(default_factory=list)  # of each its columns by name

    def epochs(self):
        return max((run["epoch"] for run in self.runs), key=len)

    def curves(self, column):
        """Of each run with a value: all up to its last finite one."""
        ends = [max((i + 1 for i, value in enumerate(run[column]) if math.isfinite(value)), default=0) for run in self.runs]
        return [run[column][:end] for run, end in zip(self.runs, ends) if end > 0]

    def band(self, column):
        """The epochs that no run ended before, and over the runs: lowest, mean and highest value at each. The mean of those
        that go on would be one of the lucky."""
        at = [values if all(map(math.isfinite, values)) else [math.nan] for values in zip(*self.curves(column))]
        return self.epochs()[:len(at)], [min(v) for v in at], [fmean(v) for v in at], [max(v) for v in at]

    def rests(self, column):
        """(epochs, values) of each run that goes on, from the end of the band."""
        curves = self.curves(column)
        end = min(map(len, curves), default=0)
        return [(self.epochs()[end - 1:len(curve)], curve[end - 1:]) for curve in curves if len(curve) > end]


@contextmanager
def reading(file):
    """Tells of `file` what goes wrong in it."""
    try:
        yield
    except OSError as error:
        fail(f"{file}: {error.strerror}", MISSING)
    except (ValueError, LookupError, csv.Error):
        fail(f"{file}: not a table of nnrun: a column is missing or has no number")


def read_rows(file):
    """The header and the rows."""
    with open(file, newline="") as text:
        return [row for row in csv.reader(text) if row] or [[]]


def read_columns(file, names):
    """{column: numbers} of a CSV; empty when it has no row."""
    with reading(file):
        header, *rows = read_rows(file)
        places = [(name, header.index(name)) for name in names if header]
        return {name: [float(row[place]) for row in rows] for name, place in places if rows}


def short(path):
    return re.sub(r"^(model\.layers|optimizer|training|data)\.", "", path)


def read_sweep(folder):
    """The swept paths of its sweep.csv, and for every row the swept values and all columns by name. A path may be called
    `seed`, like the column before it: paths go by their places."""
    header, *rows = read_rows(folder / "sweep.csv")
    swept = slice(BEFORE_PATHS, header.index(AFTER_PATHS))
    return header[swept], [(row[swept], dict(zip(header, row))) for row in rows]


def trial_labels(folder):
    """{"trial-0003": "C1.filters 8, C2.filters 4"} of a sweep; empty for anything else."""
    if not (folder / "sweep.csv").is_file():
        return {}
    with reading(folder / "sweep.csv"):
        paths, rows = read_sweep(folder)
        return {f"trial-{int(row['trial']):04}": ", ".join(f"{short(path)} {value}" for path, value in zip(paths, values))
                for values, row in rows if paths}


def finite(values):
    return [value for value in values if math.isfinite(value)]


def mean(values):
    """NaN of none."""
    return fmean(values) if values else math.nan


def of_json(file, *keys):
    """A value of a file such as config.json or summary.json; None where there is none."""
    try:
        value = json.loads(file.read_text())
        for key in keys:
            value = value[key]
        return value
    except (OSError, ValueError, KeyError, TypeError):
        return None


def name_of(folder):
    return of_json(folder / "config.json", "name") or folder.resolve().name


def validated_on(groups):
    """Which split the columns val_… are about: nnrun measures on the test split unless it keeps a part of the training set."""
    kept = {of_json(run["folder"] / "config.json", "data", "validation_fraction") is not None
            for group in groups for run in group.runs}
    return {(False,): "test", (True,): "validation"}.get(tuple(kept), "validation or test")


def label_of(folder, given, labels, run):
    """What a configuration's folder at or below `given` is called: by what was swept, or by name."""
    below = "" if folder == given else str(folder.relative_to(given))
    if below in labels:
        return labels[below]
    if below and not (given / "config.json").is_file():
        return name_of(run)
    return f"{name_of(given)} {below}".strip()


def groups_below(given):
    """The runs that a folder stands for (itself, or those below it) by configuration; those without an epoch are left out."""
    files = [given / "metrics.csv"] if (given / "metrics.csv").is_file() else sorted(given.glob("**/metrics.csv"))
    if not files:
        fail(f"{given}: no metrics.csv here or below", MISSING)
    labels, groups = trial_labels(given), {}
    for file in files:
        columns = read_columns(file, COLUMNS)
        seeded = file.parent != given and re.fullmatch(r"seed-\d+", file.parent.name)
        folder = file.parent.parent if seeded else file.parent
        if columns:
            if folder not in groups:
                groups[folder] = Group(label_of(folder, given, labels, file.parent), folder)
            groups[folder].runs.append({**columns, "folder": file.parent})
    if not groups:
        fail(f"{given}: no run has finished an epoch")
    return list(groups.values())


def groups_of(paths):
    """The configurations at or below all of `paths`; those of one name go by their folders, too."""
    groups = [group for path in paths for group in groups_below(path)]
    times = Counter(group.label for group in groups)
    for group in groups:
        if times[group.label] > 1:
            group.label += f" ({group.folder})"
    return groups


def quiet_frame(axes):
    axes.grid(alpha=0.25, linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)


def save(figure, out):
    """Writes `out`.png and `out`.svg (a suffix of `out` that says either is dropped) and prints their paths."""
    stem = out.with_suffix("") if out.suffix in (".png", ".svg") else out
    for suffix, options in (("png", {"dpi": 150}), ("svg", {"metadata": {"Date": None}})):
        try:
            figure.savefig(f"{stem}.{suffix}", bbox_inches="tight", **options)
        except OSError as error:
            fail(f"{stem}.{suffix} cannot be written: {error.strerror}", MISSING)
        print(f"{stem}.{suffix}")
