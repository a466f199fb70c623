"""The real TensorBoard reads the event files; it is installed below the build folder on first use."""
import subprocess
import sys
from pathlib import Path

from nnrun_cli import NNRUN, CliTest, has_engine, rows, tiny
import unittest

PLACE = NNRUN.parent.parent / "python-tensorboard"
READ = """
import sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0})
events.Reload()
for tag in sorted(events.Tags()["scalars"]):
    for event in events.Scalars(tag):
        print(tag, event.step, repr(event.value))
"""


def find_tensorboard():
    """A Python that has the package, or None."""
    own = PLACE / "bin/python"
    for python in (own, Path(sys.executable)):
        if python.exists() and subprocess.run([python, "-c", "import tensorboard"], capture_output=True).returncode == 0:
            return python
    made = subprocess.run([sys.executable, "-m", "venv", PLACE]).returncode == 0 and \
        subprocess.run([own, "-m", "pip", "install", "-q", "tensorboard"]).returncode == 0
    return own if made else None


class TensorBoard(CliTest):
    def test_reads_every_step_of_every_tag(self):
        self.train(config=tiny(output__tensorboard=True, training__epochs=6))
        text = subprocess.run([find_tensorboard(), "-c", READ, self.folder / "run"], check=True, capture_output=True, text=True).stdout
        found = {}
        for line in text.splitlines():
            tag, step, value = line.split()
            found.setdefault(tag, []).append((int(step), float(value)))
        self.assertEqual(sorted(found), ["accuracy", "learning_rate", "loss", "val_accuracy", "val_loss"])
        columns = ("epoch", "accuracy", "loss", "val_accuracy", "val_loss")
        for epoch, row in enumerate(rows(self.folder / "run")):
            for tag, value in list(zip(columns, row.split(",")))[1:]:
                self.assertEqual(found[tag][epoch][0], epoch)
                self.assertAlmostEqual(found[tag][epoch][1], float(value), places=6)
        self.assertEqual({len(values) for values in found.values()}, {6})


if __name__ == "__main__":
    if not has_engine():
        sys.exit(77)
    if find_tensorboard() is None:
        print("skipped: no tensorboard package, and it cannot be installed")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1])
