"""A sweep through `nnrun sweep --emit slurm` on a real Slurm of one node, with one trial killed and two queued again.

Installs Debian's slurm-wlm and munge where they are missing and this is root. The cluster lives on loopback and in a
temporary folder; the system's own configuration is neither read nor changed.
"""
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from nnrun_cli import NNRUN, environment, has_engine, run, summary
from sweep_test import table

PROGRAMS = ["munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "sinfo"]
SETTINGS = ["--config", "smoke_sweep.json", "--device", "cpu", "--set", "training.epochs=8",
            "--set", "training.checkpoint_every=1", "--set", "description=it's \"quoted\" $HOME"]
CONFIG = """ClusterName=nnrun
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=2,bf_interval=2
ReturnToService=2
KillWait=5
MinJobAge=3600
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 RealMemory={memory} State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


def missing_programs():
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    return [program for program in PROGRAMS if shutil.which(program, path=path) is None]


def install():
    """Debian's packages; skips where that is not possible."""
    if not missing_programs():
        return
    if not shutil.which("apt-get"):
        skip("no Slurm and no apt-get")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL,
             "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
    subprocess.run(["apt-get", "update"], check=False, timeout=240, **quiet)
    subprocess.run(["apt-get", "install", "-y", "--no-install-recommends", "slurm-wlm", "munge"], check=False, timeout=240,
                   **quiet)
    if missing_programs():
        skip("slurm-wlm and munge cannot be installed")


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def wait_until(what, condition, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.1)
    raise AssertionError(f"waited {seconds} s for {what}")


class Cluster:
    """One node with its controller and a munge daemon of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.daemons = []
        self.environment = environment(SLURM_CONF=str(folder / "slurm.conf"),
                                       PATH=os.environ["PATH"] + ":/usr/sbin:/sbin")

    def start(self):
        host = socket.gethostname().split(".")[0]
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        (self.folder / "slurm.conf").write_text(
            CONFIG.format(host=host, folder=self.folder, ports=free_ports(2), memory=memory))
        (self.folder / "munge.key").write_bytes(os.urandom(128))
        (self.folder / "munge.key").chmod(0o400)
        self.daemon("munged", "--foreground", "--force", f"--key-file={self.folder}/munge.key",
                    f"--socket={self.folder}/munge.socket", f"--pid-file={self.folder}/munged.pid",
                    f"--log-file={self.folder}/munged.log", f"--seed-file={self.folder}/munged.seed")
        wait_until("munged", (self.folder / "munge.socket").exists, 20)
        self.daemon("slurmctld", "-D")
        self.daemon("slurmd", "-D", "-N", host)
        wait_until("an idle node", lambda: "idle" in self.call("sinfo", "-h", "-o", "%T", check=False), 60)

    def daemon(self, *command):
        log = open(self.folder / f"{command[0]}.out", "w")
        self.daemons.append(subprocess.Popen(command, stdout=log, stderr=log, env=self.environment))

    def call(self, *command, check=True, **options):
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=60, **options)
        assert not check or done.returncode == 0, f"{command}: {done.stderr}"
        return done.stdout

    def stop(self):
        self.call("scancel", "--full", "--user=root", check=False)
        for daemon in reversed(self.daemons):
            daemon.terminate()
        for daemon in self.daemons:
            try:
                daemon.wait(timeout=15)
            except subprocess.TimeoutExpired:
                daemon.kill()
        for stray in processes_with(str(self.folder)):
            os.kill(stray, signal.SIGKILL)


def processes_with(*words):
    """Processes whose command line contains all words."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if int(path.parent.name) != os.getpid() and all(any(word in part for part in line) for word in words):
            found.append(int(path.parent.name))
    return found


def trial_process(out):
    """A trial that is at work, with some epochs behind it: its number and process."""
    for process in processes_with(str(NNRUN), "--trial"):
        try:
            line = Path(f"/proc/{process}/cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        number = int(line[line.index("--trial") + 1])
        if (out / f"trial-{number:04}" / "seed-7" / "last.nnr").exists():
            return number, process
    return None


def kill_and_requeue(cluster, job, out):
    """The process of one trial dies; another trial is queued again while it runs."""
    killed, process = wait_until("a trial at work", lambda: trial_process(out), 120)
    os.kill(process, signal.SIGKILL)
    wait_until("the failed task", lambda: "FAILED" in cluster.call("scontrol", "show", "job", f"{job}_{killed}"), 60)
    cluster.call("scontrol", "requeue", f"{job}_{killed}")
    moved, _ = wait_until("another trial at work", lambda: trial_process(out), 120)
    cluster.call("scontrol", "requeue", f"{job}_{moved}")
    return killed, moved


def check_results(cluster, job, out, local, requeued):
    for trial in requeued:
        assert "Restarts=0" not in cluster.call("scontrol", "show", "job", f"{job}_{trial}"), f"trial {trial} ran once"
    assert summary(out)["status"] == "done" and summary(out)["done"] == 25, summary(out)
    assert (out / "DONE").exists()
    assert table(out) == table(local), "Slurm's table differs from the local one"
    killed_log = (out / f"trial-{requeued[0]:04}" / "seed-7" / "log.jsonl").read_text()
    assert "goes on after epoch" in killed_log, "the killed trial began anew"


def test(folder):
    cluster = Cluster(folder)
    out, local = folder / "it's out", folder / "local"
    script = folder / "sweep.sh"
    script.write_text(run("sweep", *SETTINGS, "--out", out, "--emit", "slurm").stdout)
    assert "#SBATCH --array=0-24\n" in script.read_text()
    try:
        cluster.start()
        said = cluster.call("sh", str(script), cwd=folder)
        job = re.search(r"job (\d+)", said).group(1)
        requeued = kill_and_requeue(cluster, job, out)
        wait_until("the end of all jobs", lambda: not cluster.call("squeue", "-h").strip(), 400)
        run(*SETTINGS, "--out", local, "--quiet")
        check_results(cluster, job, out, local, requeued)
    except BaseException:
        print(cluster.call("squeue", check=False))
        for log in sorted(folder.glob("*.log")) + sorted(folder.glob("*.out")):
            print(f"--- {log.name}\n" + "\n".join(log.read_text(errors="replace").splitlines()[-25:]))
        raise
    finally:
        cluster.stop()


if __name__ == "__main__":
    if not has_engine():
        skip("no engine")
    if os.geteuid() != 0:
        skip("needs root to start Slurm's daemons")
    install()
    with tempfile.TemporaryDirectory(prefix="nnrun-slurm-") as name:
        test(Path(name))
    print("a sweep through Slurm equals a local one")
