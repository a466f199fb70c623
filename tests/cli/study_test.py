"""nnrun table and nnrun compare over real runs."""
import csv
import io
import json
import os
import re
import shutil
import statistics
import subprocess
import time

from nnrun_cli import REPOSITORY, CliTest, diverging, main, rows, run, summary, tiny


class Study(CliTest):
    def studies(self):
        """Two configurations with three shared seeds each; the second one cannot learn."""
        self.train("good", "--quiet", config=tiny(repeats=3))
        self.train("bad", "--quiet", config=tiny(repeats=3, optimizer__learning_rate=1e-7))
        return self.folder / "good", self.folder / "bad"

    def test_table_and_comparison(self):
        good, bad = self.studies()
        values = [rows(good / f"seed-{seed}")[-1].split(",")[3] for seed in (5, 6, 7)]
        table = list(csv.DictReader(io.StringIO(run("table", good, bad, "--csv").stdout)))
        self.assertEqual(len(table), 2)
        self.assertEqual([row["optimizer.learning_rate"] for row in table], ["0.01", "1e-07"])
        self.assertEqual(table[0]["runs"], "3")
        self.assertAlmostEqual(float(table[0]["val_accuracy"]), statistics.mean(map(float, values)), places=12)
        self.assertAlmostEqual(float(table[0]["sd"]), statistics.stdev(map(float, values)), places=12)

        as_json = json.loads(run("table", good, bad, "--json", "--columns", "loss").stdout)
        self.assertEqual(len(as_json["rows"]), 2)
        self.assertIn("loss", as_json["rows"][0])
        self.assertTrue(any("test set" in note for note in as_json["notes"]))
        self.assertTrue(run("table", good, "--markdown").stdout.startswith("| configuration |"))

        answer = json.loads(run("compare", good, bad, "--metric", "loss", "--json").stdout)
        self.assertEqual(answer["seeds"], [5, 6, 7])
        self.assertTrue(answer["told"])
        self.assertLess(answer["difference"], 0)
        self.assertIn("is better than", answer["sentence"])
        self.assertTrue(run("compare", good, good).stdout.startswith("cannot tell"))
        items = json.loads(run("compare", good / "seed-5", bad / "seed-5", "--json").stdout)
        self.assertIsNotNone(items["mcnemar"])

        self.assertEqual(run("table", self.folder, good, bad, good / "seed-5", "--csv").stdout,
                         run("table", good, bad, "--csv").stdout)
        self.assertNotIn("same seed", run("table", good).stdout)
        shutil.copytree(good / "seed-5", self.folder / "copy")
        self.assertIn("the same seed count more than once", run("table", good, self.folder / "copy").stdout)
        warnings = run("table", good, self.folder / "copy", "--csv").stderr
        self.assertEqual(warnings, "nnrun: warning: runs of one configuration and the same seed count more than once, so their "
                                   "interval is too narrow\n")
        self.assertEqual(run("table", good, self.folder / "copy", "--json").stderr, "")
        shutil.rmtree(self.folder / "copy")

        self.assertIn("no run has this column", run("table", good, "--sort", "nothing", code=2).stderr)
        self.assertIn("no run has this column", run("table", good, "--columns", "nothing", code=2).stderr)
        errors = run("table", good, "--columns", "no1,loss", "--filter", "no2=3", "--sort", "no3", code=2).stderr
        self.assertEqual(re.findall("error: (.*?):", errors), ["--columns no1", "--filter no2", "--sort no3"])
        errors = run("table", good, "--filter", "x", "--csv", "--json", code=2).stderr
        self.assertEqual([line.partition("error: ")[2] for line in errors.splitlines()], [
            '--filter x: invalid value (got "x", expected COLUMN=VALUE)', "--csv, --json and --markdown exclude each other"])
        self.assertEqual(run("table", good, "--filter", "seed=99").stdout, "no configuration is left by the filters\n")
        self.assertIn("2 configurations", run("compare", self.folder, good, code=2).stderr)

    def test_a_model_that_diverged_is_not_compared_by_its_guesses(self):
        self.train("good", "--quiet")
        self.train("bad", "--quiet", config=diverging(), code=4)
        good, bad = self.folder / "good", self.folder / "bad"
        answer = json.loads(run("compare", good, bad, "--json").stdout)
        self.assertEqual(answer["sentence"], f"cannot tell: {good} and {bad} have no seed at which they can be compared; "
                                             "at seed 5 a run diverged")
        self.assertEqual((answer["told"], answer["mcnemar"]), (False, None))

    def test_the_smoke_sweep_as_the_readme_has_it(self):
        started = time.monotonic()
        run("--config", "smoke_sweep.json", "--jobs", "2", cwd=self.folder)
        print(f"smoke_sweep: {time.monotonic() - started:.1f} s")
        shown = run("table", "runs/smoke_sweep", cwd=self.folder).stdout
        self.assertRegex(shown.splitlines()[0], r"^configuration +C1\.filters +C2\.filters +val_accuracy +95 % of items ")
        self.assertEqual(len([line for line in shown.splitlines() if line.startswith("runs/smoke_sweep/trial-")]), 25)
        self.assertIn("interaction + noise", shown)
        answer = run("compare", "runs/smoke_sweep/trial-0003", "runs/smoke_sweep/trial-0024", cwd=self.folder).stdout
        self.assertIn("McNemar", answer)

    def test_the_whole_report_as_the_readme_has_it(self):
        command = re.search(r"^\(cd configs && .*\n.*$", (REPOSITORY / "README.md").read_text(), re.MULTILINE)[0]
        echo = self.folder / "nnrun"  # shows what it is called with
        echo.write_text('#!/bin/sh\necho "$@"\n')
        echo.chmod(0o755)
        path = {**os.environ, "PATH": f"{self.folder}:{os.environ['PATH']}"}
        shown = subprocess.run(["sh", "-c", command], capture_output=True, text=True, cwd=REPOSITORY, env=path)
        commands = [line.split() for line in shown.stdout.splitlines()]
        configs = [words[words.index("--config") + 1] for words in commands]
        expected = [path for path in sorted((REPOSITORY / "configs").rglob("part*.json"))
                    if "_base" not in path.stem and ("_q" in path.stem or path.parent.name == "as_run")]
        self.assertEqual(sorted(configs), sorted(str(path.relative_to(REPOSITORY / "configs")) for path in expected))
        self.assertEqual(len({words[words.index("--out") + 1] for words in commands}), len(commands), "two runs in one folder")
        runs = 0
        for config in configs:
            resolved = json.loads(run("--config", config, "--print-config").stdout)
            self.assertGreaterEqual(resolved["training"]["epochs"], 100)
            runs += len(json.loads(run("sweep", "--config", config, "--list", "--json").stdout))
        self.assertEqual(runs, 104)

    def test_choosing_on_validation_data(self):
        self.train("run", "--set", "data.validation_fraction=0.2", "--quiet")
        table = json.loads(run("table", self.folder / "run", "--json").stdout)
        self.assertEqual(table["rows"][0]["test_accuracy"], summary(self.folder / "run")["test"]["accuracy"])
        row = table["rows"][0]
        self.assertLess(row["items_low"], row["val_accuracy"])
        self.assertIn("95 % of items: exact binomial interval of a single run's accuracy over the items it was validated on",
                      table["notes"])
        self.assertEqual(json.loads((self.folder / "run/manifest.json").read_text())["val_examples"], 18)

    def test_folders_without_runs(self):
        missing, file, empty = self.folder / "missing\n", self.folder / "file", self.folder / "empty"
        file.write_text("")
        empty.mkdir()
        error = run("table", missing, file, empty, "--errors", "json", code=5).stderr
        problems = [json.loads(line) for line in error.splitlines()]
        self.assertEqual([(problem["file"], problem["message"]) for problem in problems],
                         [(str(missing), "no such folder"), (str(file), "is a file (expected a folder)")])
        self.assertEqual(run("compare", empty, empty, code=3).stderr,
                         f"nnrun: error: {empty}: no run directory at or below it\n")
        run("table", self.folder, code=3)


if __name__ == "__main__":
    main()
