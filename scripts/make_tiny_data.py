#!/usr/bin/env python3
"""Cuts data/tiny-cifar10 out of the full CIFAR-10: the first N images of each class, file order kept.

    scripts/make_tiny_data.py FOLDER_OF_CIFAR10 [OUT]      (OUT: data/tiny-cifar10)
"""
import sys
from collections import Counter
from pathlib import Path

RECORD = 1 + 3 * 32 * 32  # label, then red, green, blue planes
CLASSES = "airplane automobile bird cat deer dog frog horse ship truck".split()
PER_CLASS = {"data_batch_1.bin": 50, "test_batch.bin": 20}


def first_of_each_class(data, per_class):
    taken, kept = Counter(), []
    for start in range(0, len(data), RECORD):
        label = data[start]
        if taken[label] < per_class:
            taken[label] += 1
            kept.append(data[start:start + RECORD])
    assert taken == {label: per_class for label in range(len(CLASSES))}, taken
    return b"".join(kept)


def main(source, out):
    out.mkdir(parents=True, exist_ok=True)
    for name, per_class in PER_CLASS.items():
        (out / name).write_bytes(first_of_each_class((source / name).read_bytes(), per_class))
    (out / "batches.meta.txt").write_text("\n".join(CLASSES) + "\n")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    default = Path(__file__).resolve().parent.parent / "data/tiny-cifar10"
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) == 3 else default)
