"""Every Part B config of both families, for three epochs on a small text set made here."""
import math
import random
from concurrent.futures import ThreadPoolExecutor

from nnrun_cli import CliTest, main, part_b_configs, rows, run, summary

# Words that belong to one class each, among words that all share.
SHARED = "the is a of in and was it's by an island's can't".split()
CLASSES = range(1, 15)


def text_of(label, draw):
    own = [f"w{label}{end}" for end in ("alpha", "beta", "gamma")]
    return " " + " ".join(draw.choice(SHARED + 2 * own) for _ in range(draw.randint(3, 30))).capitalize() + "."


def write_texts(path, per_class, seed):
    draw = random.Random(seed)
    lines = [f"{label},{text_of(label, draw)},dropped\n" for _ in range(per_class) for label in CLASSES]
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(lines))


class PartB(CliTest):
    def setUp(self):
        super().setUp()
        write_texts(self.folder / "text/train_medium.csv", per_class=12, seed=1)
        write_texts(self.folder / "text/test_medium.csv", per_class=2, seed=2)

    def three_epochs(self, config):
        out = self.folder / config.replace("/", "-")
        run("--config", config, "--data-dir", self.folder, "--out", out, "--device", "cpu", "--threads", "1",
            "--repeats", "1", "--set", "training.epochs=3", "--set", "data.ngram_buckets=1000", "--quiet")
        return out

    def test_three_epochs(self):
        configs = part_b_configs()
        self.assertGreater(len(configs), 35)
        with ThreadPoolExecutor(2) as pool:
            for config, out in zip(configs, pool.map(self.three_epochs, configs)):
                with self.subTest(config):
                    self.assertEqual(summary(out)["status"], "done")
                    table = [[float(value) for value in row.split(",")] for row in rows(out)]
                    self.assertEqual([row[0] for row in table], [0, 1, 2])
                    self.assertTrue(all(math.isfinite(value) for row in table for value in row))
                    self.assertAlmostEqual(table[0][2], math.log(15), delta=0.5)


if __name__ == "__main__":
    main()
