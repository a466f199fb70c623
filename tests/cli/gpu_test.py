"""Runs on a GPU: near the CPU's numbers, the same bytes again, after a stop and after running out of memory. Skipped without."""
import json
import signal
import sys

from nnrun_cli import REPOSITORY, CliTest, environment, has_engine, main, run, sha256, summary, tiny
from sweep_test import check_same_studies, sweep

GPU = ("--device", "cuda")
# 2^14 feature maps of 256 x 256 for each of 64 images: 275 GB.
TOO_LARGE = {"data": {"type": "synthetic_images", "classes": 3, "shape": [3, 256, 256], "train": 64, "test": 8},
             "model": {"layers": [{"name": "C1", "type": "conv2d", "filters": 16384, "kernel": 1},
                                  {"name": "G", "type": "global_avg_pool"}, {"name": "F", "type": "dense", "units": 3}]},
             "optimizer": {"type": "sgd"}, "training": {"batch_size": 64}}


def has_gpu():
    return has_engine() and "cuda:0" in json.loads(run("doctor", "--json").stdout)


class Gpu(CliTest):
    def tearDown(self):
        """A run that cannot record its steps gives the same numbers, only later."""
        for log in self.folder.rglob("log.jsonl"):
            self.assertNotIn("cannot be recorded", log.read_text(), log)
            self.assertNotIn("cannot share", log.read_text(), log)

    def metrics(self, folder):
        lines = (self.folder / folder / "metrics.csv").read_text().splitlines()[1:]
        return [[float(value) for value in line.split(",")] for line in lines]

    def check_same(self, one, other):
        self.assertEqual(sha256(self.folder / one / "metrics.csv"), sha256(self.folder / other / "metrics.csv"))
        self.assertEqual(summary(self.folder / one)["weights_sha256"], summary(self.folder / other)["weights_sha256"])

    def test_near_the_cpu(self):
        config = tiny(training__deterministic=True)
        self.train("gpu", *GPU, config=config)
        self.train("cpu", config=config)
        self.assertTrue(summary(self.folder / "gpu")["device"].startswith("cuda:0 ("))
        for mine, theirs in zip(self.metrics("gpu"), self.metrics("cpu"), strict=True):
            self.assertAlmostEqual(mine[2], theirs[2], delta=1e-3)
            self.assertAlmostEqual(mine[4], theirs[4], delta=1e-3)

    def test_same_bytes_again(self):
        self.train("one", *GPU)
        self.train("other", *GPU)
        self.check_same("one", "other")
        run("verify", self.folder / "one", "--rerun", *GPU)

    def test_stopped_and_resumed(self):
        config = self.config(tiny(training__epochs=400))
        self.train("straight", *GPU, config=config)
        process = self.start("--config", config, "--out", self.folder / "run", *GPU)
        self.wait_for_epochs(process, 1)
        process.send_signal(signal.SIGTERM)
        process.communicate()
        self.assertEqual(process.returncode, 143)
        self.train("run", *GPU, config=config)
        self.check_same("run", "straight")

    def test_out_of_memory(self):
        path = self.config(TOO_LARGE, name="large.json")
        error = self.train("large", *GPU, config=path, code=6).stderr
        self.assertIn("out of memory", error.lower())

    def test_out_of_memory_in_mid_run(self):
        # Enough for the weights, too little for what the first product takes: the failure is inside an epoch.
        starved = environment(PYTORCH_CUDA_ALLOC_CONF="per_process_memory_fraction:0.0001")
        self.train("straight", *GPU, config=tiny(training__epochs=6))
        self.train("run", *GPU, config=tiny(training__epochs=3))
        longer = self.config(tiny(training__epochs=6))
        checkpoint = sha256(self.folder / "run/last.nnr")
        error = self.train("run", *GPU, config=longer, code=6, env=starved).stderr
        self.assertIn("out of memory", error.lower())
        self.assertEqual(sha256(self.folder / "run/last.nnr"), checkpoint)
        run("verify", self.folder / "run")
        self.train("run", *GPU, config=longer)
        self.check_same("run", "straight")

    def test_sweep_goes_on_after_out_of_memory(self):
        sweep = dict(TOO_LARGE, sweep={"method": "grid", "parameters": {
            "model.layers.C1.filters": {"values": [16384, 2]}}})
        self.train("study", *GPU, config=self.config(sweep), code=8)
        self.assertEqual(summary(self.folder / "study/trial-0001/seed-0")["status"], "done")

    def test_four_streams_give_the_bytes_of_one_run_at_a_time(self):
        config = self.config(sweep(training__epochs=20, repeats=2))
        self.train("one", *GPU, "--jobs", "1", "--jobs-as", "processes", config=config)
        self.train("four", *GPU, "--jobs", "4", config=config)
        check_same_studies(self, self.folder / "one", self.folder / "four")
        run("verify", self.folder / "four")

    def test_shared_launches_give_the_bytes_of_one_run_at_a_time(self):
        for name, unit in (("partB_q5_char_rnn_dropout", "char"), ("partB_q6a_word_lstm", "word")):
            data = {"type": "synthetic_text", "classes": 4, "unit": unit, "max_length": 20, "train": 300, "test": 60}
            settings = ("--set", f"data={json.dumps(data)}", "--set", "training.epochs=5", "--set", "repeats=4")
            with self.subTest(name):
                one, four = self.folder / name / "one", self.folder / name / "four"
                command = ("--config", REPOSITORY / f"configs/{name}.json", *GPU, *settings)
                run(*command, "--jobs", "1", "--out", one)
                run(*command, "--jobs", "4", "--repeats-as", "launches", "--out", four)
                check_same_studies(self, one, four)
                for log in four.rglob("log.jsonl"):
                    self.assertIn("shares launches", log.read_text(), log)

    def test_other_commands(self):
        self.train("run", *GPU)
        run("evaluate", self.folder / "run", *GPU)
        options = ["bench", "--config", self.config(), "--steps", "3", *GPU]
        self.assertIn("in an epoch", run(*options).stdout)
        result = json.loads(run(*options, "--json").stdout)
        self.assertLess(result["step_seconds"], sum(result["phases"].values()))  # nothing waits in between


if __name__ == "__main__":
    if not has_gpu():
        sys.exit(77)
    main()
