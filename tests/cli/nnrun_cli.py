"""What the command-line tests share: running the program, small experiments, reading results."""
import contextlib
import copy
import fcntl
import hashlib
import json
import os
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

NNRUN = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else Path()
REPOSITORY = Path(os.environ.get("NNRUN_REPOSITORY", Path(__file__).resolve().parents[2]))

# Learnable in a few epochs of a few milliseconds; dropout and momentum leave state to be resumed.
TINY = {
    "name": "tiny",
    "seed": 5,
    "data": {"type": "synthetic_images", "classes": 3, "shape": [3, 8, 8], "train": 90, "test": 30},
    "model": {"layers": [
        {"name": "C1", "type": "conv2d", "filters": 4, "kernel": 3, "activation": "relu"},
        {"name": "S1", "type": "max_pool2d", "size": 2},
        {"name": "flat", "type": "flatten"},
        {"name": "D1", "type": "dropout", "rate": 0.2},
        {"name": "F1", "type": "dense", "units": 3},
    ]},
    "optimizer": {"type": "adam", "learning_rate": 0.01},
    "training": {"epochs": 4, "batch_size": 16},
}


def tiny(**changes):
    """TINY with dotted keys changed: tiny(training__epochs=2)."""
    config = copy.deepcopy(TINY)
    for key, value in changes.items():
        *path, last = key.split("__")
        node = config
        for part in path:
            node = node.setdefault(part, {})
        node[last] = copy.deepcopy(value)
    return config


def diverging(**changes):
    """Linear layers on top of each other under a rate that sends them to infinity within an epoch."""
    config = tiny(optimizer={"type": "sgd", "learning_rate": 2e9}, **changes)
    config["model"]["layers"] = [{"name": "flat", "type": "flatten"}, {"name": "F1", "type": "dense", "units": 8},
                                 {"name": "F2", "type": "dense", "units": 8}, {"name": "F3", "type": "dense", "units": 3}]
    return config


def environment(**variables):
    kept = {key: value for key, value in os.environ.items()
            if key not in ("NNRUN_DATA", "NO_COLOR", "CLICOLOR_FORCE")}
    return {**kept, **variables}


def command(*arguments):
    return [str(NNRUN), *map(str, arguments)]


def run(*arguments, code=0, **options):
    """Runs nnrun and checks its exit code, and that an error leaves stdout empty."""
    options.setdefault("env", environment())
    options.setdefault("text", True)
    done = subprocess.run(command(*arguments), capture_output=True, timeout=300, **options)
    assert done.returncode == code, \
        f"{' '.join(map(str, arguments))}: exit code {done.returncode}, expected {code}\n{done.stderr}"
    if code != 0:
        assert not done.stdout, f"stdout is not empty after an error: {done.stdout}"
    return done


def sha256(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def summary(folder):
    return json.loads((Path(folder) / "summary.json").read_text())


def rows(folder):
    return (Path(folder) / "metrics.csv").read_text().splitlines()[1:]


def tree(folder):
    """Every path below a folder, for tests that nothing was left behind."""
    return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*"))


@contextlib.contextmanager
def locked(folder):
    """Holds a run directory as a live process does."""
    with open(Path(folder) / "lock", "w") as lock:
        # OFD locks of glibc: struct flock with l_pid 0; F_OFD_SETLK is 37.
        fcntl.fcntl(lock, 37, struct.pack("hhqqi", fcntl.F_WRLCK, 0, 0, 0, 0))
        yield


def part_b_configs():
    """Names of the Part B experiments that are one run each (repeats aside), as run and as asked."""
    folder = REPOSITORY / "configs"
    paths = sorted(folder.glob("partB_*.json")) + sorted(folder.glob("as_run/partB_*.json"))
    return [str(path.relative_to(folder)) for path in paths if "sweep" not in json.loads(path.read_text())]


def state(stat):
    """The letter for it in the `stat` of a process or thread; none once that is gone."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(stat).read_text().rsplit(")", 1)[1].split()[0]
    return ""


def lives(process):
    return state(f"/proc/{process}/stat") not in ("", "Z")


def children(parent):
    with contextlib.suppress(FileNotFoundError), open(f"/proc/{parent}/task/{parent}/children") as file:
        return [int(child) for child in file.read().split()]
    return []


def hold(process):
    """Stops a process until SIGCONT, and waits for each of its threads to stand still, or to be dead: one that is in a
    call of the system comes to its end first."""
    os.kill(process, signal.SIGSTOP)
    while any(state(stat) not in ("", "T", "Z") for stat in Path("/proc").glob(f"{process}/task/*/stat")):
        time.sleep(0.005)


def end(process):
    with process:  # closes its streams and waits for it
        process.kill()


class CliTest(unittest.TestCase):
    """A test with a folder of its own, which is the working directory of nothing."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="nnrun-test-")
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)

    def config(self, config=None, name="tiny.json"):
        path = self.folder / name
        path.write_text(json.dumps(TINY if config is None else config))
        return path

    def train(self, out="run", *arguments, config=None, code=0, **options):
        path = config if isinstance(config, Path) else self.config(config)
        return run("--config", path, "--out", self.folder / out, "--device", "cpu", *arguments, code=code, **options)

    def start(self, *arguments, under=(), **options):
        """nnrun in the background; it ends with the test at the latest."""
        options = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True, "env": environment(), **options}
        process = subprocess.Popen([*under, *command(*arguments)], **options)
        self.addCleanup(end, process)
        return process

    def wait_until(self, what, condition, seconds=30):
        deadline = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), deadline, f"waited in vain: {what}")
            time.sleep(0.005)

    def wait_for_epochs(self, process, epochs, out="run"):
        """Until the metrics of a run or study have that many rows more than now, or some that came with them (they are
        written ten times a second); nnrun must still be at work then."""
        count = lambda: sum(len(rows(path.parent)) for path in (self.folder / out).rglob("metrics.csv"))
        wanted = count() + epochs
        self.wait_until(f"{epochs} epochs", lambda: count() >= wanted or process.poll() is not None)
        self.assertIsNone(process.poll(), "ended before it could be disturbed")

    def kill(self, process):
        """kill -9, which must find the process alive."""
        process.kill()
        process.communicate()
        self.assertEqual(process.returncode, -signal.SIGKILL, "ended before it could be killed")


def has_engine():
    """False in a build without LibTorch."""
    return any((NNRUN.parent.parent / place / "libnnrun_engine.so").exists() for place in ("lib", "lib/nnrun"))


def main(needs_engine=True):
    if needs_engine and not has_engine():
        sys.exit(77)
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
