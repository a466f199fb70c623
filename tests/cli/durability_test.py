"""What a failing disk, a kill or a damaged file leaves is told from a finished run, and mended where the rest allows it."""
import os
import shutil
import signal
from pathlib import Path

from faults import disk, durable_files
from nnrun_cli import CliTest, children, locked, main, rows, run, sha256, summary, tiny, tree
from sweep_test import table


def flip(path, byte):
    content = bytearray(path.read_bytes())
    content[byte] ^= 1
    path.write_bytes(content)


class Done(CliTest):
    """DONE speaks for a run only beside a summary that says the same."""

    def check_heals(self, out, straight, config=None):
        self.train(out, config=config)
        self.assertTrue((self.folder / out / "DONE").exists())
        run("verify", self.folder / out)
        ended, expected = summary(self.folder / out), summary(straight)
        for key in ("status", "epochs", "last", "best", "best_epoch", "parameters", "seed", "weights_sha256", "exact"):
            self.assertEqual(ended.get(key), expected.get(key), key)
        self.assertNotIn("error", ended)

    def test_a_disk_that_fails_behind_done(self):
        self.train("straight")
        error = self.train(code=5, env=disk(NO_FSYNC="DONE")).stderr
        self.assertIn("DONE: cannot be made durable", error)
        self.assertFalse((self.folder / "run/DONE").exists())
        self.assertEqual(summary(self.folder / "run")["status"], "failed")
        run("verify", self.folder / "run")
        self.check_heals("run", self.folder / "straight")

    def test_the_same_in_trials(self):
        config = tiny(repeats=2, training__epochs=1)
        self.train("straight", config=config)
        self.train("study", "--jobs", "1", config=config, code=8, env=disk(NO_FSYNC="DONE"))
        self.train("study", config=config)
        self.assertEqual(table(self.folder / "study"), table(self.folder / "straight"))
        run("verify", self.folder / "study")

    def test_without_its_summary(self):
        self.train("straight")
        for damage in (lambda path: path.unlink(), lambda path: shutil.copy(other, path)):
            self.train("stopped", "--overwrite", "--stop-after", "2", code=138)
            other = self.folder / "stopped/summary.json"
            self.train("run", "--overwrite")
            damage(self.folder / "run/summary.json")
            self.check_heals("run", self.folder / "straight")

    def test_a_trial_without_its_summary(self):
        config = tiny(repeats=2, training__epochs=1)
        self.train("study", config=config)
        expected = table(self.folder / "study")
        (self.folder / "study/seed-5/summary.json").unlink()
        self.train("study", config=config)
        self.assertEqual(table(self.folder / "study"), expected)
        self.assertEqual(summary(self.folder / "study")["status"], "done")
        run("verify", self.folder / "study")

    def test_what_it_vouches_for_is_on_disk_before(self):
        config = tiny(feature_maps={"layers": ["C1"], "images": [0]})
        self.train(config=config, env=disk(LOG=self.folder / "log"))
        durable = durable_files(self.folder / "log", until="run/DONE")
        for name in ("metrics.csv", "summary.json", "last.nnr", "best.nnr", "config.json", "manifest.json",
                     "features/C1-0.png", "features/input-0.png", "features/hashes.json"):
            self.assertIn(str(self.folder / "run" / name), durable)

    def test_that_of_a_study(self):
        self.train("study", "--quiet", "--jobs", "1", config=tiny(repeats=2), env=disk(LOG=self.folder / "log"))
        durable = durable_files(self.folder / "log", until="study/DONE")
        for name in ("sweep.csv", "summary.json", "config.json"):
            self.assertIn(str(self.folder / "study" / name), durable)


class Table(CliTest):
    """A study's table that cannot be written is no reason to end trials that are at work."""

    def test_it_is_written_once_there_is_room_again(self):
        full, errors = self.folder / "full", self.folder / "errors"
        path = self.config(tiny(repeats=2, training__epochs=100000))  # more than any test waits for
        for at_the_end in (False, True):
            out = f"study-{at_the_end}"
            with errors.open("w") as stderr:
                study = self.start("--config", path, "--out", self.folder / out, "--device", "cpu", "--jobs", "2", "--quiet",
                                   stderr=stderr, env=disk(NO_RENAME="sweep.csv", WHILE=full))
            for seed in (5, 6):
                self.wait_until("an epoch", (self.folder / out / f"seed-{seed}/last.nnr").exists)
            full.touch()
            trial = next(child for child in children(study.pid)
                         if b"seed-6" in Path(f"/proc/{child}/cmdline").read_bytes())
            os.kill(trial, signal.SIGTERM)
            self.wait_until("the warning", lambda: "sweep.csv: cannot be written" in errors.read_text())
            self.assertIn("nnrun: warning: ", errors.read_text())
            self.wait_for_epochs(study, 1, out)
            if not at_the_end:
                full.unlink()
            study.send_signal(signal.SIGTERM)
            study.wait(timeout=60)
            self.assertEqual(study.returncode, 5 if at_the_end else 143, errors.read_text())
            full.unlink(missing_ok=True)
            self.assertEqual([summary(self.folder / out / f"seed-{seed}")["status"] for seed in (5, 6)], 2 * ["stopped"])
            if not at_the_end:
                self.assertEqual([row["status"] for row in table(self.folder / out)], 2 * ["stopped"])
                self.assertEqual(summary(self.folder / out)["status"], "stopped")


class Damage(CliTest):
    def test_a_summary_that_a_kill_emptied(self):
        self.train("straight")
        self.train("run", "--stop-after", "2", code=138)
        (self.folder / "run/summary.json").write_text("")
        error = self.train("run").stderr
        self.assertIn("warning", error)
        self.assertIn("summary.json: is damaged", error)
        self.assertEqual(rows(self.folder / "run"), rows(self.folder / "straight"))
        run("verify", self.folder / "run")

    def test_a_damaged_summary_beside_done_is_reported(self):
        self.train()
        flip(self.folder / "run/summary.json", 30)
        before = sha256(self.folder / "run/summary.json")
        self.assertIn("summary.json: is damaged", self.train(code=3).stderr)
        self.assertEqual(sha256(self.folder / "run/summary.json"), before)

    def test_a_finished_trial_with_a_damaged_checkpoint(self):
        config = tiny(repeats=2, training__epochs=1)
        self.train("study", config=config)
        last = self.folder / "study/seed-5/last.nnr"
        flip(last, -1)
        damaged = sha256(last)
        error = self.train("study", config=config, code=8).stderr
        self.assertIn(f"{last}: is damaged", error)
        self.assertEqual(sha256(last), damaged)
        self.assertFalse((self.folder / "study/DONE").exists())
        flip(last, -1)
        self.train("study", config=config)
        run("verify", self.folder / "study")

    def test_a_trial_without_its_manifest(self):
        self.train("study", config=tiny(repeats=2, training__epochs=1))
        (self.folder / "study/seed-5/manifest.json").unlink()
        (self.folder / "study/DONE").unlink()
        self.assertIn("seed-5/manifest.json", run("verify", self.folder / "study", code=3).stderr)
        (self.folder / "study/seed-6/manifest.json").write_text("")
        error = run("verify", self.folder / "study", code=3).stderr
        self.assertEqual(len(error.splitlines()), 2, error)


class LeftBehind(CliTest):
    def test_temporary_files_of_killed_runs(self):
        self.train("run", "--stop-after", "2", code=138)
        (self.folder / "run/.nnrun-12-3.tmp").write_bytes(bytes(1000))
        self.train("run")
        self.assertNotIn(".nnrun-12-3.tmp", tree(self.folder / "run"))

    def test_overwriting_beside_files_of_others_can_begin_again(self):
        study = tiny(repeats=2, training__epochs=1)
        for old, new in ((tiny(), tiny()), (study, tiny()), (tiny(), study), (study, study)):
            shutil.rmtree(self.folder / "run", ignore_errors=True)
            self.train("run", config=old)
            (self.folder / "run/notes.txt").write_text("mine")
            for fails in ("config.json", "summary.json" if "repeats" in new else "manifest.json"):
                self.train("run", "--overwrite", config=new, code=5, env=disk(NO_RENAME=fails))
                self.assertEqual((self.folder / "run/notes.txt").read_text(), "mine")
            self.train("run", "--overwrite", config=new)
            run("verify", self.folder / "run")
            self.assertIn("nothing left to do", self.train("run", config=new).stdout)
            self.assertEqual((self.folder / "run/notes.txt").read_text(), "mine")
            self.assertEqual((self.folder / "run/manifest.json").exists(), "repeats" not in new)
            self.assertEqual((self.folder / "run/sweep.csv").exists(), "repeats" in new)

    def test_without_overwrite_too(self):
        self.train()
        (self.folder / "run/notes.txt").write_text("mine")
        self.train("run", "--overwrite", code=5, env=disk(NO_RENAME="manifest.json"))
        self.train("run")
        run("verify", self.folder / "run")


class Large(CliTest):
    def test_with_all_its_defaults_a_config_may_be_larger_than_what_users_write(self):
        config = tiny(training__epochs=1, repeats=2, description="")
        path = self.config(config)
        path = self.config({**config, "description": "x" * ((1 << 20) - path.stat().st_size)})
        self.assertEqual(path.stat().st_size, 1 << 20)
        for how in ("processes", "threads"):
            self.train(how, "--jobs-as", how, config=path)
            self.assertGreater((self.folder / how / "seed-5/config.json").stat().st_size, 1 << 20)
            run("evaluate", self.folder / how / "seed-5")
        path.write_text(path.read_text() + " ")
        self.train("larger", config=path, code=2)


class Shared(CliTest):
    def test_a_trial_in_use_is_no_error(self):
        config = self.config(tiny(repeats=2, training__epochs=1))
        self.train("study", config=config)
        held, free = self.folder / "study/seed-5", self.folder / "study/seed-6"
        for how in ("processes", "threads"):
            shutil.rmtree(free)
            shutil.rmtree(held)
            held.mkdir()
            with locked(held):
                process = self.start("--config", config, "--out", self.folder / "study", "--device", "cpu", "--jobs", "2",
                                     "--jobs-as", how)
                self.wait_until("the free trial", (free / "DONE").exists)
            _, errors = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 0, errors)
            self.assertNotIn("error", errors)
            self.assertNotIn("in use", errors)


if __name__ == "__main__":
    main()
