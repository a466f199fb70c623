"""On a terminal: Ctrl-C, which reaches a sweep's trials too, and the live progress line."""
import contextlib
import os
import pty
import re
import select
import signal
import time

from nnrun_cli import CliTest, command, environment, main, rows, run, summary, tiny

# Checkpoints come only from signals and at the end.
LONG = dict(training__epochs=100000, training__checkpoint_every=100000)


class Terminal:
    """nnrun as the foreground process of a terminal of its own; it ends with the test at the latest."""

    def __init__(self, test, *arguments):
        # Until it is nnrun the child is a copy of this test, whose clean-up an early Ctrl-C must not run there.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        self.child, self.master = pty.fork()
        if self.child == 0:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
            try:
                os.execve(command()[0], command(*arguments), environment())
            finally:
                os._exit(127)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        self.output = b""
        test.addCleanup(self.end)

    def end(self):
        if self.child:
            os.kill(self.child, signal.SIGKILL)
            os.waitpid(self.child, 0)
        os.close(self.master)

    def press_ctrl_c(self):
        os.write(self.master, b"\x03")

    def read(self):
        if select.select([self.master], [], [], 0.02)[0]:
            with contextlib.suppress(OSError):  # the terminal's last process has gone
                self.output += os.read(self.master, 65536)
                return True
        return False

    def wait_for(self, pattern, seconds=30):
        end = time.monotonic() + seconds
        while not re.search(pattern, self.output):
            if time.monotonic() > end:
                raise AssertionError(f"not there after {seconds} s: {pattern} in {self.output[-500:]}")
            self.read()

    def wait(self, seconds=30):
        """Exit code; 128 + signal when it died of one."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.read()
            child, status = os.waitpid(self.child, os.WNOHANG)
            if child:
                self.child = 0
                while self.read():  # what came before the end
                    pass
                return os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)
        raise AssertionError(f"still alive after {seconds} s: {self.output[-500:]}")


def processes_below(folder):
    """Processes with `folder` in their command line."""
    found = []
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{process}/cmdline", "rb") as file:
                if os.fsencode(folder) in file.read():
                    found.append(int(process))
        except OSError:
            pass
    return found


class CtrlC(CliTest):
    def wait_for_rows(self, *folders):
        self.wait_until("an epoch", lambda: all((folder / "metrics.csv").exists() and rows(folder) for folder in folders))

    def study(self, **changes):
        config = self.config(tiny(repeats=2, **{**LONG, **changes}))
        return Terminal(self, "--config", config, "--out", self.folder / "study", "--device", "cpu", "--jobs", "2")

    def test_every_trial_leaves_its_checkpoint(self):
        terminal = self.study()
        seeds = [self.folder / "study/seed-5", self.folder / "study/seed-6"]
        self.wait_for_rows(*seeds)
        before = [len(rows(folder)) for folder in seeds]
        terminal.press_ctrl_c()
        self.assertEqual(terminal.wait(), 130)
        self.assertEqual(processes_below(self.folder / "study"), [])
        for folder, epochs in zip(seeds, before):
            self.assertEqual(summary(folder)["status"], "stopped")
            self.assertGreaterEqual(summary(folder)["epochs"], epochs)
            self.assertTrue((folder / "last.nnr").exists())
        self.assertEqual(summary(self.folder / "study")["status"], "stopped")
        run("verify", self.folder / "study")

    def test_while_trials_start(self):
        """However early the signal comes: 130, nobody left behind, and the same command goes on."""
        for delay in (0.0, 0.03, 0.1, 0.2, 0.3, 0.4, 0.6):
            terminal = self.study(training__epochs=20)
            time.sleep(delay)
            terminal.press_ctrl_c()
            code = terminal.wait()
            self.assertIn(code, (130, 0, -signal.SIGINT), terminal.output)
            if code == -signal.SIGINT:  # before main: nothing has been written
                self.assertLess(delay, 0.1)
            self.assertEqual(processes_below(self.folder / "study"), [])
        self.assertEqual(self.study(training__epochs=20).wait(60), 0)
        run("verify", self.folder / "study")

    def test_twice_leaves_at_once(self):
        terminal = self.study()
        self.wait_for_rows(self.folder / "study/seed-5")
        start = time.monotonic()
        terminal.press_ctrl_c()
        terminal.press_ctrl_c()
        self.assertEqual(terminal.wait(), 130)
        self.assertLess(time.monotonic() - start, 2)
        self.wait_until("nobody left behind", lambda: not processes_below(self.folder / "study"), seconds=5)
        run("verify", self.folder / "study")

    def test_a_single_run(self):
        terminal = Terminal(self, "--config", self.config(tiny(**LONG)), "--out", self.folder / "run", "--device", "cpu")
        self.wait_for_rows(self.folder / "run")
        terminal.press_ctrl_c()
        self.assertEqual(terminal.wait(), 130)
        self.assertEqual(summary(self.folder / "run")["status"], "stopped")
        run("verify", self.folder / "run")


class Progress(CliTest):
    def test_one_live_line(self):
        terminal = Terminal(self, "--config", self.config(tiny(training__epochs=30)), "--out", self.folder / "run", "--device", "cpu")
        self.assertEqual(terminal.wait(), 0)
        lines = [line for line in terminal.output.decode().replace("\r\n", "\n").split("\n") if "epoch 30/30" in line]
        self.assertEqual(len(lines), 1, terminal.output)
        self.assertIn("\r\x1b[K", lines[0])
        self.assertIn("epoch 1/30", lines[0])

    def test_a_study_shows_the_trials_that_run(self):
        config = self.config(tiny(repeats=2, **LONG))
        terminal = Terminal(self, "--config", config, "--out", self.folder / "study", "--device", "cpu", "--jobs", "2")
        terminal.wait_for(rb"\x1b\[K0/2 trials  (about [^\r]+ left  )?seed-5 [1-9]\d*/100000  seed-6 [1-9]\d*/100000")
        terminal.press_ctrl_c()
        self.assertEqual(terminal.wait(), 130)
        # Lines that stay begin where the live one was.
        self.assertRegex(terminal.output, rb"\x1b\[Kseed-[56]: stopped, val_accuracy [\d.]+, [^\r]+\r\n")


if __name__ == "__main__":
    main()
