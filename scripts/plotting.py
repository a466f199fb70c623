"""What the plot scripts share: back end, colours, and how a picture is saved."""
import matplotlib

matplotlib.use("agg")
matplotlib.rcParams["svg.hashsalt"] = "nnrun"  # the same numbers give the same file

# Okabe and Ito's colours: told apart by the colour-blind too.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]


def quiet_frame(axes):
    axes.grid(alpha=0.25, linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)


def save(figure, out):
    """Writes `out`.png and `out`.svg (a suffix of `out` that says either is dropped) and prints their paths."""
    stem = out.with_suffix("") if out.suffix in (".png", ".svg") else out
    for suffix, options in (("png", {"dpi": 150}), ("svg", {"metadata": {"Date": None}})):
        figure.savefig(f"{stem}.{suffix}", bbox_inches="tight", **options)
        print(f"{stem}.{suffix}")
