"""Prints header and values of the file that `safetensors` (0.8.0) writes for three small tensors.

The reference file of tests/store/weights_test.cpp comes from here.
"""
import struct

import numpy as np
from safetensors.numpy import save

tensors = {
    "model/C1.weight": np.array([[1.5, -2.0, 0.25]], dtype=np.float32),
    "model/C1.bias": np.array([3.0], dtype=np.float32),
    "optimizer/momentum/C1.bias": np.array([7.0], dtype=np.float32),
}
data = save(tensors, metadata={"format": "np"})
(length,) = struct.unpack("<Q", data[:8])
print(repr(data[8 : 8 + length].decode()))
print(np.frombuffer(data[8 + length :], dtype="<f4"))
