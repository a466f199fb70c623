"""Every Part B config of both families, for two epochs on the real texts."""
import math
import os
import sys
from pathlib import Path

from nnrun_cli import REPOSITORY, CliTest, main, part_b_configs, rows, run, summary

DATA = Path(os.environ.get("NNRUN_DATA", REPOSITORY / "data"))


class PartB(CliTest):
    def two_epochs(self, config):
        out = self.folder / "run"
        run("--config", config, "--data-dir", DATA, "--out", out, "--device", "cpu", "--repeats", "1",
            "--set", "training.epochs=2", "--quiet", "--overwrite")
        return out

    def test_two_epochs(self):
        for config in part_b_configs():
            with self.subTest(config):
                out = self.two_epochs(config)
                self.assertEqual(summary(out)["status"], "done")
                first, last = ([float(value) for value in row.split(",")] for row in rows(out))
                self.assertTrue(all(math.isfinite(value) for value in first + last))
                self.assertLess(first[2], math.log(15) + 0.1)  # a start above chance would hint at a wrong initialiser
                self.assertLess(last[2], first[2] + 0.02)  # the linear cell and the slow CNNs hardly move


if __name__ == "__main__":
    if not (DATA / "text/train_medium.csv").exists():
        print(f"skipped: {DATA} holds no text/train_medium.csv (scripts/fetch_data.sh fetches it)")
        sys.exit(77)
    main()
