"""Counts the instructions of the kernels' training steps under valgrind, which repeat exactly where seconds do not, and
compares them with those of tests/reference/instructions.json.

Usage: instructions_test.py NNRUN [--update]. Exits 77 (skipped, with the reason) where valgrind is missing or cannot
start, nnrun_kernel_steps was not built, or no counts are stored for this instruction set and compiler. --update stores
the counts of this machine.
"""
import json
import os
import re
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
    return subprocess.run([*VALGRIND, *map(str, command)], capture_output=True, text=True, timeout=300)


def why_not_valgrind():
    try:
        done = under_valgrind("true")
    except OSError as problem:
        return str(problem)
    return done.returncode and (done.stderr.strip().splitlines() or ["valgrind cannot start"])[-1]


def output_of(*command):
    done = under_valgrind(*command)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stderr}")
    return done


def instructions(program, name, times):
    return int(re.search(r"Collected : (\d+)", output_of(program, name, times).stderr).group(1))


def main():
    program = Path(sys.argv[1]).resolve().parent / "nnrun_kernel_steps"
    if reason := why_not_valgrind():
        skip(reason)
    if not program.exists():
        skip("nnrun_kernel_steps was not built (no Highway)")
    instruction_set, compiler, *names = output_of(program).stdout.splitlines()
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
