"""The scripts around the program: plots, data, set-up and build."""
import json
import os
import re
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from xml.etree import ElementTree

from nnrun_cli import lives

scripts = Path(os.environ["NNRUN_REPOSITORY"]) / "scripts"
METRICS = "epoch,accuracy,loss,val_accuracy,val_loss\n0,0.1,2.3,0.12,2.25\n1,0.2,2.1,nan,inf\n"
SWEEP = ("trial,seed,model.layers.C1.filters,optimizer.type,status,epochs,accuracy,loss,val_accuracy,val_loss,best_epoch,"
         "best_val_accuracy,best_val_loss,parameters,seconds\n"
         "0,7,8,sgd,done,1,0.1,2.3,0.25,2.2,0,0.25,2.2,10,1\n0,8,8,sgd,done,1,0.1,2.3,0.35,2.2,0,0.25,2.2,10,1\n"
         "1,7,8,adam,done,1,0.1,2.3,0.5,2.2,0,0.5,2.2,10,1\n2,7,16,sgd,failed,0,,,,,,,,,\n")


def run(code, *command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=120, **options)
    assert done.returncode == code, f"{command} ended with {done.returncode}, expected {code}:\n{done.stderr}"
    return done


def check_pictures(stem):
    assert Path(f"{stem}.png").read_bytes().startswith(b"\x89PNG"), stem
    return len(list(ElementTree.parse(f"{stem}.svg").iter()))


def text_in(picture):
    """All text of an SVG: Matplotlib leaves it in comments beside its outlines."""
    return " ".join(re.findall(r"<!-- (.*?) -->", Path(picture).read_text()))


def plot_curves(folder):
    for name in ("a", "b"):
        (folder / name).mkdir()
        (folder / name / "metrics.csv").write_text(METRICS)
    run(0, scripts / "plot_curves.py", folder / "a")
    one = check_pictures(folder / "a/curves")
    run(0, scripts / "plot_curves.py", folder / "a", folder / "b", "-o", folder / "both.svg")
    assert check_pictures(folder / "both") > one, "two runs draw no more than one"
    run(0, scripts / "plot_curves.py", folder, "-o", folder / "below")  # the folder stands for the runs below it
    assert check_pictures(folder / "below") > one
    assert "no metrics.csv" in run(5, scripts / "plot_curves.py", folder / "missing").stderr
    (folder / "a/metrics.csv").write_text(METRICS.splitlines(keepends=True)[0])
    assert "no run has finished an epoch" in run(2, scripts / "plot_curves.py", folder / "a").stderr


def plot_names_as_they_are(folder):
    odd = folder / "$x_{ $"
    odd.mkdir()
    (odd / "metrics.csv").write_text(METRICS)
    run(0, scripts / "plot_curves.py", odd)
    assert "$x_{ $" in text_in(odd / "curves.svg")


def plot_curves_of_a_validation_part(folder):
    for name, fraction in (("test", "null"), ("validation", "0.2")):
        (folder / name).mkdir()
        (folder / name / "config.json").write_text('{"name": "run", "data": {"validation_fraction": %s}}' % fraction)
        (folder / name / "metrics.csv").write_text(METRICS)
        run(0, scripts / "plot_curves.py", folder / name)
        assert name in text_in(folder / name / "curves.svg").split()
    run(0, scripts / "plot_curves.py", folder, "-o", folder / "both")
    assert "validation or test" in text_in(folder / "both.svg")


def repeats(folder, seeds=3):
    (folder / "r").mkdir()
    (folder / "r/config.json").write_text('{"name": "the repeats"}')
    for seed in range(seeds):
        (folder / f"r/seed-{seed}").mkdir(parents=True)
        rows = "".join(f"{epoch},{0.1 * seed + 0.1},2,0.{seed + 1},{2 + seed}\n" for epoch in range(2))
        (folder / f"r/seed-{seed}/metrics.csv").write_text("epoch,accuracy,loss,val_accuracy,val_loss\n" + rows)
        (folder / f"r/seed-{seed}/timing.csv").write_text("epoch,train_seconds,val_seconds,checkpoint_seconds\n0,1,0.5,0.5\n1,1,1,0\n")


def groups(*folders):
    """What the plots make of the folders: label, number of runs, band and rests of val_loss of every configuration."""
    code = ("import json, pathlib, plotting, sys; print(json.dumps([(each.label, len(each.runs), each.band('val_loss'), each.rests('val_loss'))"
            " for each in plotting.groups_of([pathlib.Path(path) for path in sys.argv[1:]])]))")
    shebang = (scripts / "plot_curves.py").read_text().splitlines()[0].removeprefix("#!")
    environment = {**os.environ, "PYTHONPATH": str(scripts)}
    return json.loads(subprocess.run([shebang, "-c", code, *folders], env=environment, capture_output=True, text=True, check=True).stdout)


def plot_bands(folder):
    """Repeats are one line with a band: mean, lowest and highest value at each epoch."""
    repeats(folder)
    (label, runs, band, rests), = groups(folder / "r")
    assert (label, runs) == ("the repeats", 3), (label, runs)
    assert band == [[0, 1], [2, 2], [3, 3], [4, 4]] and rests == [], (band, rests)  # epochs, lowest, mean, highest
    run(0, scripts / "plot_curves.py", folder / "r")
    assert check_pictures(folder / "r/curves")
    assert "PolyCollection" in Path(folder / "r/curves.svg").read_text(), "no band"
    same = [label for label, *_ in groups(folder / "r/seed-0", folder / "r/seed-1")]
    assert len(set(same)) == 2, f"two runs of one name: {same}"


def plot_bands_of_uneven_runs(folder):
    """A band ends where its first run does, or has no value any more; the others go on by themselves."""
    repeats(folder)
    with open(folder / "r/seed-1/metrics.csv", "a") as file:
        file.write("2,0.2,2,0.2,9\n")
    (_, _, band, rests), = groups(folder / "r")
    assert band == [[0, 1], [2, 2], [3, 3], [4, 4]] and rests == [[[1, 2], [3, 9]]], (band, rests)
    run(0, scripts / "plot_curves.py", folder / "r")
    (folder / "r/seed-2/metrics.csv").write_text("epoch,accuracy,loss,val_accuracy,val_loss\n0,0.3,2,0.3,4\n1,0.3,2,0.3,nan\n")
    (_, _, band, rests), = groups(folder / "r")
    assert band == [[0], [2], [3], [4]] and rests == [[[0, 1], [2, 2]], [[0, 1, 2], [3, 3, 9]]], (band, rests)


def plot_comparison(folder):
    repeats(folder)
    run(0, scripts / "plot_comparison.py", folder / "r", folder / "r/seed-1", "-o", folder / "c")
    check_pictures(folder / "c")
    shown = text_in(folder / "c.svg")
    assert "0.2" in shown and "4" in shown and "the repeats" in shown, shown  # mean of 0.1, 0.2, 0.3; seconds
    run(0, scripts / "plot_comparison.py", folder / "r", "--metric", "loss", "-o", folder / "d")


def plot_sweep(folder):
    (folder / "sweep.csv").write_text(SWEEP)
    run(0, scripts / "plot_sweep.py", folder)
    check_pictures(folder / "sweep")
    shown = text_in(folder / "sweep.svg")
    assert "(mean ± standard deviation over seeds)" in shown, shown
    assert "0.300" in shown and "± 0.071" in shown and "0.500" in shown, shown  # mean and sd of 0.25 and 0.35; one seed
    (folder / "sweep.csv").write_text(SWEEP.splitlines(keepends=True)[0])
    assert "no trial has finished" in run(2, scripts / "plot_sweep.py", folder).stderr
    assert "no sweep.csv" in run(5, scripts / "plot_sweep.py", folder / "missing").stderr
    (folder / "sweep.csv").write_text(SWEEP)
    assert "no trial has a best_val_loss" in run(2, scripts / "plot_sweep.py", only(folder, "failed"), "--metric", "best_val_loss").stderr
    for paths in (1, 3):
        run(0, scripts / "plot_sweep.py", swept(folder, paths), "-o", folder / f"panels-{paths}")
        check_pictures(folder / f"panels-{paths}")
    assert "(mean ± sd)" in text_in(folder / "panels-3.svg")


def plot_runs_that_diverged(folder):
    """They have no value, whatever their last row says, and a configuration with such a seed no mean."""
    (folder / "sweep.csv").write_text(SWEEP.replace("0,8,8,sgd,done", "0,8,8,sgd,diverged"))
    run(0, scripts / "plot_sweep.py", folder)
    shown = text_in(folder / "sweep.svg")
    assert "0.500" in shown and "0.300" not in shown and "0.250" not in shown, shown
    (folder / "sweep.csv").write_text(SWEEP.replace("done", "diverged"))
    assert "no trial has a val_accuracy" in run(2, scripts / "plot_sweep.py", folder).stderr
    repeats(folder)
    (folder / "r/seed-0/summary.json").write_text('{"status": "diverged"}')
    run(0, scripts / "plot_comparison.py", folder / "r", folder / "r/seed-0", folder / "r/seed-1", "-o", folder / "c")
    shown = text_in(folder / "c.svg")
    assert "1 of 3 without a value" in shown and "1 of 1 without a value" in shown and "0.2 " in shown, shown
    assert not run(0, scripts / "plot_comparison.py", folder / "r/seed-0", "-o", folder / "c").stderr


def plot_decades(folder):
    """Rates over decades stand at equal distances, in a panel as in a plane."""
    rates = [0.0001, 0.001, 0.01, 0.1]
    head = SWEEP.splitlines()[0].replace("model.layers.C1.filters,optimizer.type", "optimizer.learning_rate")
    rows = [f"{trial},5,{rate},done,1,0.1,2,0.{trial + 2},2,0,0.2,2,10,1\n" for trial, rate in enumerate(rates)]
    (folder / "sweep.csv").write_text(head + "\n" + "".join(rows))
    run(0, scripts / "plot_sweep.py", folder)
    svg = (folder / "sweep.svg").read_text()
    places = [float(x) for x in re.findall(r'<use xlink:href="#\w+" x="([\d.]+)" y="[\d.]+" style="fill: #0072b2', svg)]
    assert len(places) >= 4, svg[:2000]
    gaps = [b - a for a, b in zip(places[-4:], places[-3:])]
    assert max(gaps) - min(gaps) < 0.01 * max(gaps), gaps
    assert {"0.0001", "0.1"} <= set(text_in(folder / "sweep.svg").split())


def plot_a_swept_seed(folder):
    """sweep.csv then has two columns called seed."""
    head = SWEEP.splitlines()[0].replace("model.layers.C1.filters,optimizer.type", "seed")
    rows = [f"{trial},{trial + 5},{trial + 5},done,1,0.1,2,0.{trial + 2},2,0,0.2,2,10,1\n" for trial in range(3)]
    (folder / "sweep.csv").write_text(head + "\n" + "".join(rows))
    run(0, scripts / "plot_sweep.py", folder)
    assert {"seed", "5", "7"} <= set(text_in(folder / "sweep.svg").split())
    (folder / "trial-0001").mkdir()
    (folder / "trial-0001/metrics.csv").write_text(METRICS)
    assert groups(folder)[0][0] == "seed 6"


def plot_errors(folder):
    """A message and an exit code, not a traceback."""
    def told(code, script, *arguments, **options):
        error = run(code, scripts / script, *arguments, **options).stderr
        assert error.startswith(f"{script}: error: ") and len(error.splitlines()) == 1, error
        return error

    (folder / "a").mkdir()
    (folder / "a/metrics.csv").write_text(METRICS)
    assert "nosuch/x.png cannot be written" in told(5, "plot_curves.py", folder / "a", "-o", folder / "nosuch/x")
    for foreign in ("step,value\n1,2\n", METRICS + "2,x,1,1,1\n", "\xff\n"):
        (folder / "a/metrics.csv").write_text(foreign, encoding="latin-1")
        (folder / "sweep.csv").write_text(foreign, encoding="latin-1")
        assert "a/metrics.csv: not a table of nnrun" in told(2, "plot_comparison.py", folder / "a")
        assert "sweep.csv: not a table of nnrun" in told(2, "plot_sweep.py", folder)
    (folder / "hidden").mkdir()
    (folder / "hidden/matplotlib.py").write_text("raise ImportError")
    environment = {**os.environ, "PYTHONPATH": str(folder / "hidden")}
    assert "no matplotlib" in told(5, "plot_sweep.py", folder, env=environment)


def plot_random_sweep(folder):
    """Two values that make no grid are points, on a logarithmic axis where they go over decades."""
    head, tail = SWEEP.splitlines()[0], "sgd,done,1,0.1,2,0.{},2,0,0.2,2,10,1"
    rows = [f"{trial},7,{10 ** (-4 + trial / 10)},{tail.format(trial + 10).replace('sgd', str(0.1 + trial / 97))}" for trial in range(40)]
    (folder / "sweep.csv").write_text("\n".join([head, *rows]) + "\n")
    run(0, scripts / "plot_sweep.py", folder)
    width, height = struct.unpack(">II", (folder / "sweep.png").read_bytes()[16:24])
    assert width < 1200 and height < 1200, (width, height)
    assert len(re.findall(r'<use xlink:href="#C', (folder / "sweep.svg").read_text())) == 40, "not a point per trial"
    shown = text_in(folder / "sweep.svg").split()
    assert {"0.0001", "0.01", "val_accuracy"} <= set(shown), shown
    assert "±" not in shown


def only(folder, status):
    target = folder / status
    target.mkdir()
    head, *rows = SWEEP.splitlines(keepends=True)
    (target / "sweep.csv").write_text(head + "".join(row for row in rows if f",{status}," in row))
    return target


def swept(folder, paths):
    target = folder / str(paths)
    target.mkdir()
    rows = ["trial,seed," + ",".join(f"p{i}" for i in range(paths)) + "," + SWEEP.splitlines()[0].partition("optimizer.type,")[2]]
    for trial in range(4):
        rows.append(f"{trial},7," + ",".join(str(trial >> i & 1) for i in range(paths)) + f",done,1,0.1,2,0.{trial + 1},2,0,0.2,2,10,1")
    (target / "sweep.csv").write_text("\n".join(rows) + "\n")
    return target


def fetch_data(folder):
    """Files with the right name and the wrong content are not taken."""
    source, target = folder / "source", folder / "target"
    source.mkdir()
    (source / "data_batch_1.bin").write_bytes(b"wrong")
    error = run(5, scripts / "fetch_data.sh", target, "--from", source).stderr
    assert "no data_batch_1.bin with the MD5 sum 5dd7e06a14cb22eb9f671a540d1b7c25" in error, error
    assert files_in(target) == [], "a wrong file was taken"
    run(2, scripts / "fetch_data.sh", "--unknown")
    assert "--link needs --from" in run(2, scripts / "fetch_data.sh", target, "--link").stderr
    assert "--from needs a folder" in run(2, scripts / "fetch_data.sh", target, "--from").stderr
    assert "no such folder" in run(5, scripts / "fetch_data.sh", target, "--from", folder / "missing").stderr


def executable(file, script):
    file.write_text("#!/bin/sh\n" + script)
    file.chmod(0o755)


def stand_in(folder, name, script):
    """An environment in which the command `name` is this script."""
    (folder / "bin").mkdir(exist_ok=True)
    executable(folder / "bin" / name, script)
    return {**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}


def data_sets(folder):
    """All data sets as files of 3 kB, and an environment in which a file's first line is its MD5 sum."""
    sums = re.findall(r"([0-9a-f]{32})  ([\w/.-]+)", (scripts / "fetch_data.sh").read_text())
    for md5, file in sums:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(md5 + "\n" * 3000)
    assert len(sums) == 8
    return stand_in(folder, "md5sum", "head -n 1\n")


def files_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.name != ".fetch.lock")


def fetch_data_when_the_disk_is_full(folder):
    source, target = folder / "source", folder / "target"
    environment = data_sets(source)
    command = [scripts / "fetch_data.sh", target, "--from", source]
    full = ["bash", "-c", "trap '' XFSZ; ulimit -f 1; exec \"$@\"", "-", *command]
    error = run(5, *full, env=environment).stderr
    assert "data_batch_1.bin could not be written" in error and "all data sets" not in error, error
    assert files_in(target) == []
    assert "all data sets are in" in run(0, *command, env=environment).stderr
    assert len(files_in(target)) == 8


FAKE_NNRUN = """#!/bin/bash
[ "$1" = data ] && exit 5
while [ $# -gt 1 ]; do [ "$1" = --out ] && out=$2; shift; done
mkdir -p "$out"
echo '{"time":"…","level":"info","message":"'"$MESSAGE"'"}' >"$out/log.jsonl"
printf 'epoch,train_seconds,val_seconds,checkpoint_seconds\\n0,9,0,0\\n1,%s,0.001,7\\n2,%s,0.001,0\\n' $EPOCH $EPOCH >"$out/timing.csv"
"""


def check_gpu(folder, nnrun, parts):
    """The command for a stand-in of nnrun (its text; None: there is none)."""
    program = folder / "nnrun"
    if nnrun is not None:
        program.write_text(nnrun)
        program.chmod(0o755)
    return [scripts / "check_gpu", "--only", parts, "--nnrun", program, "--work", folder / "work", "--out", folder / "out"]


def check_gpu_compares_times_with_aims(folder):
    command = check_gpu(folder, FAKE_NNRUN, "times")
    fast = run(0, *command, env={**os.environ, "EPOCH": "0.002"}).stdout
    assert "| CNN (90, 40), float32 (synthetic data) | 3.00 | 0.035 s for 1: 0.003 s | met |" in fast, fast
    slow = run(1, *command, env={**os.environ, "EPOCH": "0.02"}).stdout
    assert "| CNN (90, 40), tf32 (synthetic data) | 21.00 | 0.016 s for 1: 0.021 s | MISSED |" in slow, slow
    assert "| char GRU, 100 epochs (synthetic data) | 21.00 | 0.5 s for 100: 2.100 s | MISSED |" in slow, slow
    assert "| word GRU, 100 epochs (synthetic data) | 21.00 | 1 s for 100: 2.100 s |  |" in slow, slow
    assert (folder / "out/report.md").read_text() == slow
    packed = run(0, "tar", "-tzf", folder / "out/logs.tar.gz").stdout.split()
    assert {"data.log", "char_GRU_100_epochs.log", "char_GRU_100_epochs/log.jsonl"} <= set(packed), packed
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["logs.tar.gz", "report.md"]
    failing = check_gpu(folder, "#!/bin/bash\necho 'no CUDA device' >&2\nexit 6\n", "times")
    assert "FAILED (6: no CUDA device)" in run(1, *failing).stdout
    assert "no such part: build1" in run(2, scripts / "check_gpu", "--only", "build1,tests").stderr


def check_gpu_notices_runs_without_graphs(folder):
    message = "the steps of an epoch cannot be recorded as a CUDA graph (an operation waits); they run one by one"
    environment = {**os.environ, "EPOCH": "0.002", "MESSAGE": message}
    report = run(1, *check_gpu(folder, FAKE_NNRUN, "times,sweeps,repeats"), env=environment).stdout
    assert f"| char GRU, 100 epochs | FAILED ({message}) | | |" in report, report
    assert re.search(rf"- sweep 8 at once \(synthetic data\): \d+ s; FAILED \({re.escape(message)}\)", report), report
    alone = {**environment, "MESSAGE": "runs cannot share launches (the runs launch different kernels); each launches its own"}
    report = run(1, *check_gpu(folder, FAKE_NNRUN, "repeats"), env=alone).stdout
    assert f"- 8 seeds as launches (synthetic data): 0 s; FAILED ({alone['MESSAGE']})" in report, report
    report = run(1, *check_gpu(folder, FAKE_NNRUN, "repeats"), env={**environment, "MESSAGE": "shares launches"}).stdout
    assert "- 8 seeds as launches (synthetic data): 0 s; \n" in report, report
    assert "- 8 seeds as streams (synthetic data): 0 s; FAILED (runs that shared launches: some)" in report, report
    executable(folder / "nnrun_model_tests", "echo '[  SKIPPED ] 79 tests.'\n")  # and ends with 0
    assert "FAILED ([  SKIPPED ] 79 tests.)" in run(1, *check_gpu(folder, None, "tests")).stdout


def check_gpu_reads_the_doctor(folder):
    environment = stand_in(folder, "nvidia-smi", "echo H200\n")

    def report(code, *facts):
        answer = json.dumps({"LibTorch": "/opt/torch", **dict(facts)}, indent=2)
        doctor = f"#!/bin/bash\n[ \"$*\" = 'doctor --json' ] && echo 'a warning' >&2 && echo '{answer}'\n"
        return run(code, *check_gpu(folder, doctor, "doctor"), env=environment).stdout

    graphs = "CUDA kernels and graphs"
    assert report(0, (graphs, "yes")).endswith(f"; {graphs}: yes\n")
    assert f"FAILED ({graphs}: no: libcublas.so.13 is missing)" in report(1, (graphs, "no: libcublas.so.13 is missing"))
    assert f"FAILED ({graphs}: none: no NVIDIA driver)" in report(1, ("CUDA", "none: no NVIDIA driver"))
    assert f"FAILED ({graphs}: cannot load LibTorch)" in report(1, ("engine", "cannot load LibTorch"))


def check_gpu_goes_on_after_a_missing_program(folder):
    report = run(1, *check_gpu(folder, None, "memcheck,doctor,times"), env={**os.environ, "PATH": "/usr/bin:/bin"}).stdout
    missing = "FAILED ([Errno 2] No such file or directory: "
    assert f"{missing}'compute-sanitizer')" in report, report
    assert report.count(f"{missing}'{folder}/nnrun')") == 10, report  # doctor, nine times


def check_gpu_keeps_its_time(folder):
    """What runs when the time is over is cut off, with the programs that it has started, as ninja in groups of their own."""
    slow = f"#!/bin/bash\nset -m\nsleep 100 &\necho $! >>{folder}/sleepers\ntrap 'kill %1; exit' TERM\nwait\n"
    report = run(1, *check_gpu(folder, slow, "gpu_test,doctor,times,sweeps"), "--minutes", "0.02").stdout
    assert "FAILED (cut off: the time is over)" in report and "## times" not in report, report
    assert report.endswith("\nUnfinished; to go on: --only build,doctor,times,sweeps\n"), report
    assert (folder / "out/report.md").read_text() == report and (folder / "out/logs.tar.gz").exists()
    assert not any(lives(sleeper) for sleeper in (folder / "sleepers").read_text().split())
    (folder / "out/logs.tar.gz").unlink()
    run(143, "timeout", "--preserve-status", "1", *check_gpu(folder, slow, "gpu_test,doctor"))
    assert (folder / "out/logs.tar.gz").exists()
    assert not any(lives(sleeper) for sleeper in (folder / "sleepers").read_text().split())


def check_gpu_tests_no_older_program(folder):
    (folder / "scripts").mkdir()
    shutil.copy(scripts / "check_gpu", folder / "scripts")
    executable(folder / "scripts/build_gpu.sh", "exit 1\n")
    report = run(1, folder / "scripts/check_gpu", "--only", "build,doctor").stdout
    assert "## doctor" not in report and report.endswith("\nUnfinished; to go on: --only build,doctor\n"), report


def bench_peers_on_other_data(folder):
    """--set reaches every call of nnrun; stand-ins for it and for the Python of the peers."""
    executable(folder / "python", "echo 20\n")
    executable(folder / "nnrun", f"""
echo "$*" >>{folder}/calls
case "$*" in
*--print-config*) echo '{{}}';;
data*) for last; do :; done; touch "$last";;
bench*) echo '{{"step_seconds": 1, "step_cpu_seconds": 1, "first_step_seconds": 1, "peak_memory_mib": 1,
                "first_loss": 2.3, "last_loss": 1}}';;
esac
""")
    run(0, scripts / "bench_peers", "--models", "cnn_90_40", "--peers", "libtorch", "--threads", "1", "--repeats", "1", "--nnrun",
        folder / "nnrun", "--python", folder / "python", "--set", "data.train=640")
    calls = (folder / "calls").read_text().splitlines()
    assert len(calls) == 4 and all("--set data.train=640" in call for call in calls), calls
    assert all("--set feature_maps=null" in call for call in calls), calls  # they may name images that the other data has not


class NoRanges(SimpleHTTPRequestHandler):
    """Python's own server: it answers every request with the whole file."""
    def log_message(self, *_):
        pass


def fetch_data_goes_on(folder):
    """A part that the server cannot continue is loaded anew; two at once do not share their parts."""
    home = folder / "home"
    environment = data_sets(home)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(NoRanges, directory=home / "text"))
    Thread(target=server.serve_forever, daemon=True).start()
    environment["TEXT_URL"] = f"http://127.0.0.1:{server.server_port}"
    shutil.copytree(home, folder / "target")
    for file in (folder / "target/text").iterdir():
        file.unlink()
    (folder / "target/.fetch").mkdir()
    (folder / "target/.fetch/train.csv.part").write_text("half")
    command = [scripts / "fetch_data.sh", folder / "target"]
    both = [subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    errors = [one.communicate(timeout=60)[1] for one in both]
    server.shutdown()
    server.server_close()
    assert [one.returncode for one in both] == [0, 0], errors
    assert sum(error.count("loading http") for error in errors) == 2, errors  # each text once
    assert files_in(folder / "target") == files_in(home)


def libtorch_from_here(folder):
    """A relative NNRUN_TORCH_ROOT is meant from the working directory."""
    here, torch = folder / "here", folder / "my torch"
    for file in ("lib/libtorch_cpu.so", "include/torch/csrc/api/include/torch/torch.h"):
        (torch / file).parent.mkdir(parents=True, exist_ok=True)
        (torch / file).touch()
    here.mkdir()
    environment = stand_in(folder, "dpkg-query", 'shift 2; for each; do echo "installed $each"; done\n')
    environment.update(NNRUN_TORCH_ROOT="../my torch", PWD=str(here))
    assert run(0, scripts / "setup", env=environment, cwd=here).stdout == f"{torch}\n"
    (folder / "project").mkdir()
    (folder / "project/CMakeLists.txt").write_text(
        f"cmake_minimum_required(VERSION 3.22)\nproject(p NONE)\nset(CMAKE_MODULE_PATH \"{scripts.parent}/cmake\")\n"
        'find_package(LibTorch REQUIRED)\nmessage(STATUS "found=${LIBTORCH_ROOT}")\n')
    by_variable = run(0, "cmake", "-G", "Ninja", "-S", folder / "project", "-B", folder / "a", "-DNNRUN_TORCH_ROOT=../my torch", cwd=here)
    by_environment = run(0, "cmake", "-G", "Ninja", "-S", folder / "project", "-B", folder / "b", env=environment, cwd=here)
    for done in (by_variable, by_environment):
        assert f"found={torch}\n" in done.stdout, done.stdout


def project_with(folder, *names):
    """A project of these scripts and no more; LibTorch is found."""
    (folder / "scripts").mkdir(parents=True)
    executable(folder / "scripts/setup", "echo /libtorch\n")
    for name in names:
        shutil.copy(scripts / name, folder / "scripts" / name)
    return folder / "scripts"


def build_that_cannot_be_written(folder):
    """The program runs as it was built; without one the environment is at fault."""
    here = project_with(folder, "build", "nnrun")
    (folder / "build/.lock").mkdir(parents=True)
    assert "cannot be written" in run(5, here / "nnrun", "list").stderr
    (folder / "build/bin").mkdir()
    executable(folder / "build/bin/nnrun", "echo ran \"$@\"\n")
    done = run(0, here / "nnrun", "list")
    assert done.stdout == "ran list\n" and "as it was built" in done.stderr, done
    assert "cannot be written" in run(5, here / "build", "all").stderr


def sweep_25(folder):
    """A pair that diverged does not end the loop; the list is sorted by the numbers' points, whatever the locale."""
    here = project_with(folder, "sweep_25.sh")
    executable(here / "nnrun", 'case "$*" in *filters=50*C1-50-C2-20*) exit 4 ;; *filters=90*C1-90-C2-80*) code=4 ;; esac\n'
               'mkdir -p "$8"\necho epoch,accuracy,loss,val_accuracy,val_loss >"$8/metrics.csv"\n'
               '[ ${code:-0} = 4 ] || echo "0,0,0,0.$(echo "$8" | tr -dc 0-9),0" >>"$8/metrics.csv"\nexit ${code:-0}\n')
    environment = stand_in(folder, "sort", f'[ "$LC_ALL" = C ] && exec {shutil.which("sort")} "$@"\n')
    head, *rows = run(8, here / "sweep_25.sh", "out", cwd=folder, env=environment).stdout.splitlines()
    assert len(rows) == 23 and rows[0].startswith("90,60,") and rows[-1].startswith("10,100,"), rows
    executable(here / "nnrun", "exit 3\n")
    run(3, here / "sweep_25.sh", "out", cwd=folder, env=environment)


def sweep_25_with_repeats(folder):
    """A mean over the seeds, without those that diverged; nothing to list is no error."""
    here = project_with(folder, "sweep_25.sh")
    executable(here / "nnrun", 'case "$*" in *--dry-run*|*filters=90*) exit ;; esac\n'
               'for seed in 1 2 3; do\n  run=$8/seed-$seed\n  mkdir -p "$run"\n  echo epoch,accuracy,loss,val_accuracy,val_loss >"$run/metrics.csv"\n'
               '  echo "0,0,0,0.9,0" >>"$run/metrics.csv"\n  echo "1,0,0,0.$seed,0" >>"$run/metrics.csv"\ndone\n'
               """printf '{\n  "status": "diverged",\n' >"$run/summary.json"\n""")
    head = "C1,C2,val_accuracy of the last epoch"
    assert run(0, here / "sweep_25.sh", "out", "--dry-run", cwd=folder).stdout.splitlines() == [head]
    lines = run(0, here / "sweep_25.sh", "out", "--repeats", "3", cwd=folder).stdout.splitlines()
    assert len(lines) == 21 and lines[0] == head and "70,100,0.15" in lines, lines
    assert run(0, here / "sweep_25.sh", "--help", cwd=folder).stdout.startswith("The 25 channel numbers")


def setup_started_in_its_folder(folder):
    """Something is missing, and cannot be fetched: the step to take by hand holds for a folder with a space, too."""
    here = project_with(folder / "a b", "setup")
    stand_in(folder, "dpkg-query", 'shift 2; for each; do echo "installed $each"; done\n')
    environment = stand_in(folder, "python3", "exit 1\n")
    environment.pop("NNRUN_TORCH_ROOT", None)
    error = run(5, "bash", "setup", cwd=here, env=environment).stderr
    step, = [line for line in error.splitlines() if "--target" in line]
    assert f"{folder}/a b/third_party/libtorch" in shlex.split(step), step


def tiny_data(folder):
    """20 images of each class, in file order, of a file in which the classes take turns."""
    records = [bytes([i % 10]) + bytes([i % 256]) * 3072 for i in range(700)]
    for name in ("data_batch_1.bin", "test_batch.bin"):
        (folder / name).write_bytes(b"".join(records))
    run(0, scripts / "make_tiny_data.py", folder, folder / "tiny")
    assert (folder / "tiny/test_batch.bin").read_bytes() == b"".join(records[:200])
    assert (folder / "tiny/data_batch_1.bin").read_bytes() == b"".join(records[:500])


PLOTS = (plot_curves, plot_names_as_they_are, plot_curves_of_a_validation_part, plot_bands, plot_bands_of_uneven_runs,
         plot_comparison, plot_sweep, plot_errors, plot_random_sweep, plot_a_swept_seed, plot_decades, plot_runs_that_diverged)
DATA = (fetch_data, fetch_data_when_the_disk_is_full, fetch_data_goes_on, tiny_data)
PROGRAM = (libtorch_from_here, build_that_cannot_be_written, sweep_25, sweep_25_with_repeats,
           setup_started_in_its_folder, check_gpu_compares_times_with_aims, check_gpu_notices_runs_without_graphs,
           check_gpu_reads_the_doctor, check_gpu_goes_on_after_a_missing_program, check_gpu_keeps_its_time,
           check_gpu_tests_no_older_program, bench_peers_on_other_data)
for check in PLOTS + DATA + PROGRAM:
    with tempfile.TemporaryDirectory(prefix="nnrun-scripts-") as name:
        check(Path(name))
print("the scripts work")
