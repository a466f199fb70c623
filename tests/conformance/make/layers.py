"""nnrun's layer list as Keras layers, and nnrun's weight names and layouts as Keras variables.

Inside, everything has its channels last, as Keras on a CPU wants it; `flatten` and `reshape` go through nnrun's order
(channels first). No mask travels from layer to layer: each recurrent layer gets the one its own `mask_padding` asks for.
"""
from dataclasses import dataclass

import numpy as np
import tensorflow as tf
import tf_keras as keras

kl = keras.layers
ACTIVATIONS = {
    "none": None, "linear": None, "relu": "relu", "tanh": "tanh",
    "sigmoid": tf.sigmoid,  # Keras's own, as the last layer, is left out by the loss
    "gelu": lambda x: keras.activations.gelu(x, approximate=False),
    "silu": keras.activations.swish,
    "leaky_relu": lambda x: tf.nn.leaky_relu(x, alpha=0.2),
}


@dataclass
class Weight:
    """A tensor of nnrun: its name and how it is read from, and written to, Keras variables."""
    name: str
    variable: tf.Variable
    to_nnrun: object
    to_keras: object
    kind: str = ""  # "scale": around one; "table": rows of an embedding


@dataclass
class Facts:
    """What the data decides."""
    vocabulary: int
    length: int


def channels_first(x):
    return tf.transpose(x, [0, x.shape.rank - 1, *range(1, x.shape.rank - 1)])


def channels_last(x):
    return tf.transpose(x, [0, *range(2, x.shape.rank), 1]) if x.shape.rank > 2 else x


class UnbiasedBatchNorm(kl.Layer):
    """What Keras 2's fused batch normalisation does, for any rank and for float64, which the fused operation lacks."""

    def __init__(self, momentum, epsilon):
        super().__init__()
        self.momentum, self.epsilon = momentum, epsilon

    def build(self, shape):
        weight = lambda name, start, trainable: self.add_weight(name=name, shape=shape[-1:], initializer=start, trainable=trainable)
        self.gamma, self.beta = weight("gamma", "ones", True), weight("beta", "zeros", True)
        self.moving_mean, self.moving_variance = weight("mean", "zeros", False), weight("variance", "ones", False)

    def call(self, x, training=False):
        if not training:
            return self.normalised(x, self.moving_mean, self.moving_variance)
        mean, variance = tf.nn.moments(x, list(range(x.shape.rank - 1)))
        n = tf.cast(tf.size(x) / x.shape[-1], x.dtype)
        for running, value in ((self.moving_mean, mean), (self.moving_variance, variance * n / tf.maximum(n - 1, 1))):
            running.assign(self.momentum * running + (1 - self.momentum) * value)
        return self.normalised(x, mean, variance)

    def normalised(self, x, mean, variance):
        return tf.nn.batch_normalization(x, mean, variance, self.beta, self.gamma, self.epsilon)


class ImageBatchNorm(kl.Layer):
    """Keras's own layer on vectors and sequences seen as images, so that the fused operation runs for them too."""

    def __init__(self, momentum, epsilon):
        super().__init__()
        self.norm = kl.BatchNormalization(momentum=momentum, epsilon=epsilon, fused=True)

    def call(self, x, training=False):
        if x.shape.rank == 4:
            return self.norm(x, training=training)
        image = tf.reshape(x, [-1, 1, 1 if x.shape.rank == 2 else x.shape[1], x.shape[-1]])
        return tf.reshape(self.norm(image, training=training), tf.shape(x))

    @property
    def moving_mean(self): return self.norm.moving_mean
    @property
    def moving_variance(self): return self.norm.moving_variance
    @property
    def gamma(self): return self.norm.gamma
    @property
    def beta(self): return self.norm.beta


# ---- weights

def plain(name, variable, kind=""):
    return Weight(name, variable, lambda w: w, lambda w: w, kind)


def transposed(name, variable):
    return Weight(name, variable, lambda w: w.T, lambda w: w.T)


def convolution(name, variable):
    last, axes = len(variable.shape) - 1, len(variable.shape) - 2
    return Weight(name, variable, lambda w: w.transpose(last, last - 1, *range(axes)), lambda w: w.transpose(*range(2, 2 + axes), 1, 0))


def swapped_gates(w):
    """Keras's z, r, n along the last axis <-> r, z, n."""
    first, second, third = np.split(w, 3, axis=-1)
    return np.concatenate([second, first, third], axis=-1)


class GruBias:
    """Keras's [2, 3H] bias of a gru, which nnrun names as two tensors: one row each."""

    def __init__(self, variable, row):
        self.variable, self.row, self.shape = variable, row, variable.shape[1:]

    def numpy(self):
        return self.variable.numpy()[self.row]

    def assign(self, value):
        rows = self.variable.numpy()
        rows[self.row] = value
        self.variable.assign(rows)


def recurrent_weights(name, suffix, layer):
    cell = layer.cell
    gates = swapped_gates if isinstance(layer, kl.GRU) else lambda w: w
    matrix = lambda part, v: Weight(name + part + suffix, v, lambda w: gates(w).T, lambda w: gates(w.T))
    vector = lambda part, v: Weight(name + part + suffix, v, gates, gates)
    weights = [matrix(".weight_ih", cell.kernel), matrix(".weight_hh", cell.recurrent_kernel)]
    if not isinstance(layer, kl.GRU):
        return weights + [vector(".bias", cell.bias)]
    if not cell.reset_after:
        return weights + [vector(".bias_ih", cell.bias)]
    return weights + [vector(".bias_ih", GruBias(cell.bias, 0)), vector(".bias_hh", GruBias(cell.bias, 1))]


def norm_weights(name, layer):
    weights = [plain(f"{name}.weight", layer.gamma, "scale"), plain(f"{name}.bias", layer.beta)]
    if isinstance(layer, kl.LayerNormalization):
        return weights
    return weights + [plain(f"{name}.running_mean", layer.moving_mean), plain(f"{name}.running_var", layer.moving_variance, "scale")]


def weights_of(name, layer):
    if isinstance(layer, kl.Bidirectional):
        return recurrent_weights(name, "", layer.forward_layer) + recurrent_weights(name, "_reverse", layer.backward_layer)
    if isinstance(layer, (kl.SimpleRNN, kl.GRU, kl.LSTM)):
        return recurrent_weights(name, "", layer)
    if isinstance(layer, (kl.Conv1D, kl.Conv2D)):
        return [convolution(f"{name}.weight", layer.kernel), plain(f"{name}.bias", layer.bias)]
    if isinstance(layer, kl.Dense):
        return [transposed(f"{name}.weight", layer.kernel), plain(f"{name}.bias", layer.bias)]
    if isinstance(layer, kl.Embedding):
        return [plain(f"{name}.weight", layer.embeddings, "table")]
    return norm_weights(name, layer)


# ---- layers: each builder gives (Keras layer or None, function of (x, lengths, training))

def pair(value):
    return tuple(value) if isinstance(value, list) else (value, value)


def simple(layer):
    return layer, lambda x, lengths, training: layer(x)


def without_weights(function):
    return None, lambda x, lengths, training: function(x)


def windowed(kind, c, key, size):
    options = {"strides": size(c["stride"]) if "stride" in c else size(c[key]) if key == "size" else 1, "padding": c.get("padding", "valid")}
    if key == "size":
        return without_weights(kind(size(c["size"]), **options))
    return simple(kind(c["filters"], size(c["kernel"]), activation=ACTIVATIONS[c.get("activation", "none")], **options))


def flatten(c, facts):
    return without_weights(lambda x: tf.reshape(channels_first(x), [-1, int(np.prod(x.shape[1:]))]))


def reshape(c, facts):
    return without_weights(lambda x: channels_last(tf.reshape(channels_first(x), [-1, *c["shape"]])))


def global_pool(reduce):
    return lambda c, facts: without_weights(lambda x: reduce(x, axis=list(range(1, x.shape.rank - 1))))


def dense(c, facts):
    return simple(kl.Dense(c["units"], activation=ACTIVATIONS[c.get("activation", "none")]))


def dropout(c, facts):
    assert c["rate"] == 0, "masks are nnrun's own"
    return without_weights(tf.identity)


def activation(c, facts):
    return without_weights(keras.activations.get(ACTIVATIONS[c["activation"]]))


def batch_norm(c, facts):
    kind = ImageBatchNorm if keras.backend.floatx() == "float32" else UnbiasedBatchNorm
    layer = kind(c.get("momentum", 0.99), c.get("epsilon", 0.001))
    return layer, lambda x, lengths, training: layer(x, training=training)


def layer_norm(c, facts):
    return simple(kl.LayerNormalization(epsilon=c.get("epsilon", 0.001)))


def embedding(c, facts):
    return simple(kl.Embedding(facts.vocabulary, c["units"]))


def embedding_bag(c, facts):
    layer = kl.Embedding(facts.vocabulary, c["units"])

    def mean(ids, lengths, training):
        inside = tf.sequence_mask(lengths, ids.shape[1], keras.backend.floatx())
        return tf.einsum("nlc,nl->nc", layer(ids), inside) / tf.maximum(tf.reduce_sum(inside, 1, keepdims=True), 1)
    return layer, mean


def one_hot(c, facts):
    return without_weights(lambda ids: tf.one_hot(ids, c["depth"], dtype=keras.backend.floatx()))


def cell_options(c):
    options = {"return_sequences": c.get("return", "last") == "sequence"}
    if c["type"] == "rnn":
        return options | {"activation": c.get("activation", "tanh")}
    return options | ({"reset_after": c.get("reset_after", True)} if c["type"] == "gru" else {})


def recurrent(c, facts):
    kind = {"rnn": kl.SimpleRNN, "gru": kl.GRU, "lstm": kl.LSTM}[c["type"]]
    layer = kind(c["units"], **cell_options(c))
    if c.get("bidirectional"):
        layer = kl.Bidirectional(layer)

    def run(x, lengths, training):
        mask = tf.sequence_mask(lengths, x.shape[1]) if c.get("mask_padding") else None
        return tf.identity(layer(x, mask=mask))  # identity: without the mask that Keras would pass on
    return layer, run


BUILDERS = {
    "conv2d": lambda c, facts: windowed(kl.Conv2D, c, "kernel", pair),
    "conv1d": lambda c, facts: windowed(kl.Conv1D, c, "kernel", int),
    "max_pool2d": lambda c, facts: windowed(kl.MaxPooling2D, c, "size", pair),
    "avg_pool2d": lambda c, facts: windowed(kl.AveragePooling2D, c, "size", pair),
    "max_pool1d": lambda c, facts: windowed(kl.MaxPooling1D, c, "size", int),
    "global_avg_pool": global_pool(tf.reduce_mean), "global_max_pool": global_pool(tf.reduce_max),
    "flatten": flatten, "reshape": reshape, "dense": dense, "dropout": dropout, "activation": activation,
    "batch_norm": batch_norm, "layer_norm": layer_norm, "embedding": embedding, "embedding_bag": embedding_bag,
    "one_hot": one_hot, "rnn": recurrent, "gru": recurrent, "lstm": recurrent,
}


class Network(keras.Model):
    """The layers in order; inputs are (examples, lengths)."""

    def __init__(self, configs, facts):
        super().__init__()
        self.names, self.kept = [], []
        self.parts = [self.part(c, facts) for c in configs]

    def part(self, c, facts):
        if c["type"] == "residual":
            inner = [self.part(i, facts) for i in c["layers"]]
            return lambda x, lengths, training: x + self.run(inner, x, lengths, training)
        layer, function = BUILDERS[c["type"]](c, facts)
        if layer is not None:
            self.names.append(c["name"])
            self.kept.append(layer)
        return function

    def run(self, parts, x, lengths, training):
        for part in parts:
            x = part(x, lengths, training)
        return x

    def call(self, inputs, training=False):
        return self.run(self.parts, inputs[0], inputs[1], training)

    def train_step(self, batch):
        """Keras's own step but for embeddings, whose gradients are made dense."""
        inputs, labels = batch
        with tf.GradientTape() as tape:
            logits = self(inputs, training=True)
            loss = self.compiled_loss(labels, logits)
        gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, self.trainable_variables)]
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
        self.compiled_metrics.update_state(labels, logits)
        return {metric.name: metric.result() for metric in self.metrics}

    def nnrun_weights(self):
        return [w for name, layer in zip(self.names, self.kept) for w in weights_of(name, layer)]
