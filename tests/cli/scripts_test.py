"""The scripts around the program: plots, data."""
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

scripts = Path(os.environ["NNRUN_REPOSITORY"]) / "scripts"
METRICS = "epoch,accuracy,loss,val_accuracy,val_loss\n0,0.1,2.3,0.12,2.25\n1,0.2,2.1,nan,inf\n"
SWEEP = ("trial,seed,model.layers.C1.filters,optimizer.type,status,epochs,accuracy,loss,val_accuracy,val_loss,best_epoch,"
         "best_val_accuracy,best_val_loss,parameters,seconds\n"
         "0,7,8,sgd,done,1,0.1,2.3,0.25,2.2,0,0.25,2.2,10,1\n0,8,8,sgd,done,1,0.1,2.3,0.35,2.2,0,0.25,2.2,10,1\n"
         "1,7,8,adam,done,1,0.1,2.3,0.5,2.2,0,0.5,2.2,10,1\n2,7,16,sgd,failed,0,,,,,,,,,\n")


def run(code, *command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=120)
    assert done.returncode == code, f"{command} ended with {done.returncode}, expected {code}:\n{done.stderr}"
    return done


def check_pictures(stem):
    assert Path(f"{stem}.png").read_bytes().startswith(b"\x89PNG"), stem
    return len(list(ElementTree.parse(f"{stem}.svg").iter()))


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
    assert "no metrics.csv" in run(1, scripts / "plot_curves.py", folder / "missing").stderr


def plot_sweep(folder):
    (folder / "sweep.csv").write_text(SWEEP)
    run(0, scripts / "plot_sweep.py", folder)
    check_pictures(folder / "sweep")
    (folder / "sweep.csv").write_text(SWEEP.splitlines(keepends=True)[0])
    assert "no trial has finished" in run(1, scripts / "plot_sweep.py", folder).stderr


def fetch_data(folder):
    """Files with the right name and the wrong content are not taken."""
    source, target = folder / "source", folder / "target"
    source.mkdir()
    (source / "data_batch_1.bin").write_bytes(b"wrong")
    error = run(5, scripts / "fetch_data.sh", target, "--from", source).stderr
    assert "no data_batch_1.bin with the MD5 sum 5dd7e06a14cb22eb9f671a540d1b7c25" in error, error
    assert not [path for path in target.rglob("*") if path.is_file()], "a wrong file was taken"
    run(2, scripts / "fetch_data.sh", "--unknown")


def tiny_data(folder):
    """20 images of each class, in file order, of a file in which the classes take turns."""
    records = [bytes([i % 10]) + bytes([i % 256]) * 3072 for i in range(700)]
    for name in ("data_batch_1.bin", "test_batch.bin"):
        (folder / name).write_bytes(b"".join(records))
    run(0, scripts / "make_tiny_data.py", folder, folder / "tiny")
    assert (folder / "tiny/test_batch.bin").read_bytes() == b"".join(records[:200])
    assert (folder / "tiny/data_batch_1.bin").read_bytes() == b"".join(records[:500])


for check in (plot_curves, plot_sweep, fetch_data, tiny_data):
    with tempfile.TemporaryDirectory(prefix="nnrun-scripts-") as name:
        check(Path(name))
print("the scripts work")
