#!/usr/bin/env python3
"""Estimates what a lone warp needs for a step of the recurrent kernels, from the compiler's own schedule.

    benchmarks/warp_cycles.py [--arch sm_90a] [--cuobjdump FILE] [--waits N] SOURCE.cu ...

A recurrent layer's time on a GPU is the latency of its steps, one after another in one warp. The machine code says how many
cycles each instruction holds the next one back, and which earlier results it waits for; how long these take is not in the
code, LATENCIES below are assumptions. So the result is an estimate, for comparing one form of a kernel with another. `--waits
N` prints the N longest waits.
Needs nvcc and cuobjdump (pip install nvidia-cuda-cuobjdump nvidia-cuda-nvdisasm, or the CUDA toolkit).
"""
import argparse
import re
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).resolve().parent.parent
# Assumed cycles until a result is there, by the beginning of the instruction's name; the first that fits.
LATENCIES = {"LDGSTS": 12, "LDG": 250, "LDS": 30, "LDC": 30, "S2UR": 25, "S2R": 25, "SHFL": 25, "MUFU": 20, "": 14}
SOURCES_READ = 12  # cycles until a store has read its registers
CHUNK = 8  # steps of the inner loop, kChunk of recurrent_document.h
ROUNDS = 30
NO_BARRIER = 7

INSTRUCTION = re.compile(r"\s+/\*([0-9a-f]{4,})\*/\s+(.*?);\s+/\* 0x[0-9a-f]{16} \*/\n\s+/\* 0x([0-9a-f]{16}) \*/")
JUMP = re.compile(r"BRA.* 0x([0-9a-f]+)")


class Instruction(NamedTuple):
    place: int
    text: str
    stall: int  # cycles before the next one
    waits: tuple  # barriers that have to be open
    barriers: tuple  # (barrier that opens, cycles until then)


def decode(match):
    """The upper word of an instruction holds its stall, the barriers it sets for its result and its sources, and a mask of
    those that it waits for."""
    place, text, word = int(match[1], 16), match[2], int(match[3], 16)
    name = text.split()[1] if text.startswith("@") else text.split()[0]
    latency = next(cycles for start, cycles in LATENCIES.items() if name.startswith(start))
    barriers = [((word >> 46) & 7, latency), ((word >> 49) & 7, SOURCES_READ)]
    return Instruction(place, text, max((word >> 41) & 15, 1), tuple(i for i in range(6) if word >> (52 + i) & 1),
                       tuple(b for b in barriers if b[0] != NO_BARRIER))


def kernels(cubin, cuobjdump):
    """Pairs of a kernel's short name and its instructions."""
    text = subprocess.run([cuobjdump, "-sass", cubin], check=True, capture_output=True, text=True).stdout
    for part in text.split("Function : ")[1:]:
        name = re.search(r"INS_\d+(\w+?)ELi(\d+)", part.split("\n", 1)[0])
        yield f"{name[1]}, {name[2]}", [decode(m) for m in INSTRUCTION.finditer(part)]


def loops(code):
    """The loops whose body is more than a few instructions, as (first, last) places."""
    jumps = [(int(m[1], 16), i.place) for i in code if (m := JUMP.search(i.text))]
    return [(begin, end) for begin, end in jumps if 16 * 50 < end - begin]


def cycles(body, waits=None):
    """Of one round of a loop, once all rounds are alike."""
    now, ends = 0, [(0, "")] * 6
    begins = []
    for round_ in range(ROUNDS):
        begins.append(now)
        for i in body:
            ready, cause = max([ends[b] for b in i.waits], default=(0, ""))
            if waits is not None and round_ == ROUNDS - 1 and ready > now:
                waits.append((ready - now, f"{i.text}  <-  {cause}"))
            now = max(now, ready)
            for barrier, latency in i.barriers:
                ends[barrier] = max(ends[barrier], (now + latency, i.text))
            now += i.stall
    return (begins[-1] - begins[ROUNDS // 3]) / (ROUNDS - 1 - ROUNDS // 3)


def step(code, waits):
    """Instructions and cycles of a step, its share of a chunk's work included."""
    found = loops(code)
    outer = max(found, key=lambda loop: loop[1] - loop[0])
    inside = [loop for loop in found if loop != outer and outer[0] <= loop[0] and loop[1] <= outer[1]]
    inner = max(inside, key=lambda loop: loop[1] - loop[0], default=outer)
    body = [i for i in code if inner[0] <= i.place <= inner[1]]
    around = [i for i in code if outer[0] <= i.place <= outer[1] and not inner[0] <= i.place <= inner[1]]
    return len(body) + len(around) / CHUNK, cycles(body, waits) + (cycles(around) / CHUNK if around else 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", nargs="+")
    parser.add_argument("--arch", default="sm_90a")
    parser.add_argument("--cuobjdump", default="cuobjdump")
    parser.add_argument("--waits", type=int, default=0)
    options = parser.parse_args()
    for source in options.sources:
        with tempfile.NamedTemporaryFile(suffix=".cubin") as cubin:
            subprocess.run(["nvcc", "-std=c++17", "-O3", f"-I{REPOSITORY}/src", f"-I{REPOSITORY}/include",
                            f"-arch={options.arch}", "-cubin", "-o", cubin.name, source], check=True)
            for name, code in kernels(cubin.name, options.cuobjdump):
                waits = []
                instructions, duration = step(code, waits)
                print(f"{Path(source).stem}  {name:12}  {instructions:4.0f} instructions  {duration:5.0f} cycles a step")
                for wait, text in sorted(waits, reverse=True)[:options.waits]:
                    print(f"    {wait:4} {text}")


if __name__ == "__main__":
    main()
