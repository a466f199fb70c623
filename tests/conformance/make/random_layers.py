"""Draws stacks of layers that fit together, over all layer types and options.

A shape is a tuple as nnrun has it: ("ids", length), ("image", channels, height, width), ("sequence", features, length)
or ("vector", size). A step takes a shape and gives a layer without its name; `after` says what shape comes out.
"""
from math import prod

SMOOTH = ["none", "tanh", "sigmoid", "gelu", "silu"]
KINKED = SMOOTH + ["relu", "relu", "leaky_relu"]
LARGEST = 3500  # values per example between two layers


def cells(size, window, stride, padding):
    return -(-size // stride) if padding == "same" else (size - window) // stride + 1


def pair(value):
    return value if isinstance(value, list) else [value, value]


def windowed_sizes(layer, sizes):
    window = layer.get("kernel", layer.get("size"))
    stride = layer.get("stride", 1 if "kernel" in layer else window)
    return [cells(*axis, layer.get("padding", "valid")) for axis in zip(sizes, pair(window), pair(stride))]


def after(layer, shape):
    """The shape behind `layer`."""
    kind = layer["type"]
    if kind in ("conv1d", "conv2d"):
        return (shape[0], layer["filters"], *windowed_sizes(layer, shape[2:]))
    if kind in ("max_pool1d", "max_pool2d", "avg_pool2d"):
        return (shape[0], shape[1], *windowed_sizes(layer, shape[2:]))
    if kind in ("global_avg_pool", "global_max_pool"):
        return ("vector", shape[1])
    if kind == "flatten":
        return ("vector", prod(shape[1:]))
    if kind == "reshape":
        return ({1: "vector", 2: "sequence", 3: "image"}[len(layer["shape"])], *layer["shape"])
    if kind in ("dense", "embedding_bag"):
        return ("vector", layer["units"])
    if kind in ("embedding", "one_hot"):
        return ("sequence", layer["units"] if kind == "embedding" else layer["depth"], shape[1])
    if kind in ("rnn", "gru", "lstm"):
        width = layer["units"] * (2 if layer.get("bidirectional") else 1)
        return ("sequence", width, shape[2]) if layer.get("return") == "sequence" else ("vector", width)
    return shape


class Stack:
    """One model: `draw` is a random.Random; `kinks` allows ReLU and maxima."""

    def __init__(self, draw, shape, classes, vocabulary, kinks):
        self.draw, self.classes, self.vocabulary, self.kinks = draw, classes, vocabulary, kinks
        self.shape, self.tokens = shape, shape[1] if shape[0] == "ids" else None
        self.count = 0

    # ---- small choices

    def chance(self, p):
        return self.draw.random() < p

    def size(self, most, least=1):
        """A count, mostly small, now and then up to `most` (edges of vector registers)."""
        most = max(least, most)
        return self.draw.randint(least, most if self.chance(0.25) else min(most, least + 7))

    def maybe(self, key, value, p=0.5):
        return {key: value} if self.chance(p) else {}

    def activation(self):
        return self.draw.choice(KINKED if self.kinks else SMOOTH)

    def named(self, layer):
        self.count += 1
        return {"name": self.draw.choice("ABLRZ_z") + self.draw.choice(["", "-", "_x"]) + str(self.count)} | layer

    # ---- layers that slide a window

    def window(self, sizes, keep=False):
        """(window, stride, padding); `keep`: the output has the input's size."""
        padding = "same" if keep or self.chance(0.4) else "valid"
        bound = lambda n: min(n, 9) if padding == "valid" else min(n + 3, 9)
        window = [self.draw.randint(1, bound(n)) for n in sizes]
        stride = [1 if keep or self.chance(0.4) else self.draw.randint(1, 4) for _ in sizes]
        if len(sizes) == 2 and self.chance(0.5):
            window, stride = [min(window)] * 2, [stride[0]] * 2
        return window, stride, padding

    def written(self, window, stride, padding, key, default_stride):
        """As keys of a layer: numbers or pairs, defaults left out at times."""
        short = lambda v: v[0] if len(v) == 1 or (v[0] == v[1] and self.chance(0.5)) else v
        layer = {key: short(window)}
        if stride != default_stride or self.chance(0.5):
            layer["stride"] = short(stride)
        if padding != "valid" or self.chance(0.3):
            layer["padding"] = padding
        return layer

    def conv(self, shape, filters=None, keep=False):
        window, stride, padding = self.window(shape[2:], keep)
        if not keep and prod(shape[2:]) > 300 and self.chance(0.7):
            stride = [max(2, s) for s in stride]
        layer = self.written(window, stride, padding, "kernel", [1] * len(stride))
        kind = "conv2d" if shape[0] == "image" else "conv1d"
        return {"type": kind, "filters": filters or self.size(20)} | layer | self.maybe("activation", self.activation(), 0.8)

    def pool(self, shape, keep=False):
        kinds = (["avg_pool2d"] + ["max_pool2d"] * self.kinks) if shape[0] == "image" else ["max_pool1d"]
        window, stride, padding = self.window(shape[2:], keep)
        if not keep and self.chance(0.5):
            stride = list(window)
        return {"type": self.draw.choice(kinds)} | self.written(window, stride, padding, "size", window)

    # ---- the others

    def norm(self, shape):
        if self.chance(0.5) and shape[1] > 1:  # over one feature it is constant, and its gradient rounding alone
            return {"type": "layer_norm"} | self.maybe("epsilon", self.draw.choice([1e-5, 0.01, 0.5]))
        return {"type": "batch_norm"} | self.maybe("momentum", self.draw.choice([0.0, 0.3, 0.9, 0.999])) \
            | self.maybe("epsilon", self.draw.choice([0.0001, 0.01, 0.5]))

    def plain(self, shape):
        return self.draw.choice([{"type": "activation", "activation": self.activation()},
                                 {"type": "dropout", "rate": 0} | self.maybe("in_evaluation", True)])

    def dense(self, shape, units=None):
        return {"type": "dense", "units": units or self.size(40)} | self.maybe("activation", self.activation(), 0.7)

    def recurrent(self, shape, units=None, sequence=None):
        kind = self.draw.choice(["rnn", "gru", "lstm"])
        layer = {"type": kind, "units": units or self.size(70)}
        if units is None or units % 2 == 0:
            layer |= {"bidirectional": True} if self.chance(0.35) else self.maybe("bidirectional", False, 0.2)
        if units and layer.get("bidirectional"):
            layer["units"] = units // 2
        if self.chance(0.5) if sequence is None else sequence:
            layer["return"] = "sequence"
        if kind == "gru":
            layer |= self.maybe("reset_after", self.chance(0.3))
        if kind == "rnn":
            layer |= self.maybe("activation", self.draw.choice(["tanh", "linear"] + ["relu"] * self.kinks))
        if shape[2] == self.tokens:
            layer |= self.maybe("mask_padding", self.chance(0.8))
        return layer

    def reshape(self, shape):
        """Another rank or other sizes; the features stay few."""
        size = prod(shape[1:])
        divisors = [n for n in range(1, min(size, 64) + 1) if size % n == 0]
        first = self.draw.choice(divisors)
        second = self.draw.choice([n for n in divisors if size // first % n == 0])
        shapes = [[first, size // first], [first, second, size // first // second], [size]]
        return {"type": "reshape", "shape": self.draw.choice(shapes)}

    def residual(self, shape, depth):
        """Layers that end with the shape they began with."""
        if shape[0] == "vector" and self.chance(0.4):
            first = self.named(self.dense(shape))
            inner = [first, self.named(self.norm(after(first, shape))), self.named(self.dense(shape, shape[1]))]
        else:
            inner = [self.keeping(shape, depth + 1) for _ in range(self.draw.randint(1, 3))]
        return {"type": "residual", "layers": inner}

    def keeping(self, shape, depth=0):
        """A named layer whose output has the shape of its input."""
        steps = [self.norm, self.plain]
        if shape[0] == "vector":
            steps += [lambda s: self.dense(s, s[1])] * 2
        else:
            steps += [lambda s: self.conv(s, s[1], keep=True)] * 2
            steps += [lambda s: self.pool(s, keep=True)] * (shape[0] == "image" or self.kinks)
        if shape[0] == "sequence" and shape[1] <= 40:
            steps += [lambda s: self.recurrent(s, s[1], sequence=True)]
        if depth < 3:
            steps += [lambda s: self.residual(s, depth)]
        return self.named(self.draw.choice(steps)(shape))

    def changing(self, shape):
        """A named layer that may change the shape."""
        if shape[0] == "vector":
            steps = [self.dense] * 4 + [self.reshape]
        else:
            steps = [self.conv] * 4 + [self.reshape, lambda s: {"type": "flatten"}]
            steps += [self.pool] * 2 * (shape[0] == "image" or self.kinks)
            steps += [lambda s: {"type": "global_avg_pool"}] + [lambda s: {"type": "global_max_pool"}] * self.kinks
        if shape[0] == "sequence" and shape[2] <= 60:
            steps += [self.recurrent] * 8
        return self.named(self.draw.choice(steps)(shape))

    # ---- a whole model

    def allowed(self, layer, shape):
        out = after(layer, shape)
        weights = {"dense": prod(shape[1:]) * layer.get("units", 0), "conv2d": shape[1] * layer.get("filters", 0) * 81}.get(layer["type"], 0)
        return min(out[1:]) >= 1 and prod(out[1:]) <= LARGEST and weights <= 80000

    def first(self):
        """What makes numbers of ids."""
        kind = self.draw.choice(["embedding", "embedding", "one_hot", "one_hot", "embedding_bag"])
        if kind == "one_hot":
            return self.named({"type": kind, "depth": self.vocabulary + self.draw.choice([0, 1, 30])})
        return self.named({"type": kind, "units": self.size(20)})

    def logits(self):
        """The last layers: they give at least one value per class."""
        width = self.classes + (self.draw.randint(1, 5) if self.chance(0.2) else 0)
        if self.shape[0] == "sequence" and self.chance(0.3) and self.shape[2] <= 60:
            return [self.named(self.recurrent(self.shape, sequence=False) | {"units": width})]
        if self.shape[0] != "vector" and self.chance(0.3):
            return [self.named(self.conv(self.shape, width)), self.named({"type": "global_avg_pool"})]
        flat = [] if self.shape[0] == "vector" else [self.named({"type": "flatten"})]
        last = [self.named({"type": "dense", "units": width})]
        vector = ("vector", width)
        return flat + last + ([self.keeping(vector)] if self.chance(0.15) else [])

    def add(self, layer):
        self.shape = after(layer, self.shape)
        return layer

    def layers(self, bag=False):
        layers = []
        if self.shape[0] == "ids":
            layers.append(self.add(self.named({"type": "embedding_bag", "units": self.size(20)}) if bag else self.first()))
        for _ in range(self.draw.randint(0, 6)):
            if self.shape[0] == "vector" and self.chance(0.4):
                break
            step = self.keeping if self.chance(0.3) else self.changing
            if self.kinks and layers and layers[-1]["type"] in ("conv1d", "conv2d") and self.chance(0.5):
                step = lambda shape: self.named(self.pool(shape))  # often fused with the convolution
            layer = step(self.shape)
            if self.allowed(layer, self.shape):
                layers.append(self.add(layer))
        last = self.logits()
        while not self.allowed(last[0], self.shape):
            last = self.logits()
        return layers + last
