"""A run that was stopped or killed, however often, ends with the bytes of one that never was."""
import os
import random
import signal
import time

from nnrun_cli import CliTest, main, rows, run, sha256, summary, tiny

AHEAD = 1000  # epochs that no test waits for to end: seconds, however late the test is told of the first ones
CONFIG = tiny(training__epochs=AHEAD, training__checkpoint_every=7, training__keep_best="val_accuracy",
              training__early_stopping={"monitor": "val_loss", "patience": 10**6, "restore_best": True})
SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGUSR1: 138, signal.SIGHUP: 129}


class Resume(CliTest):
    def setUp(self):
        super().setUp()
        self.path = self.config(CONFIG)
        self.arguments = ("--config", self.path, "--out", self.folder / "run", "--device", "cpu", "--threads", "1")

    def go_on(self):
        """One more process, with AHEAD epochs before it."""
        metrics = self.folder / "run/metrics.csv"
        self.longer = ("--set", f"training.epochs={AHEAD + (len(rows(metrics.parent)) if metrics.exists() else 0)}")
        return self.start(*self.arguments, *self.longer)

    def check_end(self):
        """The last process's run, trained to its end, has the bytes of one that was never disturbed."""
        run(*self.arguments, *self.longer)
        self.train("straight", "--threads", "1", *self.longer, config=self.path)
        straight = self.folder / "straight"
        for name in ("metrics.csv", "config.json"):
            self.assertEqual(sha256(self.folder / "run" / name), sha256(straight / name), name)
        ended, expected = summary(self.folder / "run"), summary(straight)
        for key in ("weights_sha256", "last", "best", "best_epoch", "epochs", "exact", "status"):
            self.assertEqual(ended[key], expected[key], key)
        run("verify", self.folder / "run")

    def test_killed_at_random_moments(self):
        moments = random.Random(3)
        for _ in range(2):  # while it starts
            process = self.go_on()
            time.sleep(moments.uniform(0.02, 0.3))
            self.kill(process)
        for _ in range(4):
            process = self.go_on()
            self.wait_for_epochs(process, 1)
            time.sleep(moments.uniform(0, 0.05))
            self.kill(process)
        self.check_end()

    def test_stopped_by_each_signal(self):
        for number, (name, code) in enumerate(SIGNALS.items()):
            process = self.go_on()
            self.wait_for_epochs(process, 2 + number)
            sent = time.monotonic()
            process.send_signal(name)
            _, errors = process.communicate(timeout=30)
            self.assertEqual(process.returncode, code, errors)
            self.assertLess(time.monotonic() - sent, 2)
            self.assertEqual(summary(self.folder / "run")["status"], "stopped")
            run("verify", self.folder / "run")
        self.check_end()

    def test_ignored_hangup_stays_ignored(self):
        process = self.start(*self.arguments, under=("nohup",))
        self.wait_for_epochs(process, 2)
        process.send_signal(signal.SIGHUP)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0)

    def test_lock_keeps_a_second_process_out(self):
        process = self.start(*self.arguments)
        self.wait_for_epochs(process, 1)
        process.send_signal(signal.SIGSTOP)  # lives until the second one has looked
        self.assertIn("in use", run(*self.arguments, code=7).stderr)
        process.send_signal(signal.SIGCONT)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0)


class Timing(CliTest):
    def test_the_save_before_a_stop_is_counted(self):
        arguments = ("--config", self.config(), "--out", self.folder / "run", "--device", "cpu", "--stop-after", "2")
        run(*arguments, code=138)
        seconds, timing = summary(self.folder / "run")["seconds"], (self.folder / "run/timing.csv").read_text()
        self.assertGreater(float(timing.splitlines()[-1].split(",")[-1]), 0)
        run(*arguments, code=138)  # has nothing to do before it stops again
        self.assertEqual((self.folder / "run/timing.csv").read_text(), timing)
        self.assertEqual(summary(self.folder / "run")["seconds"], seconds)
        (self.folder / "run/timing.csv").write_text("damaged")
        run(*arguments, code=138)
        self.assertEqual((self.folder / "run/timing.csv").read_text().count("\n"), 3)


class BestWeights(CliTest):
    def stopped(self, name, **changes):
        config = self.config(tiny(training__epochs=8, **changes))
        arguments = ("--config", config, "--out", self.folder / name, "--device", "cpu", "--threads", "1")
        run(*arguments, "--stop-after", "3", code=138)
        return self.folder / name / "best.nnr", arguments

    def test_a_run_that_lost_them_does_not_go_on(self):
        best, arguments = self.stopped("run")
        bytes_then = best.read_bytes()
        best.unlink()
        rows_then = rows(self.folder / "run")
        for command in (arguments, ("verify", self.folder / "run")):
            self.assertRegex(run(*command, code=3).stderr,
                             r"/best\.nnr: is missing: last\.nnr has the best weights in epoch \d\n")
        best.write_bytes(bytes_then[:-1] + bytes([bytes_then[-1] ^ 1]))
        for command in (arguments, ("verify", self.folder / "run")):
            self.assertIn("/best.nnr: is damaged", run(*command, code=3).stderr)
        self.assertEqual(rows(self.folder / "run"), rows_then)
        best.write_bytes(bytes_then)
        run(*arguments)
        run("verify", self.folder / "run")
        best.unlink()
        run(*arguments)  # nothing is left to do, whoever deleted it
        self.assertIn("/best.nnr: is missing", run(*arguments, "--set", "training.epochs=9", code=3).stderr)

    def test_a_run_without_them_goes_on(self):
        best, arguments = self.stopped("run", training__keep_best="none")
        self.assertFalse(best.exists())
        run(*arguments)


class NothingToSave(CliTest):
    """Before the first epoch, and in commands that train nothing, every signal ends nnrun at once, by exit()."""
    SLOW = {"data.train": 8_000_000, "data.test": 8}

    def ends_at_once(self, *arguments, is_at_work=lambda: True):
        process = self.start(*arguments, "--config", self.config(CONFIG), "--device", "cpu", "--threads", "1",
                             *(f"--set={key}={value}" for key, value in self.SLOW.items()))
        time.sleep(0.7)
        self.wait_until("at work", is_at_work)
        self.assertIsNone(process.poll(), "was over too early to tell")
        sent = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 143)
        self.assertLess(time.monotonic() - sent, 2)

    def test_while_data_are_read(self):
        self.ends_at_once("--out", self.folder / "run", is_at_work=(self.folder / "run/lock").exists)
        self.assertEqual(os.listdir(self.folder / "run"), ["lock"])
        self.SLOW = {}
        self.train("run", config=self.config(CONFIG))

    def test_while_a_sweep_is_checked(self):
        self.ends_at_once("--out", self.folder / "study", "--repeats", "3")
        self.assertFalse((self.folder / "study").exists())

    def test_other_commands(self):
        self.ends_at_once("--dry-run")
        self.ends_at_once("bench")


if __name__ == "__main__":
    main()
