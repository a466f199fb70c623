"""What the peers share: the command line, the data, the clock and the answer.

A peer is a script that builds the model of a resolved nnrun config in its framework and calls `main(build)`.
`build(spec, threads, device)`, device "cpu" or "cuda", returns an object with `load(x, y) -> data` of x [steps, batch, …] and
y [steps, batch], which puts them on the device, and `run(data) -> [loss of each step]`, which waits for the device.
"""
import argparse
import json
import os
import resource
import time

START = time.monotonic()


def batches(spec, data, count):
    """`count` batches in file order, wrapping around: x [count, batch, …], y [count, batch]."""
    import numpy as np
    size = spec["training"]["batch_size"]
    index = np.arange(count * size) % len(data["y"])
    x = data["x"][index].reshape(count, size, *data["x"].shape[1:])
    return x, data["y"][index].reshape(count, size)


def main(build):
    parser = argparse.ArgumentParser()
    parser.add_argument("--spec", required=True, help="resolved config (JSON)")
    parser.add_argument("--data", required=True, help=".npz with x and y")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    options = parser.parse_args()
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"):
        os.environ[name] = str(options.threads)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if options.device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    with open(options.spec) as file:
        spec = json.load(file)
    import numpy as np
    data = np.load(options.data)
    model = build(spec, options.threads, options.device)
    x, y = batches(spec, data, options.steps)
    first = model.run(model.load(x[:1], y[:1]))
    first_step_seconds = time.monotonic() - START
    loaded = model.load(x, y)
    warm = model.run(loaded)                   # compiles for this number of steps, fills caches
    begin, cpu = time.perf_counter(), time.process_time()
    timed = model.run(loaded)
    seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu
    losses = first + warm + timed
    print(json.dumps({"ms_per_step": 1000 * seconds / options.steps, "cpu_ms_per_step": 1000 * cpu / options.steps,
                      "first_step_seconds": first_step_seconds,
                      "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                      "first_loss": float(losses[0]), "last_loss": float(losses[-1])}))
