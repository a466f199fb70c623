"""nnrun against Keras: the conformance cases (tests/conformance) through the program itself, with both forms of the layers."""
import shlex
import subprocess
import sys
from pathlib import Path

nnrun = Path(sys.argv[1])
if not (nnrun.parent.parent / "lib/libnnrun_engine.so").exists():
    sys.exit(77)  # built without LibTorch
check = Path(__file__).resolve().parent.parent / "conformance/check.py"
# The plain forms: where a kernel takes their place. The optimizers' own are compared in tests/model.
forms = {"auto": "*", "reference": "char_*,word_*,short_*,img_conv*,img_kernel*,img_*pool*,img_report*,img_residual"}


def run(kernels, cases):
    program = f"{shlex.quote(str(nnrun))} --set training.kernels={kernels}"
    return subprocess.run([sys.executable, check, "--nnrun", program, "--cases", cases, "--threads", "1", "--jobs", "2"]).returncode


sys.exit(max([run(kernels, cases) for kernels, cases in forms.items()]))
