"""A run that was stopped or killed, however often, ends with the bytes of one that never was."""
import os
import random
import signal
import subprocess
import time

from nnrun_cli import CliTest, command, environment, main, run, sha256, summary, tiny

CONFIG = tiny(training__epochs=60, training__checkpoint_every=7, training__keep_best="val_accuracy",
              training__early_stopping={"monitor": "val_loss", "patience": 1000, "restore_best": True})
SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGUSR1: 138, signal.SIGHUP: 129}


class Resume(CliTest):
    def setUp(self):
        super().setUp()
        self.path = self.config(CONFIG)
        self.arguments = command("--config", self.path, "--out", self.folder / "run", "--device", "cpu", "--threads", "1")

    def straight(self):
        self.train("straight", "--threads", "1", config=self.path)
        return self.folder / "straight"

    def check_same(self, straight):
        for name in ("metrics.csv", "config.json"):
            self.assertEqual(sha256(self.folder / "run" / name), sha256(straight / name), name)
        ended, expected = summary(self.folder / "run"), summary(straight)
        for key in ("weights_sha256", "last", "best", "best_epoch", "epochs", "exact", "status"):
            self.assertEqual(ended[key], expected[key], key)
        run("verify", self.folder / "run")

    def start(self):
        return subprocess.Popen(self.arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                env=environment())

    def wait_for_epochs(self, process, epochs):
        """Until metrics.csv has that many rows more than now."""
        path = self.folder / "run/metrics.csv"
        count = lambda: len(path.read_text().splitlines()) if path.exists() else 1
        wanted = count() + epochs
        while process.poll() is None and count() < wanted:
            time.sleep(0.005)

    def test_killed_at_random_moments(self):
        straight = self.straight()
        moments = random.Random(3)
        for _ in range(6):
            process = self.start()
            time.sleep(moments.uniform(0.05, 1.2))
            process.kill()
            process.communicate()
        self.assertEqual(subprocess.run(self.arguments, capture_output=True, env=environment()).returncode, 0)
        self.check_same(straight)

    def test_stopped_by_each_signal(self):
        straight = self.straight()
        for number, (name, code) in enumerate(SIGNALS.items()):
            process = self.start()
            self.wait_for_epochs(process, 2 + number)
            sent = time.monotonic()
            process.send_signal(name)
            _, errors = process.communicate(timeout=30)
            if process.returncode == 0:  # it had come to its end
                break
            self.assertEqual(process.returncode, code, errors)
            self.assertLess(time.monotonic() - sent, 2)
            self.assertEqual(summary(self.folder / "run")["status"], "stopped")
            run("verify", self.folder / "run")
        self.assertEqual(subprocess.run(self.arguments, capture_output=True, env=environment()).returncode, 0)
        self.check_same(straight)

    def test_ignored_hangup_stays_ignored(self):
        process = subprocess.Popen(["nohup", *self.arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait_for_epochs(process, 2)
        process.send_signal(signal.SIGHUP)
        self.assertEqual(process.wait(timeout=60), 0)

    def test_lock_keeps_a_second_process_out(self):
        process = self.start()
        self.wait_for_epochs(process, 1)
        second = subprocess.run(self.arguments, capture_output=True, text=True, env=environment())
        if process.poll() is None:
            self.assertEqual(second.returncode, 7)
            self.assertIn("in use", second.stderr)
        process.communicate()


class NothingToSave(CliTest):
    """Before the first epoch, and in commands that train nothing, every signal ends nnrun at once, by exit()."""
    SLOW = {"data.train": 8_000_000, "data.test": 8}

    def ends_at_once(self, *arguments):
        process = subprocess.Popen(command(*arguments, "--config", self.config(CONFIG), "--device", "cpu", "--threads", "1",
                                           *(f"--set={key}={value}" for key, value in self.SLOW.items())),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment())
        time.sleep(0.7)
        self.assertIsNone(process.poll(), "was over too early to tell")
        sent = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 143)
        self.assertLess(time.monotonic() - sent, 2)

    def test_while_data_are_read(self):
        self.ends_at_once("--out", self.folder / "run")
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
