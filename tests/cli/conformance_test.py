"""nnrun against Keras: the open conformance cases (tests/conformance) through the program itself."""
import subprocess
import sys
from pathlib import Path

nnrun = Path(sys.argv[1])
if not (nnrun.parent.parent / "lib/libnnrun_engine.so").exists():
    sys.exit(77)  # built without LibTorch
check = Path(__file__).resolve().parent.parent / "conformance/check.py"
sys.exit(subprocess.run([sys.executable, check, "--nnrun", nnrun, "--threads", "1", "--jobs", "2"]).returncode)
