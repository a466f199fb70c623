"""What a study's own files say while it is extended, looked at, and worked on by several processes."""
import json
import signal

from nnrun_cli import CliTest, diverging, main, run, summary, tiny
from sweep_test import table

RATES = {"parameters": {"optimizer.learning_rate": {"values": [0.01, 0.02, 0.03]}}}
ONE = {"parameters": {"optimizer.learning_rate": {"values": [0.01]}}}
LONG = 2500  # epochs: seconds, for a trial that is at work while others come and go


class ExtendedStudy(CliTest):
    def setUp(self):
        super().setUp()
        self.out = self.folder / "study"

    def sweep(self, *arguments, code=0):
        return run("sweep", "--config", self.path, "--out", self.out, "--device", "cpu", *arguments, code=code)

    def main_job(self, *arguments, code=0):
        return run("--config", self.path, "--out", self.out, "--device", "cpu", "--quiet", *arguments, code=code)

    def start_job(self, *arguments):
        return self.start("--config", self.path, "--out", self.out, "--device", "cpu", "--quiet", *arguments)

    def has_two_seeds(self):
        config = json.loads((self.out / "config.json").read_text())
        return config["repeats"] == 2 and (self.out / "summary.json").exists()  # which goes before config.json changes

    def check_open(self, **counts):
        """Intact, and not done."""
        self.assertFalse((self.out / "DONE").exists())
        self.assertNotEqual(summary(self.out)["status"], "done")
        self.assertEqual({key: summary(self.out)[key] for key in counts}, counts)
        run("verify", self.out)

    def check_done(self, trials):
        self.assertTrue((self.out / "DONE").exists())
        self.assertEqual([summary(self.out)[key] for key in ("status", "trials", "done")], ["done", trials, trials])
        run("verify", self.out)


class MoreEpochs(ExtendedStudy):
    """A trial is done only with the epochs of the study."""

    def setUp(self):
        super().setUp()
        self.path = self.config(tiny(training__epochs=2, sweep=RATES))
        self.main_job()
        self.longer = ("--set", "training.epochs=3")

    def test_the_last_trial_that_is_extended_ends_the_study(self):
        for trial in (0, 2):
            self.sweep(*self.longer, "--trial", trial)
            self.check_open(trials=3, done=1 if trial == 0 else 2)
            self.assertEqual(table(self.out)[1]["status"], "stopped")
            self.assertIn("of 3 trials are done; training again", self.sweep(*self.longer, "--collect", code=8).stderr)
        self.sweep(*self.longer, "--trial", 1)
        self.check_done(3)
        self.assertEqual([row["epochs"] for row in table(self.out)], ["3", "3", "3"])

    def test_the_main_job_extends_the_others(self):
        self.sweep(*self.longer, "--trial", 1)
        self.main_job(*self.longer)
        self.check_done(3)

    def test_collecting_what_nobody_has_extended_yet_touches_nothing(self):
        before = {path: path.read_bytes() for path in self.out.rglob("*") if path.is_file()}
        for growth, trials in ((self.longer, "0 of 3"), (("--repeats", "2"), "3 of 6")):
            self.assertIn(f"{trials} trials are done", self.sweep(*growth, "--collect", code=8).stderr)
            self.assertEqual({path: path.read_bytes() for path in self.out.rglob("*") if path.is_file()}, before)
        self.check_done(3)


class SeveralProcesses(ExtendedStudy):
    def test_a_job_leaves_the_files_to_one_that_extended_the_study(self):
        self.path = self.config(tiny(training__epochs=LONG, sweep=ONE))
        first = self.start_job("--jobs", "1")
        self.wait_for_epochs(first, 1, "study")
        second = self.start_job("--jobs", "1", "--repeats", "2")
        self.wait_until("the study is extended", self.has_two_seeds)
        self.wait_for_epochs(second, 1, "study")
        second.send_signal(signal.SIGTERM)
        second.communicate(timeout=60)
        self.assertEqual(second.returncode, 143)
        first.communicate(timeout=300)
        self.assertEqual(first.returncode, 0)
        self.check_open(trials=2)
        self.main_job("--repeats", "2")
        self.check_done(2)

    def test_a_single_trial_leaves_the_files_to_an_extended_study(self):
        self.path = self.config(tiny(training__epochs=LONG, sweep=ONE))
        old = self.start("sweep", "--config", self.path, "--trial", "0", "--out", self.out, "--device", "cpu")
        self.wait_for_epochs(old, 1, "study")
        second = self.start("sweep", "--config", self.path, "--trial", "1", "--repeats", "2", "--out", self.out,
                            "--device", "cpu")
        self.wait_until("the study is extended", self.has_two_seeds)
        second.send_signal(signal.SIGTERM)
        second.communicate(timeout=60)
        old.communicate(timeout=300)
        self.assertEqual(old.returncode, 0)
        self.check_open(trials=2)
        self.main_job("--repeats", "2")
        self.check_done(2)

    def test_a_look_at_a_study_at_work_says_that_it_runs(self):
        self.path = self.config(tiny(training__epochs=LONG, sweep=RATES))
        process = self.start_job("--jobs", "1")
        self.wait_for_epochs(process, 1, "study")
        self.assertIn("0 of 3 trials are done, 1 running; ", self.sweep("--collect", code=8).stderr)
        self.assertEqual(summary(self.out)["status"], "running")
        self.wait_until("the first trial's end", lambda: "done" in [row["status"] for row in table(self.out)], 120)
        self.check_open(trials=3)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        self.assertEqual(summary(self.out)["status"], "stopped")
        self.sweep("--collect", code=8)
        self.assertEqual(summary(self.out)["status"], "stopped")
        self.check_open(trials=3)

    def test_the_last_of_single_trials_ends_the_study_though_one_diverged(self):
        self.path = self.config(diverging(training__epochs=1, sweep={
            "parameters": {"optimizer.learning_rate": {"values": [2e9, 0.01]}}}))
        self.sweep("--trial", "0", code=4)
        self.assertEqual(summary(self.out)["status"], "running")
        self.sweep("--trial", "1")
        self.assertEqual(summary(self.out)["status"], "failed")
        self.check_open(done=1, diverged=1)


if __name__ == "__main__":
    main()
