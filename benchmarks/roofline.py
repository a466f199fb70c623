#!/usr/bin/env python3
"""How fast an epoch of training could be on a GPU: a table of what bounds each of the report's models, in Markdown.

    benchmarks/roofline.py build/bin/nnrun [--tflops 67] [--tbytes 4.8] [--gap 1.5] [--ghz 1.98]

Four bounds, worked out and not measured, of the training steps alone: multiply-adds at the GPU's peak (as the defaults have
it, an H200 in float32), bytes that have to come from and go to memory, launches that follow each other with a gap, and the
steps of recurrent layers, which wait for each other. The last two add up, as does the larger of the first two.
"""
import argparse
import json
import subprocess
from typing import NamedTuple

BATCH_GRADIENTS = 2  # products of a backward pass: of the weights and of the input
ENTRY = 4  # bytes


class Model(NamedTuple):
    name: str
    config: str
    launches: int  # of a step: docs/performance.md
    cycles: tuple  # of a position in each recurrent layer, forward and back: benchmarks/warp_cycles.py
    aim: str


MODELS = [
    Model("CNN (90, 40)", "as_run/partA_q3_momentum.json", 28, (), "35 ms"),
    Model("char CNN", "partB_q1_char_cnn.json", 28, (), "6 ms"),
    Model("word CNN", "partB_q2_word_cnn.json", 35, (), "6 ms"),
    Model("char GRU", "partB_q3_char_rnn.json", 11, (365 + 360,), "5 ms"),
    Model("word GRU", "partB_q4_word_rnn.json", 15, (365 + 360,), "10 ms"),
]
SLOTS = {"sgd": 0, "rmsprop": 1, "adagrad": 1, "adam": 2, "adamw": 2}


def describe(nnrun, config):
    return json.loads(subprocess.run([nnrun, "describe", "--json", "--config", config], check=True,
                                     capture_output=True, text=True).stdout)


def multiply_adds(plan):
    """Of one example, forward and back. Ids are looked up, so what follows a one_hot multiplies its states alone; the first
    layer with weights has no gradient of its input."""
    total, first, before = 0, True, ""
    for layer in plan["layers"]:
        forward = layer["multiply_adds"]
        if before == "one_hot":
            depth, units = 256, layer["output"][0]
            forward = forward * units // (depth + units) if layer["type"] in ("rnn", "gru", "lstm") else 0
        recurrent = layer["type"] in ("rnn", "gru", "lstm")
        total += forward * (1 + BATCH_GRADIENTS - (first and not recurrent))
        first = first and layer["parameters"] == 0
        before = layer["type"]
    return total


def size(shape):
    product = 1
    for extent in shape:
        product *= extent
    return product


def bytes_of_step(plan, batch):
    """Weights and slots are read and written; a gradient is written and read; an output and its gradient, too."""
    config = plan["config"]["optimizer"]
    slots = SLOTS[config["type"]] + (config["type"] in ("sgd", "rmsprop") and config.get("momentum", 0) > 0)
    outputs = sum(size(l["output"]) for l in plan["layers"] if l["type"] not in ("one_hot", "flatten"))
    return ENTRY * (plan["parameters"] * (4 + 2 * slots) + 4 * batch * outputs)


def row(model, options):
    plan = describe(options.nnrun, model.config)
    examples, batch = plan["data"]["train"]["examples"], plan["config"]["training"]["batch_size"]
    steps = -(-examples // batch)
    flop = 2 * multiply_adds(plan) * examples
    moved = bytes_of_step(plan, batch) * steps
    length = plan["input"][-1]
    bounds = [flop / options.tflops / 1e9, moved / options.tbytes / 1e9, steps * model.launches * options.gap / 1e3,
              steps * length * sum(model.cycles) / options.ghz / 1e6]
    floor = max(bounds[:2]) + bounds[2] + bounds[3]
    cells = [model.name, f"{flop / 1e9:,.1f} GFLOP: {bounds[0]:.2f}", f"{moved / 1e6:,.0f} MB: {bounds[1]:.2f}",
             f"{steps * model.launches:,}: {bounds[2]:.2f}", f"{bounds[3]:.2f}", f"**{floor:.1f} ms**", model.aim]
    return "| " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nnrun")
    parser.add_argument("--tflops", type=float, default=67)
    parser.add_argument("--tbytes", type=float, default=4.8)
    parser.add_argument("--gap", type=float, default=1.5, help="microseconds from one launch to the next")
    parser.add_argument("--ghz", type=float, default=1.98)
    options = parser.parse_args()
    print("| model | multiply-adds, ms | memory, ms | launches, ms | recurrent steps, ms | sum | aim |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for model in MODELS:
        print(row(model, options))


if __name__ == "__main__":
    main()
