"""`cmake --install` gives a tree that may be moved and needs neither the sources nor CMake to run."""
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

build = Path(sys.argv[1]).resolve().parent.parent
if not (build / "lib/libnnrun_engine.so").exists():
    sys.exit(77)  # built without LibTorch
os.environ.pop("NNRUN_DATA", None)  # the installed data is what is looked for


def run(program, *arguments):
    """From another folder, where neither CMake nor anything else can be found."""
    variables = {**os.environ, "PATH": "/nowhere"}
    variables.pop("NNRUN_DATA", None)
    done = subprocess.run([program, *arguments], capture_output=True, text=True, cwd="/", timeout=300, env=variables)
    assert done.returncode == 0, f"{arguments} ended with {done.returncode}:\n{done.stderr}"
    return done.stdout


def needed_paths(library):
    """The run paths recorded in a library: absolute ones would tie the tree to this machine."""
    text = subprocess.run(["readelf", "-d", library], capture_output=True, text=True, check=True).stdout
    return [line.split("[")[1].rstrip("]") for line in text.splitlines() if "(RUNPATH)" in line or "(RPATH)" in line]


@contextlib.contextmanager
def kept(file):
    """`cmake --install` writes the build's own list of installed files."""
    content = file.read_bytes() if file.exists() else None
    try:
        yield
    finally:
        if content is not None:
            file.write_bytes(content)
        else:
            file.unlink(missing_ok=True)


with tempfile.TemporaryDirectory(prefix="nnrun-install-") as folder:
    first, tree = Path(folder) / "first", Path(folder) / "moved tree"
    with kept(build / "install_manifest.txt"):
        subprocess.run(["cmake", "--install", build, "--prefix", first], check=True, stdout=subprocess.DEVNULL)
    shutil.move(first, tree)
    nnrun = tree / "bin/nnrun"

    assert run(nnrun, "--version").startswith("nnrun "), "--version does not begin with the program's name"
    resolved = json.loads(run(nnrun, "--config", "smoke_image_cnn.json", "--print-config"))
    assert resolved["name"] == "smoke_image_cnn", resolved["name"]

    out = Path(folder) / "run"
    printed = run(nnrun, "--config", "smoke_image_cnn.json", "--set", "training.epochs=1", "--out", out)
    assert f"plot          {out}/curves.svg\n" in printed and (out / "curves.svg").exists(), printed
    rows = (out / "metrics.csv").read_text().splitlines()
    assert len(rows) == 2, f"expected one epoch after the header, got {rows}"
    manifest = (out / "manifest.json").read_text()
    assert str(tree / "share/nnrun/data") in manifest, f"the run did not read the installed data:\n{manifest}"

    run(nnrun, "report", out, "-o", Path(folder) / "report.html")
    assert "window.Plotly" in (Path(folder) / "report.html").read_text(), "the report lacks its library"

    for library in sorted((tree / "lib/nnrun").glob("*.so")) + [nnrun]:
        for path in needed_paths(library):
            assert all(part.startswith("$ORIGIN") for part in path.split(":")), f"{library.name}: run path {path}"
    assert not list(tree.rglob("*.a")), "static libraries were installed"
    assert not os.path.exists(first)
print("an installed and moved tree runs")
