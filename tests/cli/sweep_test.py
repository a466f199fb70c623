"""Sweeps and repeats: trial folders, the table, shares of the work, restarts."""
import csv
import json
import os
import pathlib
import re
import resource
import shlex
import shutil
import signal
import subprocess
import time
import unittest

from nnrun_cli import (CliTest, children, command, diverging, end, environment, hold, lives, locked, main, run, sha256,
                       summary, tiny, tree)

SWEEP = {"method": "grid", "parameters": {"model.layers.C1.filters": {"values": [2, 3]},
                                          "optimizer.type": {"values": ["sgd", "adam"]}}}
HEADER = ("trial,seed,model.layers.C1.filters,optimizer.type,status,epochs,accuracy,loss,val_accuracy,val_loss,"
          "best_epoch,best_val_accuracy,best_val_loss,parameters,seconds").split(",")


def sweep(**changes):
    config = tiny(**{"sweep": SWEEP, "training__epochs": 2, **changes})
    del config["optimizer"]["learning_rate"]
    return config


def table(folder, without=("seconds",)):
    with open(folder / "sweep.csv", newline="") as file:
        return [{key: value for key, value in row.items() if key not in without} for row in csv.DictReader(file)]


def check_same_studies(test, one, other):
    """The tables but for seconds, and the bytes of every trial."""
    test.assertEqual(table(one), table(other))
    folders = [path.parent.relative_to(one) for path in sorted(one.rglob("metrics.csv"))]
    test.assertTrue(folders)
    for folder in folders:
        test.assertEqual(sha256(one / folder / "metrics.csv"), sha256(other / folder / "metrics.csv"), folder)
        test.assertEqual(summary(one / folder)["weights_sha256"], summary(other / folder)["weights_sha256"], folder)


class Sweep(CliTest):
    def study(self, out="study", *arguments, config=None, code=0):
        return self.train(out, "--quiet", *arguments, config=sweep() if config is None else config, code=code)

    def test_list(self):
        lines = run("sweep", "--config", self.config(sweep()), "--list").stdout.splitlines()
        self.assertEqual(len(lines), 5)
        self.assertEqual(lines[3].split(), ["2", "trial-0002/seed-5", "5", "3", "sgd"])

    def test_list_as_json(self):
        trials = json.loads(run("sweep", "--config", self.config(sweep()), "--list", "--json").stdout)
        self.assertEqual(trials[1]["folder"], "trial-0001/seed-5")
        self.assertEqual([trial["trial"] for trial in trials], list(range(len(trials))))
        self.assertEqual(list(trials[0]["values"]), list(sweep()["sweep"]["parameters"]))

    def test_folders_and_table(self):
        self.study()
        study = self.folder / "study"
        self.assertEqual([path.name for path in sorted(study.iterdir())],
                         ["DONE", "config.json", "summary.json", "sweep.csv", *[f"trial-{i:04}" for i in range(4)]])
        with open(study / "sweep.csv", newline="") as file:
            self.assertEqual(next(csv.reader(file)), HEADER)
        rows = table(study)
        self.assertEqual([(row["trial"], row["seed"], row["model.layers.C1.filters"], row["optimizer.type"], row["status"])
                          for row in rows],
                         [("0", "5", "2", "sgd", "done"), ("1", "5", "2", "adam", "done"),
                          ("2", "5", "3", "sgd", "done"), ("3", "5", "3", "adam", "done")])
        trial = summary(study / "trial-0003/seed-5")
        self.assertEqual(rows[3]["parameters"], str(trial["parameters"]))
        self.assertEqual(float(rows[3]["val_loss"]), trial["last"]["val_loss"])
        self.assertEqual(summary(study)["done"], 4)
        run("verify", study)

    def test_verify_sees_the_parent_s_own_files(self):
        self.study()
        study = self.folder / "study"
        self.assertEqual(run("verify", study).stdout.splitlines()[0], f"{study}: intact")
        for name in ("config.json", "sweep.csv", "summary.json"):
            good = (study / name).read_bytes()
            (study / name).write_bytes(good.replace(b"a", b"b", 1))
            error = run("verify", study, code=3).stderr
            self.assertEqual([line.split(": ")[2] for line in error.splitlines()], [str(study / name)])
            (study / name).write_bytes(good)
        (study / "trial-0001/seed-5/DONE").unlink()
        self.assertIn(f"{study}/DONE: ", run("verify", study, code=3).stderr)

    def test_an_extended_study_verifies_at_every_step(self):
        self.study()
        study = self.folder / "study"
        self.study("study", "--set", "training.epochs=3")
        run("verify", study)
        self.assertEqual(summary(study)["status"], "done")

    def test_a_trial_is_an_ordinary_run(self):
        self.study()
        config = tiny(training__epochs=2)
        config["model"]["layers"][0]["filters"] = 3
        config["optimizer"] = {"type": "sgd"}
        self.train("single", "--threads", "1", config=config)
        self.assertEqual(sha256(self.folder / "single/metrics.csv"), sha256(self.folder / "study/trial-0002/seed-5/metrics.csv"))

    def test_same_table_for_any_number_of_workers_and_any_order(self):
        self.study("one", "--jobs", "1")
        for jobs in ("2", "4"):
            self.study(jobs, "--jobs", jobs)
            self.assertEqual(table(self.folder / "one"), table(self.folder / jobs))
        path = self.config(sweep())
        for trial in (2, 0, 3, 1):
            run("sweep", "--config", path, "--trial", trial, "--out", self.folder / "turned", "--device", "cpu", "--quiet")
        run("sweep", "--config", path, "--out", self.folder / "turned", "--collect")
        self.assertEqual(table(self.folder / "one"), table(self.folder / "turned"))

    def test_time_and_memory_are_predicted_first(self):
        first = self.train("study", "--jobs", "2", config=sweep()).stderr.splitlines()[0]
        self.assertRegex(first, r"^4 of 4 trials to go, 2 side by side: about .* m?s, \d+ MiB each$")

    def test_a_trial_can_be_looked_at_without_running_it(self):
        path = self.config(sweep())
        before = tree(self.folder)
        shown = run("sweep", "--config", path, "--trial", "3", "--print-config").stdout
        self.assertEqual(json.loads(shown)["optimizer"]["type"], "adam")
        dry = run("sweep", "--config", path, "--trial", "3", "--dry-run", "--device", "cpu", "--out", self.folder / "s").stdout
        self.assertIn("trial-0003/seed-5", dry)
        self.assertEqual(tree(self.folder), before)

    def test_repeats_alone(self):
        self.study(config=tiny(training__epochs=1, repeats=3))
        self.assertEqual([row["seed"] for row in table(self.folder / "study")], ["5", "6", "7"])
        self.assertTrue((self.folder / "study/seed-7/DONE").exists())

    def test_more_repeats_extend_the_study(self):
        config = tiny(training__epochs=1, repeats=2)
        self.study(config=config)
        first = sha256(self.folder / "study/seed-5/last.nnr")
        self.study("study", "--repeats", "3", config=config)
        self.assertEqual(len(table(self.folder / "study")), 3)
        self.assertEqual(sha256(self.folder / "study/seed-5/last.nnr"), first)
        self.study("study", "--seed", "9", config=config, code=3)

    def test_restart_does_what_is_missing(self):
        self.study()
        study = self.folder / "study"
        expected = table(study)
        kept = (study / "trial-0000/seed-5/last.nnr").stat().st_mtime_ns
        for name in ("DONE", "last.nnr", "metrics.csv"):
            (study / "trial-0001/seed-5" / name).unlink()
        self.study()
        self.assertEqual(table(study), expected)
        self.assertEqual((study / "trial-0000/seed-5/last.nnr").stat().st_mtime_ns, kept)
        self.assertIn("nothing left to do", self.train("study", config=sweep()).stdout)

    def test_a_finished_study_from_given_weights_has_nothing_left_to_do(self):
        self.train("first")
        config = self.config(tiny(repeats=2, training__epochs=1, model__init_from=str(self.folder / "first/last.nnr")))
        self.train("study", config=config)
        again = self.train("study", config=config)
        self.assertIn("nothing left to do", again.stdout)
        self.assertNotIn("to go", again.stderr)
        self.assertTrue((self.folder / "study/DONE").exists())

    def test_initial_weights_that_were_moved(self):
        self.train("first")
        weights, moved = self.folder / "w.nnr", self.folder / "moved.nnr"
        (self.folder / "first/last.nnr").rename(weights)
        config = lambda path: tiny(repeats=2, training__epochs=1, model__init_from=str(path))
        self.train("study", config=config(weights))
        before = sha256(self.folder / "study/seed-5/last.nnr")
        weights.rename(moved)
        self.assertIn("nothing left to do", self.train("study", config=config(moved)).stdout)
        run("verify", self.folder / "study")
        self.train("study", "--repeats", "3", config=config(moved))
        self.assertEqual([row["status"] for row in table(self.folder / "study")], ["done"] * 3)
        self.assertEqual(sha256(self.folder / "study/seed-5/last.nnr"), before)
        moved.write_bytes((self.folder / "study/seed-6/last.nnr").read_bytes())
        self.train("study", "--repeats", "3", config=config(moved), code=3)
        self.assertTrue((self.folder / "study/DONE").exists())

    def test_a_trial_s_config_counts_by_its_meaning(self):
        config = tiny(repeats=2, training__epochs=1)
        self.train("study", config=config)
        stored = self.folder / "study/seed-5/config.json"
        stored.write_text(stored.read_text() + "\n")
        self.assertIn("nothing left to do", self.train("study", config=config).stdout)
        self.assertEqual([row["status"] for row in table(self.folder / "study")], ["done"] * 2)

    def test_pictures_of_the_curves_are_no_obstacle(self):
        self.study()
        (self.folder / "study/trial-0001/seed-5/curves.png").write_bytes(b"a picture")
        self.study("study", "--overwrite")
        self.assertFalse((self.folder / "study/trial-0001/seed-5/curves.png").exists())

    def states(self, study):
        return {name: sha256(study / name) for name in tree(study) if (study / name).is_file()}

    def test_a_refused_raise_of_epochs_touches_nothing(self):
        cosine, cycle = {"type": "cosine", "final": 0.1}, {"type": "one_cycle", "peak_epoch": 1, "start": 0.5, "final": 0.1}
        axes = {"cosine": {"optimizer.schedule": {"values": [None, cosine]}},
                "one_cycle": {"optimizer.schedule": {"values": [None, cycle]}},
                "whole": {"optimizer": {"values": [{"type": "sgd"}, {"type": "adam", "schedule": cosine}]}}}
        for name, parameters in axes.items():
            path = self.config(tiny(training__epochs=2, sweep={"parameters": parameters}))
            self.study(name, config=path)
            before = self.states(self.folder / name)
            error = self.study(name, "--set", "training.epochs=3", config=path, code=3).stderr
            self.assertIn("/training/epochs: the run has another config", error)
            run("sweep", "--config", path, "--trial", "1", "--set", "training.epochs=4", "--out", self.folder / name,
                "--device", "cpu", code=3)
            self.assertEqual(self.states(self.folder / name), before, name)

    def test_epochs_may_be_raised_where_no_trial_s_schedule_depends_on_them(self):
        path = self.config(tiny(training__epochs=2, optimizer__schedule={"type": "cosine", "final": 0.1}, sweep={
            "parameters": {"optimizer.schedule": {"values": [None, {"type": "step", "every": 1, "factor": 0.5}]}}}))
        self.study(config=path)
        self.study("study", "--set", "training.epochs=3", config=path)
        self.assertEqual([row["epochs"] for row in table(self.folder / "study")], ["3", "3"])

    def test_a_study_grows_only_where_all_of_its_trials_do(self):
        path = self.config(sweep())
        self.study(config=path)
        study = self.folder / "study"
        edited = study / "trial-0002/seed-5/config.json"
        edited.write_text(edited.read_text().replace('"sgd"', '"adam"'))
        before = self.states(study)
        error = self.study("study", "--set", "training.epochs=3", config=path, code=3).stderr
        self.assertIn("trial-0002/seed-5/config.json: /optimizer/type: ", error)
        self.assertEqual(self.states(study), before)

    def test_a_trial_that_is_refused_leaves_a_grown_study_as_it_was(self):
        path = self.config(sweep())
        self.study(config=path)
        before = self.states(self.folder / "study")
        grown = ("sweep", "--config", path, "--trial", "1", "--set", "training.epochs=3", "--out", self.folder / "study")
        if not pathlib.Path("/dev/nvidiactl").exists():
            run(*grown, "--device", "cuda", code=6)
        weights = self.folder / "study/trial-0001/seed-5/manifest.json"
        weights.write_text(weights.read_text().replace('"data_hash": "', '"data_hash": "0'))
        before["trial-0001/seed-5/manifest.json"] = sha256(weights)
        run(*grown, "--device", "cpu", code=3)
        self.assertEqual(self.states(self.folder / "study"), before)

    def test_the_printed_config_goes_on_with_the_study(self):
        config = tiny(training__epochs=1, sweep={"parameters": {
            "optimizer.type": {"values": ["sgd", "adam"]}, "model.layers.S1.size": {"values": [2, 3]},
            "model.init_from": {"values": [None, "first/last.nnr"]}}})
        del config["optimizer"]["learning_rate"]
        config["model"]["layers"].insert(2, {"name": "G", "type": "global_avg_pool"})
        config["model"]["layers"].remove({"name": "flat", "type": "flatten"})
        self.train("first", config={key: value for key, value in config.items() if key != "sweep"})
        path = self.config(config)
        self.study(config=path)
        (self.folder / "sub").mkdir()
        printed = self.folder / "sub/printed.json"
        printed.write_text(run("--config", path, "--print-config").stdout)
        self.assertIn("nothing left to do", self.train("study", config=printed).stdout)

    def test_the_models_of_all_trials_are_checked(self):
        axes = {"model.layers.F1.units": {"values": [1, 2, 3]}, "model.layers.C1.kernel": {"min": 7, "max": 20}}
        path = self.config(tiny(sweep={"parameters": axes}))
        pointers = ["model.layers.F1.units/values/0", "model.layers.F1.units/values/1", "model.layers.C1.kernel"]
        pointers = ["/model/layers/1/size", *sorted(f"/sweep/parameters/{pointer}" for pointer in pointers)]  # S1 on 1 x 1
        for command in (["--config", path, "--print-config"], ["sweep", "--config", path, "--emit", "sh"],
                        ["--config", path, "--out", self.folder / "study"]):
            error = run(*command, code=2).stderr.splitlines()
            self.assertEqual(sorted(line.split(": ")[3] for line in error), pointers, command)

    def test_one_trial(self):
        path = self.config(sweep())
        run("sweep", "--config", path, "--trial", "2", "--out", self.folder / "study", "--device", "cpu")
        self.assertTrue((self.folder / "study/trial-0002/seed-5/DONE").exists())
        self.assertFalse((self.folder / "study/trial-0001").exists())
        self.assertEqual(summary(self.folder / "study")["status"], "running")
        self.assertEqual([row["trial"] for row in table(self.folder / "study")], ["2"])
        self.study(config=path)
        self.assertEqual(len(table(self.folder / "study")), 4)
        run("sweep", "--config", path, "--trial", "4", "--out", self.folder / "study", code=2)
        done = run("sweep", "--config", self.config(), "--trial", "0", "--out", self.folder / "one", "--device", "cpu")
        self.assertTrue(done.stderr.startswith("tiny: 4 epochs"), done.stderr)
        self.assertIn(f"{self.folder}/one\n", done.stdout)

    def test_the_only_trial_of_a_single_run_is_that_run(self):
        path = self.config()
        run("sweep", "--config", path, "--trial", "0", "--out", self.folder / "one", "--device", "cpu")
        self.train("other", config=path)
        threads = [json.loads((self.folder / name / "manifest.json").read_text())["threads"] for name in ("one", "other")]
        self.assertEqual(threads[0], threads[1])
        self.train("one", "--resume", "must", config=path)

    def test_values_keep_to_their_line(self):
        config = tiny(sweep={"method": "grid", "parameters": {"description": {"values": ["two\nlines"]}}})
        self.train("study", config=config)
        self.assertEqual(len(run("sweep", "--config", self.config(config), "--list").stdout.splitlines()), 2)
        shown = run("table", self.folder / "study", "--columns", "description").stdout
        self.assertIn("two\\nlines", shown.splitlines()[1])
        marked = run("table", self.folder / "study", "--columns", "description", "--markdown").stdout
        self.assertIn("| two\\nlines |", marked)
        self.assertEqual(table(self.folder / "study")[0]["description"], "two\nlines")

    def test_what_is_named_at_the_end_can_be_pasted_into_a_shell(self):
        for out, repeats in (("odd/x y", "1"), ("odd/s w", "2")):
            last = self.train(out, "--repeats", repeats).stdout.splitlines()[-1]
            self.assertEqual(shlex.split(last)[-1], str(self.folder / out))

    def test_the_script_that_is_named_at_the_end_draws_it(self):
        for name, config, script in [("study", sweep(), "plot_sweep.py"), ("seeds", tiny(repeats=2), "plot_curves.py")]:
            self.assertIn(f"scripts/{script} {self.folder / name}\n", self.train(name, config=config).stdout)

    def test_the_last_of_the_trials_ends_the_study(self):
        path = self.config(sweep())
        for trial in (3, 0, 2, 1, 2):
            self.assertFalse((self.folder / "study/DONE").exists() and trial != 2)
            run("sweep", "--config", path, "--trial", trial, "--out", self.folder / "study", "--device", "cpu")
        self.assertTrue((self.folder / "study/DONE").exists())
        self.assertEqual(summary(self.folder / "study")["status"], "done")
        run("verify", self.folder / "study")
        self.study("at once", config=path)
        self.assertEqual(table(self.folder / "study"), table(self.folder / "at once"))

    def test_diverged_trials_are_recorded(self):
        config = diverging(training__epochs=2,
                           sweep={"method": "grid", "parameters": {"optimizer.learning_rate": {"values": [0.01, 2e9, 0.02]}}})
        self.study(config=config, code=8)
        self.assertEqual([row["status"] for row in table(self.folder / "study")], ["done", "diverged", "done"])
        self.assertFalse((self.folder / "study/DONE").exists())
        self.study(config=config, code=8)

    def test_failed_trials_are_recorded_and_tried_again(self):
        self.study()
        damaged = self.folder / "study/trial-0002/seed-5/config.json"
        good = damaged.read_text()
        damaged.write_text(good.replace('"sgd"', '"adam"'))
        self.study(code=8)
        self.assertEqual([row["status"] for row in table(self.folder / "study")], ["done", "done", "failed", "done"])
        damaged.write_text(good)
        self.study()

    def test_other_data_are_refused_before_anything_is_touched(self):
        config = tiny(training__epochs=1, repeats=2)
        config["data"] = {"type": "cifar10", "path": "d", "train_files": ["a.bin"], "test_files": ["a.bin"]}
        config["model"]["layers"][-1]["units"] = 10
        (self.folder / "d").mkdir()
        records = self.folder / "d" / "a.bin"
        records.write_bytes(b"".join(bytes([i % 10]) + bytes([i]) * 3072 for i in range(40)))
        self.study("study", "--data-dir", self.folder, config=config)
        before = sha256(self.folder / "study/sweep.csv")
        records.write_bytes(b"".join(bytes([i % 10]) + bytes([i + 1]) * 3072 for i in range(40)))
        error = self.study("study", "--data-dir", self.folder, config=config, code=3).stderr
        self.assertTrue(error.startswith("nnrun: error: d/a.bin: not the file the run was made with (got SHA-256 "), error)
        self.assertEqual(sha256(self.folder / "study/sweep.csv"), before)
        self.assertTrue((self.folder / "study/DONE").exists())

    def test_refusals_leave_nothing_behind(self):
        path = self.config(sweep(training__precision="bf16"))
        before = tree(self.folder)
        self.train("study", config=path, code=6)
        self.assertEqual(tree(self.folder), before)
        bad = sweep()
        bad["sweep"]["parameters"] = {"model.layers.C1.kernel": {"values": [3, 9, 10]}}
        path = self.config(bad)
        error = self.train("study", config=path, code=2).stderr
        self.assertEqual(len(error.splitlines()), 2, error)
        self.assertEqual(tree(self.folder), before)
        path = self.config(sweep())
        for code, options in ((6, ["--set", "training.precision=bf16"]), (3, ["--resume", "must"]),
                              (2, ["--set", 'feature_maps={"layers":["C1"],"images":[500]}'])):
            run("sweep", "--config", path, "--trial", "1", "--out", self.folder / "new/study", "--device", "cpu", *options,
                code=code)
            self.assertEqual(tree(self.folder), before)

    def test_overwrite_refuses_where_others_have_files_in_trials(self):
        path = self.config(sweep())
        self.train("study", config=path)
        study = self.folder / "study"
        for name in ("notes.txt", "trial-0001/seed-5/notes.txt", "trial-0002/seed-5/features/mine.png", "trial-0003/more/x"):
            (study / name).parent.mkdir(exist_ok=True)
            (study / name).write_text("mine")
        before = {name: (study / name).is_file() and sha256(study / name) for name in tree(study)}
        error = self.train("study", "--overwrite", config=path, code=3).stderr
        self.assertEqual([line.split(": ")[2] for line in error.splitlines()],
                         [str(study / name) for name in ("trial-0001/seed-5/notes.txt", "trial-0002/seed-5/features/mine.png",
                                                         "trial-0003/more")])
        self.train("study", "--overwrite", code=3)  # a single run instead
        self.assertEqual({name: (study / name).is_file() and sha256(study / name) for name in tree(study)}, before)
        for name in ("trial-0001/seed-5/notes.txt", "trial-0002/seed-5/features/mine.png", "trial-0003/more/x"):
            (study / name).unlink()
        (study / "trial-0003/more").rmdir()
        self.train("study", "--overwrite", config=path)
        self.assertEqual((study / "notes.txt").read_text(), "mine")

    def test_overwrite_deletes_nothing_while_a_trial_runs(self):
        path = self.config(sweep())
        self.train("study", config=path)
        with locked(self.folder / "study/trial-0002/seed-5"):
            before = tree(self.folder / "study")
            self.train("study", "--overwrite", config=path, code=7)
            self.assertEqual(tree(self.folder / "study"), before)

    def test_dry_run(self):
        path = self.config(sweep())
        before = tree(self.folder)
        done = self.train("study", "--dry-run", config=path)
        self.assertIn("trial-0003/seed-5", done.stdout)
        self.assertIn("predicted time", done.stdout)
        self.assertEqual(tree(self.folder), before)

    def test_a_dry_run_is_refused_like_the_study(self):
        path = self.config(sweep())
        self.train("study", config=path)
        trial = self.folder / "study/trial-0002/seed-5"
        shutil.rmtree(trial)
        (self.folder / "study/DONE").unlink()
        one = ("sweep", "--config", path, "--out", self.folder / "study", "--trial", "2", "--device", "cpu", "--dry-run")
        run(*one, "--resume", "never")
        run(*one, "--overwrite")
        self.assertIn(f"{trial}: no run to resume", run(*one, "--resume", "must", code=3).stderr)
        trial.mkdir()
        (trial / "notes.txt").write_text("mine")
        last = self.folder / "study/trial-0003/seed-5/last.nnr"
        last.write_bytes(last.read_bytes()[:-1])
        before = tree(self.folder)
        errors = self.train("study", "--dry-run", config=path, code=3).stderr
        self.assertIn(f"{trial}: not empty and no run directory", errors)
        self.assertIn(f"{last}: is damaged", errors)
        self.assertEqual(tree(self.folder), before)

    def test_the_predicted_time_is_that_of_the_longest_trial_at_least(self):
        config = self.config(sweep(sweep={"parameters": {"training.epochs": {"values": [1, 400]}}}))
        predicted = json.loads(self.train("study", "--dry-run", "--jobs", "2", "--json", config=config).stdout)
        self.assertEqual(predicted["seconds"], max(one["seconds"] for one in predicted["runs"]))

    def test_trials_have_the_colours_asked_for(self):
        config = self.config(dict(diverging(repeats=2), name="d"))
        for color, expected in (("always", 2), ("never", 0)):
            errors = self.train(color, "--quiet", "--color", color, config=config, code=8).stderr
            self.assertEqual(len(re.findall("\x1b\\[1;31m.*error", errors)), expected, errors)


class Launchers(CliTest):
    """Scripts of --emit, run by a shell; the real Slurm is in slow_slurm_test.py."""

    def script(self, launcher, *arguments, out="emitted"):
        path = self.folder / f"{launcher}.sh"
        path.write_text(run("sweep", "--config", self.config(sweep(repeats=2)), "--device", "cpu", "--out",
                            self.folder / out, "--set", "description=it's \"$HOME\" {}", *arguments,
                            "--emit", launcher).stdout)
        return path

    def expected(self):
        self.train("local", "--quiet", "--set", "description=it's \"$HOME\" {}", config=sweep(repeats=2))
        return table(self.folder / "local")

    def sh(self, *command, code=0, **variables):
        done = subprocess.run(["sh", *map(str, command)], capture_output=True, text=True, timeout=300, cwd=self.folder,
                              env=environment(**variables))
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout

    def test_shell(self):
        self.sh(self.script("sh", out="it's out"))
        self.assertEqual(table(self.folder / "it's out"), self.expected())
        self.assertTrue((self.folder / "it's out/DONE").exists())

    def test_a_script_that_is_stopped_between_trials_says_so(self):
        script = self.script("sh")
        process = subprocess.Popen(["sh", script], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(end, process)
        self.wait_until("the first trial's end", lambda: list((self.folder / "emitted").glob("*/*/DONE")))
        process.terminate()
        self.assertEqual(process.wait(60), 143)

    def test_shell_with_a_single_run(self):
        path = self.config(tiny(training__epochs=1))
        script = run("sweep", "--config", path, "--device", "cpu", "--out", self.folder / "one", "--emit", "sh").stdout
        (self.folder / "one.sh").write_text(script)
        self.sh(self.folder / "one.sh")
        self.assertTrue((self.folder / "one/DONE").exists())
        (self.folder / "one/DONE").unlink()
        run("sweep", "--config", path, "--out", self.folder / "one", "--collect", code=8)

    @unittest.skipUnless(shutil.which("parallel"), "needs GNU parallel")
    def test_parallel(self):
        self.sh(self.script("parallel", "--jobs", "2"))
        self.assertEqual(table(self.folder / "emitted"), self.expected())

    def test_slurm(self):
        """With an sbatch that runs every task at once, as a cluster of one would."""
        fake = self.folder / "bin" / "sbatch"
        fake.parent.mkdir()
        fake.write_text("""#!/bin/sh
echo "$*" >> "$0.calls"
for file in "$@"; do :; done
case $file in --*) sh >&2 || exit; echo 2; exit ;; esac  # the script comes on stdin
for SLURM_ARRAY_TASK_ID in 0 1 2 3 4 5 6 7; do export SLURM_ARRAY_TASK_ID; sh "$file" >&2 || exit; done
echo "17;cluster"
""")
        fake.chmod(0o755)
        path = os.environ["PATH"] + ":/usr/bin:/bin"
        self.assertIn("job 17", self.sh(self.script("slurm"), "--array=0-7", "--arra", "0-7", "--partition=short", "-a",
                                        "0-7", "--mem=1G", "-a0-7", PATH=f"{fake.parent}:{path}"))
        calls = (fake.parent / "sbatch.calls").read_text().splitlines()
        self.assertEqual(len(calls), 2)
        self.assertTrue(all("--partition=short" in call for call in calls), calls)
        self.assertEqual(["arr" in call or "-a" in call.split() for call in calls], [True, False], calls)
        self.assertIn("--mem=512M --partition=short --mem=1G --job-name=", calls[1])
        self.assertIn("--dependency=afterany:17", calls[1])
        self.assertEqual(table(self.folder / "emitted"), self.expected())
        self.assertTrue((self.folder / "emitted/DONE").exists())

    def test_slurm_collects_whatever_the_waited_for_trials_end_with(self):
        fake = self.folder / "bin" / "sbatch"
        fake.parent.mkdir()
        fake.write_text("""#!/bin/sh
echo "$*" >> "$0.calls"
case "$*" in *--dependency*) exit 8 ;; *--reject*) exit 1 ;; esac
echo 17
exit 4
""")
        fake.chmod(0o755)
        path = {"PATH": f"{fake.parent}:{os.environ['PATH']}"}
        self.sh(self.script("slurm"), "--wait", code=8, **path)
        calls = (fake.parent / "sbatch.calls").read_text().splitlines()
        self.assertEqual(["--dependency=afterany:17" in call for call in calls], [False, True])
        self.assertTrue(all("--wait" in call for call in calls), calls)
        self.sh(self.script("slurm"), "--reject", code=1, **path)
        self.assertEqual(len((fake.parent / "sbatch.calls").read_text().splitlines()), 3)

    def check_stop(self, launcher, *arguments):
        """A script that is stopped collects what there is, and goes on when it is run again."""
        script = self.script(launcher, "--set", "training.epochs=4000", *arguments)
        for number in (signal.SIGTERM, signal.SIGHUP):
            process = subprocess.Popen(["sh", script], stderr=subprocess.PIPE, text=True, env=environment(),
                                       start_new_session=True)
            self.addCleanup(end, process)
            self.wait_for_epochs(process, 1, "emitted")
            process.send_signal(number)
            errors = process.communicate(timeout=60)[1]
            self.assertEqual(process.returncode, 143, errors)
            self.assertIn("0 of 8 trials are done; training again does what is missing", errors)
            self.assertEqual(summary(self.folder / "emitted")["status"], "stopped")
            run("verify", self.folder / "emitted")

    def test_a_stopped_shell_script_collects(self):
        self.check_stop("sh")

    @unittest.skipUnless(shutil.which("parallel"), "needs GNU parallel")
    def test_a_stopped_parallel_script_collects(self):
        self.check_stop("parallel", "--jobs", "2")

    def test_memory_of_a_batch_larger_than_the_data(self):
        asked = [[line for line in self.script("slurm", "--set", f"training.batch_size={size}").read_text().splitlines()
                  if "#SBATCH --mem=" in line] for size in (90, 2147483647)]
        self.assertEqual(asked[0], asked[1])

    def test_options_are_carried_through(self):
        script = run("sweep", "--config", "smoke_sweep.json", "--emit", "slurm", "--seed", "3", "--repeats", "2", "--threads",
                     "4", "--device", "cuda", "--data-dir", "some data", "--jobs", "5", cwd=self.folder).stdout
        for part in ("--array=0-49%5", "--cpus-per-task=4", "--gpus=1", "--seed 3", "--repeats 2", "--threads 4",
                     "--device cuda ", f"--data-dir '{self.folder}/some data'", f"--out {self.folder}/runs/smoke_sweep"):
            self.assertIn(part, script)
        self.assertEqual(tree(self.folder), [])

    def test_weights_are_found_from_anywhere(self):
        self.train("first", config=tiny(training__epochs=1))
        path = self.config(tiny(training__epochs=1))
        names = {"plain": "model.init_from=first/best.nnr", "quoted": 'model.init_from="first/best.nnr"',
                 "object": "model=" + json.dumps({**tiny()["model"], "init_from": "first/best.nnr"}),
                 "swept": 'sweep={"parameters": {"model.init_from": {"values": ["first/best.nnr", "first/last.nnr"]}}}'}
        for name, assignment in names.items():
            with self.subTest(assignment=assignment):
                script = self.folder / f"{name}.sh"
                script.write_text(run("sweep", "--config", path, "--device", "cpu", "--out", name, "--set", assignment, "--set",
                                      "description=first/best.nnr", "--emit", "sh", cwd=self.folder).stdout)
                self.assertIn("description=first/best.nnr", script.read_text())
                done = subprocess.run(["sh", script], capture_output=True, text=True, cwd="/", env=environment())
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertTrue((self.folder / name / "DONE").exists())

    def test_refusals(self):
        path = self.config(sweep())
        for arguments in (["--emit", "pbs"], ["--emit", "sh", "--list"], ["--emit", "sh", "--overwrite"],
                          ["--emit", "slurm", "--resume", "never"], []):
            run("sweep", "--config", path, *arguments, code=2)
        run("sweep", "--config", path, "--collect", "--out", self.folder / "nothing", code=3)

    def test_collecting_tells_what_diverged(self):
        path = self.config(diverging(training__epochs=1, sweep={
            "parameters": {"optimizer.learning_rate": {"values": [0.01, 2e9]}}}))
        collect = ("sweep", "--config", path, "--collect", "--out", self.folder / "study")
        run("sweep", "--config", path, "--trial", "1", "--out", self.folder / "study", "--device", "cpu", code=4)
        self.assertIn("0 of 2 trials are done, 1 diverged; training again", run(*collect, code=8).stderr)
        run("sweep", "--config", path, "--trial", "0", "--out", self.folder / "study", "--device", "cpu")
        self.assertTrue(run(*collect, code=8).stderr.endswith("1 of 2 trials are done, 1 diverged\n"))

    def test_collecting_tells_what_is_missing(self):
        path = self.config(sweep())
        out = self.folder / "study"
        run("sweep", "--config", path, "--trial", "1", "--out", out, "--device", "cpu")
        self.assertIn("1 of 4 trials", run("sweep", "--config", path, "--collect", "--out", out, code=8).stderr)
        self.assertEqual([row["trial"] for row in table(out)], ["1"])
        self.assertEqual(summary(out)["missing"], 3)
        self.assertFalse((out / "DONE").exists())
        run("--config", path, "--out", out, "--device", "cpu", "--quiet")
        run("sweep", "--config", path, "--trial", "1", "--out", out, "--device", "cpu")
        self.assertTrue((out / "DONE").exists(), "a trial that had nothing left to do reopened the study")


class EarlyTermination(CliTest):
    CONFIG = tiny(training__epochs=9, sweep={
        "method": "grid", "parameters": {"optimizer.learning_rate": {"values": [1e-9, 0.03, 1e-8, 0.01, 0.02, 2e-9]}},
        "metric": {"name": "loss", "goal": "minimize"},
        "early_terminate": {"type": "hyperband", "min_iter": 1, "eta": 3}})

    def test_the_best_go_on(self):
        self.train("study", "--quiet", config=self.CONFIG)
        rows = table(self.folder / "study")
        # Rungs after epochs 1 and 3: of 6 trials 2 go on, of these 1.
        self.assertEqual(sorted(row["epochs"] for row in rows), ["1", "1", "1", "1", "3", "9"])
        losses = {row["trial"]: float((self.folder / f"study/trial-{int(row['trial']):04}/seed-5/metrics.csv")
                                      .read_text().splitlines()[1].split(",")[2]) for row in rows}
        first_rung = sorted(losses, key=losses.get)[:2]
        self.assertEqual({row["trial"] for row in rows if int(row["epochs"]) > 1}, set(first_rung))
        self.assertEqual([row["status"] for row in rows if row["epochs"] == "9"], ["done"])
        self.assertTrue((self.folder / "study/DONE").exists())
        self.assertIn("nothing left to do", self.train("study", config=self.CONFIG).stdout)

    def test_what_diverges_does_not_make_the_rung_smaller(self):
        rates = [2e9, 1.9e9, 1.8e9, 1.7e9, 1.6e9, 1.5e9, 0.001, 0.01, 0.02]
        config = diverging(training__epochs=9, sweep={
            "parameters": {"optimizer.learning_rate": {"values": rates}}, "metric": self.CONFIG["sweep"]["metric"],
            "early_terminate": {"type": "hyperband", "min_iter": 1, "eta": 3}})
        self.train("study", "--quiet", config=config, code=8)
        rows = table(self.folder / "study")
        self.assertEqual([row["status"] for row in rows[:6]], 6 * ["diverged"])
        self.assertEqual(sorted(row["epochs"] for row in rows[6:]), ["3", "3", "9"])  # of 9 trials 3 went on, of these 1

    def test_nobody_goes_on_while_a_trial_of_the_rung_fails(self):
        self.train("straight", "--quiet", config=self.CONFIG)
        self.train("study", "--quiet", config=self.CONFIG)
        study = self.folder / "study"
        for trial in study.glob("trial-*"):
            shutil.rmtree(trial)
        foreign = study / "trial-0003/seed-5/notes.txt"
        foreign.parent.mkdir(parents=True)
        foreign.write_text("mine")
        errors = self.train("study", config=self.CONFIG, code=8).stderr
        self.assertIn("1 trial failed on the way to 1 epoch; once more\n", errors)
        self.assertEqual(errors.count("no run directory"), 2, errors)
        self.assertIn("1 of 6 trials did not get to their end: trial-0003/seed-5 (failed); the same command", errors)
        self.assertEqual([row["epochs"] for row in table(study)], ["1", "1", "1", "0", "1", "1"])
        self.assertEqual(summary(study)["status"], "failed")
        foreign.unlink()
        self.train("study", "--quiet", config=self.CONFIG)
        self.assertEqual(table(study), table(self.folder / "straight"))
        run("verify", study)

    def test_a_trial_that_no_memory_is_enough_for_does_not_hold_the_others(self):
        config = tiny(training__epochs=3, sweep={
            "parameters": {"model.layers.F1.units": {"values": [3, 2_000_000_000, 4]}}, "metric": self.CONFIG["sweep"]["metric"],
            "early_terminate": {"type": "hyperband", "min_iter": 1, "eta": 3}})
        limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (16 << 30, 16 << 30))
        for _ in range(2):
            errors = self.train("study", "--quiet", config=config, code=8, preexec_fn=limit).stderr
            self.assertIn("trial-0001/seed-5 (failed)", errors)
            rows = table(self.folder / "study")
            self.assertEqual(rows.pop(1)["status"], "failed")
            self.assertEqual(sorted((row["status"], row["epochs"]) for row in rows), [("done", "3"), ("stopped", "1")])

    def test_more_epochs_leave_the_stopped_where_they_are(self):
        fewer = dict(self.CONFIG, training=dict(self.CONFIG["training"], epochs=5))
        self.train("study", "--quiet", config=fewer)
        self.assertEqual(sorted(row["epochs"] for row in table(self.folder / "study")), ["1", "1", "1", "1", "3", "5"])
        again = self.train("study", config=fewer)
        self.assertIn("nothing left to do", again.stdout)
        self.assertNotIn("to go", again.stderr)
        self.train("study", "--quiet", config=self.CONFIG)
        self.train("straight", "--quiet", config=self.CONFIG)
        self.assertEqual(table(self.folder / "study"), table(self.folder / "straight"))
        self.assertEqual(run("verify", self.folder / "study").stdout.count("intact"), 7)

    def test_restart_gives_the_same_table(self):
        """Killed in the middle of a rung, then again later."""
        for epochs in (2, 3):  # of 16
            process = self.start("--config", self.config(self.CONFIG), "--out", self.folder / "study", "--device", "cpu",
                                 "--jobs", "2", "--quiet")
            self.wait_for_epochs(process, epochs, "study")
            self.kill(process)
        self.train("study", "--quiet", config=self.CONFIG)
        self.train("straight", "--quiet", "--jobs", "1", config=self.CONFIG)
        self.assertEqual(table(self.folder / "study"), table(self.folder / "straight"))

    def test_two_processes_share_the_rungs(self):
        """One may be at the next rung with a trial that the other has yet to compare."""
        config = dict(self.CONFIG, training=dict(self.CONFIG["training"], epochs=480))
        config["sweep"] = dict(config["sweep"], early_terminate={"type": "hyperband", "min_iter": 120, "eta": 2})
        self.train("straight", "--quiet", config=config)
        for delay in (0.1, 0.2, 0.3):  # seconds
            out = self.folder / f"study{delay}"
            both = []
            for _ in range(2):
                both.append(self.start("--config", self.folder / "tiny.json", "--out", out, "--device", "cpu", "--jobs", "1", "--quiet"))
                time.sleep(delay)
            errors = [process.communicate(timeout=300)[1] for process in both]
            self.assertEqual([process.returncode for process in both], [0, 0], errors)
            self.assertEqual(table(out), table(self.folder / "straight"))

    def test_not_for_single_trials(self):
        for arguments in (["--trial", "1"], ["--emit", "slurm"], ["--emit", "sh"], ["--collect"]):
            run("sweep", "--config", self.config(self.CONFIG), *arguments, "--out", self.folder / "study", code=2)


class Processes(CliTest):
    LONG = dict(training__epochs=800, training__checkpoint_every=5, repeats=2)

    def start_study(self, out="study", jobs="2", **changes):
        config = self.config(tiny(**{**self.LONG, **changes}))
        return self.start("--config", config, "--out", self.folder / out, "--device", "cpu", "--jobs", jobs)

    def ended(self, process):
        process.communicate(timeout=300)
        return process.returncode

    def wait_for(self, *names):
        self.wait_until("trials start", lambda: all((self.folder / "study" / name).exists() for name in names))

    def test_the_foreseen_time_counts_the_start_of_every_process(self):
        config = self.config(tiny(repeats=6, training__epochs=1))
        begin = time.monotonic()
        errors = run("--config", config, "--out", self.folder / "study", "--device", "cpu", "--jobs", "1").stderr
        took = time.monotonic() - begin
        number, unit = re.search(r"about ([\d.]+) (ms|s|min)\b", errors).groups()
        foreseen = float(number) * {"ms": 0.001, "s": 1, "min": 60}[unit]
        self.assertGreater(foreseen, took / 6, errors)  # their epochs alone take milliseconds

    def test_a_killed_parent_takes_its_trials_along(self):
        process = self.start_study(training__epochs=100000)
        self.wait_for("seed-5/last.nnr", "seed-6/last.nnr")
        trials = children(process.pid)
        self.assertEqual(len(trials), 2)
        self.kill(process)
        self.wait_until("no trial outlives its parent", lambda: not any(map(lives, trials)), seconds=5)

    def test_stop_and_go_on(self):
        longer = dict(training__epochs=2000)
        process = self.start_study(**longer)
        self.wait_for("seed-5/last.nnr")
        process.send_signal(signal.SIGTERM)
        errors = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, 143)
        self.assertEqual(summary(self.folder / "study")["status"], "stopped")
        self.assertRegex(errors, r"(?m)^seed-5: stopped, val_accuracy [^;]*s$")  # neither counted nor any time left
        self.assertIn("study: stopped by signal 15; the same command goes on", errors)
        self.assertEqual(self.ended(self.start_study(**longer)), 0)
        self.assertEqual(self.ended(self.start_study("straight", **longer)), 0)
        self.assertEqual(table(self.folder / "study"), table(self.folder / "straight"))

    def test_killed_anywhere_and_started_again(self):
        """kill -9 of the parent and of its trials at many moments; the table is that of an undisturbed run."""
        moments = [("parent", 0), ("trials", 1), ("parent", 1), ("trials", 30), ("parent", 30)]
        longer = dict(training__epochs=2000)  # than all moments together, however late the test is told of epochs
        for victim, epochs in moments:
            process = self.start_study(**longer)
            self.wait_for_epochs(process, epochs, "study")
            for one in [process.pid] if victim == "parent" else children(process.pid):
                os.kill(one, signal.SIGKILL)
            self.assertEqual(self.ended(process), -9 if victim == "parent" else 8)  # killed trials are recorded
        self.assertEqual(self.ended(self.start_study(**longer)), 0)
        self.assertEqual(self.ended(self.start_study("straight", **longer)), 0)
        self.assertEqual(table(self.folder / "study"), table(self.folder / "straight"))
        for seed in (5, 6):
            self.assertEqual(sha256(self.folder / f"study/seed-{seed}/metrics.csv"),
                             sha256(self.folder / f"straight/seed-{seed}/metrics.csv"))
        run("verify", self.folder / "study")

    def after(self, number):
        """What a study says of a trial that got this signal, the other one being done, and its standard error."""
        process = self.start_study(training__epochs=2000)
        self.wait_for("seed-5/last.nnr", "seed-6/last.nnr")
        os.kill(children(process.pid)[0], number)
        errors = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, 8)
        self.assertFalse((self.folder / "study/DONE").exists())
        statuses = sorted(row["status"] for row in table(self.folder / "study"))
        self.assertEqual(statuses[0], "done")
        counts = summary(self.folder / "study")
        self.assertEqual([counts["done"], counts[statuses[1]]], [1, 1])
        return statuses[1], errors

    def test_a_killed_trial_is_recorded_as_failed(self):
        self.assertEqual(self.after(signal.SIGKILL)[0], "failed")

    def test_a_trial_that_somebody_else_stops_is_recorded_as_stopped(self):
        status, errors = self.after(signal.SIGTERM)
        self.assertEqual(status, "stopped")
        self.assertRegex(errors, r"1 of 2 trials did not get to their end: seed-\d \(stopped\); the same command goes on")
        self.assertEqual(self.ended(self.start_study(training__epochs=2000)), 0)
        self.assertEqual([row["status"] for row in table(self.folder / "study")], ["done", "done"])

    def test_a_killed_trial_that_another_process_ends_is_done(self):
        process = self.start_study(jobs="1", repeats=3)
        self.wait_for("seed-5/last.nnr")
        os.kill(children(process.pid)[0], signal.SIGKILL)
        self.wait_for("seed-6/last.nnr")
        hold(process.pid)  # ends after the other one
        run("sweep", "--config", self.folder / "tiny.json", "--trial", "0", "--out", self.folder / "study", "--device", "cpu")
        process.send_signal(signal.SIGCONT)
        self.assertEqual(self.ended(process), 0)
        self.assertEqual([row["status"] for row in table(self.folder / "study")], 3 * ["done"])
        run("verify", self.folder / "study")

    def test_a_trial_that_is_gone_at_the_end_is_told(self):
        process = self.start_study(jobs="1")
        self.wait_for("seed-5/DONE")
        self.wait_for("seed-6/last.nnr")
        hold(process.pid)
        shutil.rmtree(self.folder / "study/seed-5")
        process.send_signal(signal.SIGCONT)
        errors = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, 8)
        self.assertIn("1 of 2 trials did not get to their end: seed-5 (missing); the same command goes on", errors)

    def test_a_signal_leaves_a_finished_study_finished(self):
        wide = {"training__epochs": 1, "model": tiny()["model"]}  # whose checkpoints take long to read
        wide["model"]["layers"][0]["filters"] = 20_000
        self.assertEqual(self.ended(self.start_study(**wide)), 0)
        for delay in (0.02, 0.04, 0.06, 0.08, 0.1):
            process = self.start_study(**wide)
            time.sleep(delay)
            process.send_signal(signal.SIGTERM)
            self.assertIn(self.ended(process), (0, 143, -signal.SIGTERM))
            self.assertEqual(summary(self.folder / "study")["status"], "done")
            self.assertTrue((self.folder / "study/DONE").exists())

    def test_a_refused_trial_leaves_the_status_as_it_was(self):
        process = self.start_study(jobs="1")
        self.wait_for("seed-5/last.nnr")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(self.ended(process), 143)
        for number, mode in (("0", "never"), ("1", "must")):
            run("sweep", "--config", self.folder / "tiny.json", "--trial", number, "--resume", mode, "--out", self.folder / "study",
                "--device", "cpu", code=3)
            self.assertEqual(summary(self.folder / "study")["status"], "stopped")

    def test_trials_stopped_before_their_rung_do_not_end_the_study(self):
        config = tiny(training__epochs=4000, sweep={
            "method": "grid", "parameters": {"optimizer.learning_rate": {"values": [0.01, 0.02, 0.03]}},
            "early_terminate": {"type": "hyperband", "min_iter": 1000, "eta": 3}})
        process = self.start("--config", self.config(config), "--out", self.folder / "study", "--device", "cpu", "--jobs", "3",
                             "--quiet")
        self.wait_for(*(f"trial-000{trial}/seed-5/last.nnr" for trial in range(3)))
        for child in children(process.pid):
            os.kill(child, signal.SIGTERM)
        self.assertEqual(self.ended(process), 8)
        self.assertEqual(summary(self.folder / "study")["stopped"], 3)
        self.assertFalse((self.folder / "study/DONE").exists())

    def test_a_trial_that_is_killed_before_its_rung_is_tried_again(self):
        config = tiny(training__epochs=1800, training__checkpoint_every=5, sweep={
            "parameters": {"optimizer.learning_rate": {"values": [1e-9, 1e-8, 0.01]}},
            "metric": {"name": "loss", "goal": "minimize"},
            "early_terminate": {"type": "hyperband", "min_iter": 900, "eta": 3}})
        process = self.start("--config", self.config(config), "--out", self.folder / "study", "--device", "cpu",
                             "--jobs", "3")
        self.wait_for("trial-0002/seed-5/last.nnr")
        best, = [child for child in children(process.pid)
                 if "trial-0002" in pathlib.Path(f"/proc/{child}/cmdline").read_text()]
        os.kill(best, signal.SIGKILL)
        errors = process.communicate(timeout=300)[1]
        self.assertEqual(process.returncode, 0, errors)
        self.assertIn("1 trial failed on the way to 900 epochs; once more\n", errors)
        self.assertEqual([row["epochs"] for row in table(self.folder / "study")], ["900", "900", "1800"])

    def test_two_processes_share_the_work(self):
        first = self.start_study(jobs="1")
        self.wait_for("seed-5/lock")
        second = self.start_study(jobs="1")
        self.assertEqual((self.ended(first), self.ended(second)), (0, 0))
        self.assertEqual([row["status"] for row in table(self.folder / "study")], ["done", "done"])
        log = "".join((self.folder / f"study/seed-{seed}/log.jsonl").read_text() for seed in (5, 6))
        self.assertNotIn("error", log)


if __name__ == "__main__":
    main()
