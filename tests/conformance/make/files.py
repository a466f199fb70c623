"""safetensors files and metrics tables."""
import json

import numpy as np


def read_safetensors(path):
    raw = path.read_bytes()
    size = int.from_bytes(raw[:8], "little")
    entries = json.loads(raw[8:8 + size])
    entries.pop("__metadata__", None)
    body = raw[8 + size:]
    return {name: np.frombuffer(body[slice(*e["data_offsets"])], "<f4").reshape(e["shape"]) for name, e in entries.items()}


def write_safetensors(path, tensors):
    header, at = {}, 0
    for name, values in sorted(tensors.items()):
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [at, at + 4 * values.size]}
        at += 4 * values.size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    bodies = [np.ascontiguousarray(values, "<f4").tobytes() for _, values in sorted(tensors.items())]
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(bodies))


def write_metrics(path, rows):
    columns = ["accuracy", "loss", "val_accuracy", "val_loss"]
    lines = ["epoch," + ",".join(columns)]
    lines += [",".join([str(epoch)] + [repr(row[c]) for c in columns]) for epoch, row in enumerate(rows)]
    path.write_text("\n".join(lines) + "\n")
