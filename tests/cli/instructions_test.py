"""Counts the instructions of the kernels' training steps under valgrind, which repeat exactly where seconds do not, and
compares them with those of tests/reference/instructions.json.

Usage: instructions_test.py NNRUN [--update]. Exits 77 (skipped, with the reason) where valgrind or nnrun_kernel_steps is
missing, or where no counts are stored for this instruction set and compiler. --update stores the counts of this machine.
"""
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(os.environ.get("NNRUN_REPOSITORY", Path(__file__).resolve().parents[2]))
STORED = REPOSITORY / "tests" / "reference" / "instructions.json"
TOLERANCE = 0.1  # a kernel may not need 10 % more; 10 % fewer: store the new counts
VALGRIND = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]


def skip(reason):
    print("skipped:", reason)
    sys.exit(77)


def under_valgrind(*command):
    done = subprocess.run([*VALGRIND, *map(str, command)], capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        skip(f"valgrind failed: {done.stderr.strip().splitlines()[-1:]}")
    return done


def instructions(program, name, times):
    return int(re.search(r"Collected : (\d+)", under_valgrind(program, name, times).stderr).group(1))


def main():
    program = Path(sys.argv[1]).resolve().parent / "nnrun_kernel_steps"
    if not shutil.which("valgrind"):
        skip("valgrind is not installed")
    if not program.exists():
        skip("nnrun_kernel_steps was not built (no Highway)")
    instruction_set, compiler, *names = under_valgrind(program).stdout.splitlines()
    key = f"{instruction_set}, {compiler}"
    everything = json.loads(STORED.read_text())
    if key not in everything and "--update" not in sys.argv:
        skip(f"no counts are stored for {key}")
    # The difference between three steps and one is two steps without what comes before them.
    counts = {name: (instructions(program, name, 3) - instructions(program, name, 1)) // 2 for name in names}
    if "--update" in sys.argv:
        STORED.write_text(json.dumps({**everything, key: counts}, indent=1) + "\n")
        return 0
    failed = 0
    for name in names:
        ratio = counts[name] / everything[key][name]
        verdict = "ok" if abs(ratio - 1) <= TOLERANCE else "more work than stored" if ratio > 1 else "less: store it"
        failed += ratio > 1 + TOLERANCE
        print(f"{name:16} {counts[name]:>12,} instructions a step, {ratio:.3f} of the stored count: {verdict}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
