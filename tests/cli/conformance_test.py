"""nnrun against Keras: the conformance cases (tests/conformance) through the program itself, with both forms of the layers."""
import subprocess
import sys
from pathlib import Path

nnrun = Path(sys.argv[1])
if not (nnrun.parent.parent / "lib/libnnrun_engine.so").exists():
    sys.exit(77)  # built without LibTorch
check = Path(__file__).resolve().parent.parent / "conformance/check.py"
forms = [f"{nnrun} --set training.kernels={kernels}" for kernels in ("auto", "reference")]
results = [subprocess.run([sys.executable, check, "--nnrun", form, "--threads", "1", "--jobs", "2"]).returncode for form in forms]
sys.exit(max(results))
