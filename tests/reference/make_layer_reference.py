#!/usr/bin/env python3
"""Writes layers.json: every layer's output and gradients, and batch_norm's running statistics, from Keras 3 on TensorFlow.

    pip install keras tensorflow && KERAS_BACKEND=tensorflow python make_layer_reference.py

Keras keeps channels last and input-major kernels; everything is written in nnrun's layouts (C, H, W and [out, in, …]).
The gradients are those of sum(output * cotangent).
"""
import json
import os
from pathlib import Path

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
import tensorflow as tf
from keras import layers as kl

random = np.random.default_rng(20)
cases = {}


def draw(*shape, scale=1.0):
    return np.round(random.uniform(-scale, scale, shape), 3).astype(np.float32)


def to_last(x):
    return np.moveaxis(x, 1, -1)


def to_first(x):
    return np.moveaxis(np.asarray(x), -1, 1) if np.ndim(x) > 2 else np.asarray(x)


def conv_kernel(w):
    return np.transpose(w, (w.ndim - 1, w.ndim - 2, *range(w.ndim - 2)))


def gru_gates(w):
    """Keras's gate order z, r, n along the last axis -> r, z, n."""
    z, r, n = np.split(np.asarray(w), 3, axis=-1)
    return np.concatenate([r, z, n], axis=-1)


def same(w):
    return np.asarray(w)


def transposed(w):
    return np.asarray(w).T


def rounded(x):
    return [float(f"{v:.7g}") for v in np.asarray(x, np.float64).ravel()]


def entry(x):
    return {"shape": list(np.shape(x)), "values": rounded(x)}


def randomise(variables):
    for variable in variables:
        if "moving_variance" in variable.path:
            variable.assign(np.abs(draw(*variable.shape)) + 0.5)
        elif "seed" not in variable.path:
            variable.assign(draw(*variable.shape, scale=0.6))


def bias_parts(name, layer):
    """nnrun's names of a recurrent layer's tensors: (name, Keras variable, conversion)."""
    cell, gates = layer.cell, gru_gates if isinstance(layer, kl.GRU) else same
    parts = [(f"{name}.weight_ih", cell.kernel, lambda w: gates(w).T),
             (f"{name}.weight_hh", cell.recurrent_kernel, lambda w: gates(w).T)]
    if not isinstance(layer, kl.GRU):
        return parts + [(f"{name}.bias", cell.bias, same)]
    if not cell.reset_after:
        return parts + [(f"{name}.bias_ih", cell.bias, gates)]
    return parts + [(f"{name}.bias_ih", cell.bias, lambda b: gates(b)[0]), (f"{name}.bias_hh", cell.bias, lambda b: gates(b)[1])]


def weights_of(name, layer):
    if isinstance(layer, kl.Bidirectional):
        backward = [(f"{n}_reverse", v, f) for n, v, f in bias_parts(name, layer.backward_layer)]
        return bias_parts(name, layer.forward_layer) + backward
    if isinstance(layer, (kl.SimpleRNN, kl.GRU, kl.LSTM)):
        return bias_parts(name, layer)
    if isinstance(layer, (kl.Conv1D, kl.Conv2D)):
        return [(f"{name}.weight", layer.kernel, lambda w: conv_kernel(np.asarray(w))), (f"{name}.bias", layer.bias, same)]
    if isinstance(layer, kl.Dense):
        return [(f"{name}.weight", layer.kernel, transposed), (f"{name}.bias", layer.bias, same)]
    if isinstance(layer, kl.Embedding):
        return [(f"{name}.weight", layer.embeddings, same)]
    if isinstance(layer, kl.BatchNormalization):
        return [(f"{name}.weight", layer.gamma, same), (f"{name}.bias", layer.beta, same),
                (f"{name}.running_mean", layer.moving_mean, same), (f"{name}.running_var", layer.moving_variance, same)]
    if isinstance(layer, kl.LayerNormalization):
        return [(f"{name}.weight", layer.gamma, same), (f"{name}.bias", layer.beta, same)]
    return []


def unbiased(record, layer, x):
    """The running variance as fused Keras 2 has it: Keras 3 adds the biased variance of the batch."""
    n = x.size // x.shape[1]
    kept = layer.momentum * np.array(record["weights"]["A.running_var"]["values"])
    return kept + (layer.moving_variance.numpy() - kept) * n / (n - 1)


def case(name, x, *stack, training=True, lengths=None, call=None):
    """Runs `stack` (Keras layers named A, B, …) on x [n, c, positions…] or ids [n, length]."""
    ids = x.dtype == np.int32
    source = tf.Variable(x if ids else to_last(x), trainable=not ids)
    mask = None if lengths is None else np.arange(x.shape[-1]) < np.asarray(lengths)[:, None]

    def run():
        y = source
        for layer in stack:
            recurrent = mask is not None and isinstance(layer, (kl.RNN, kl.Bidirectional))
            norm = isinstance(layer, kl.BatchNormalization)
            y = layer(y, mask=mask) if recurrent else layer(y, training=training) if norm else layer(y)
        return y if call is None else call(y, source)

    run()
    names = "ABCDEFG"
    weights = [w for i, layer in enumerate(stack) for w in weights_of(names[i], layer)]
    randomise([v for layer in stack for v in getattr(layer, "variables", [])])
    record = {"input": entry(x), "training": training, "weights": {n: entry(f(v.numpy())) for n, v, f in weights}}
    with tf.GradientTape() as tape:
        y = run()
        cotangent = draw(*y.shape)
        loss = tf.reduce_sum(y * cotangent)
    trainable = [w for w in weights if w[1].trainable]
    grads = tape.gradient(loss, ([] if ids else [source]) + [v.value for _, v, _ in trainable])
    grads = [tf.convert_to_tensor(g) for g in grads]
    if not ids:
        record["input_gradient"] = entry(to_first(grads.pop(0)))
    record["output"], record["cotangent"] = entry(to_first(y)), entry(to_first(cotangent))
    record["gradients"] = {n: entry(f(g.numpy())) for (n, _, f), g in zip(trainable, grads)}
    record["after"] = {n: entry(f(v.numpy())) for n, v, f in weights if not v.trainable}
    if training and "A.running_var" in record["after"]:
        record["after"]["A.running_var"] = entry(unbiased(record, stack[0], x))
    if lengths is not None:
        record["lengths"] = list(lengths)
    cases[name] = record


def image_cases():
    image = draw(2, 3, 7, 6)
    case("conv2d_valid", image, kl.Conv2D(4, (3, 2), strides=(2, 1), activation="relu"))
    case("conv2d_same", image, kl.Conv2D(2, (4, 3), strides=(2, 2), padding="same", activation="tanh"))
    case("max_pool2d_valid", image, kl.MaxPooling2D((2, 2)))
    case("max_pool2d_same", image - 2, kl.MaxPooling2D((4, 3), strides=(2, 2), padding="same"))
    case("avg_pool2d_valid", image, kl.AveragePooling2D((3, 2), strides=(2, 2)))
    case("avg_pool2d_same", image, kl.AveragePooling2D((4, 3), strides=(2, 2), padding="same"))
    case("global_avg_pool", image, kl.GlobalAveragePooling2D())
    case("global_max_pool", image, kl.GlobalMaxPooling2D())
    case("batch_norm_training", image, kl.BatchNormalization())
    case("batch_norm_inference", image, kl.BatchNormalization(), training=False)
    case("layer_norm_image", image, kl.LayerNormalization())
    square = kl.Conv2D(3, 3, padding="same", activation="relu")
    case("residual", image, square, call=lambda y, x: y + x)


def vector_cases():
    vector = draw(3, 5)
    for activation in ("relu", "tanh", "sigmoid", "silu"):
        case(f"dense_{activation}", vector, kl.Dense(4, activation=activation))
    case("dense_gelu", vector, kl.Dense(4, activation=lambda x: keras.activations.gelu(x, approximate=False)))
    case("dense_leaky_relu", vector, kl.Dense(4, activation=lambda x: keras.activations.leaky_relu(x, negative_slope=0.2)))
    case("layer_norm_vector", vector, kl.LayerNormalization())


def sequence_cases():
    sequence = draw(2, 3, 8)
    ids = np.array([[1, 4, 2, 2, 0, 3], [5, 5, 1, 0, 0, 0], [3, 2, 0, 0, 0, 0]], np.int32)
    case("conv1d_valid", sequence, kl.Conv1D(4, 3, strides=2, activation="relu"))
    case("conv1d_same", sequence, kl.Conv1D(2, 4, padding="same"))
    case("max_pool1d_same", sequence, kl.MaxPooling1D(4, strides=2, padding="same"))
    case("global_max_pool_sequence", sequence, kl.GlobalMaxPooling1D())
    case("layer_norm_sequence", sequence, kl.LayerNormalization())
    case("embedding", ids, kl.Embedding(6, 3))
    case("one_hot_conv1d", ids, kl.Lambda(lambda i: tf.one_hot(i, 7)), kl.Conv1D(2, 3))
    case("embedding_gru", ids, kl.Embedding(6, 3), kl.GRU(4))
    case("one_hot_lstm", ids, kl.Lambda(lambda i: tf.one_hot(i, 7)), kl.LSTM(4))
    lengths = [5, 3, 0]
    case("masked_gru", ids, kl.Embedding(6, 3), kl.GRU(4), lengths=lengths)
    case("masked_lstm_sequence", ids, kl.Embedding(6, 3), kl.LSTM(4, return_sequences=True), lengths=lengths)
    case("masked_bidirectional_rnn", ids, kl.Embedding(6, 3), kl.Bidirectional(kl.SimpleRNN(4)), lengths=lengths)
    bag = lambda y, _: tf.stack([tf.reduce_mean(y[i, :n], 0) if n else tf.zeros(y.shape[-1]) for i, n in enumerate(lengths)])
    case("embedding_bag", ids, kl.Embedding(6, 3), call=bag)
    cases["embedding_bag"]["lengths"] = lengths


def recurrent_cases():
    x = draw(3, 3, 5)
    for activation in ("tanh", "relu", "linear"):
        case(f"rnn_{activation}", x, kl.SimpleRNN(4, activation=activation))
    for reset_after in (True, False):
        for sequence in (True, False):
            name = f"gru_{'after' if reset_after else 'before'}_{'sequence' if sequence else 'last'}"
            case(name, x, kl.GRU(4, reset_after=reset_after, return_sequences=sequence))
    case("lstm_last", x, kl.LSTM(4))
    case("lstm_sequence", x, kl.LSTM(4, return_sequences=True))
    case("bidirectional_gru_last", x, kl.Bidirectional(kl.GRU(4)))
    case("bidirectional_lstm_sequence", x, kl.Bidirectional(kl.LSTM(4, return_sequences=True)))
    case("stacked_gru", x, kl.GRU(4, return_sequences=True), kl.GRU(3))


def padding_cases():
    ids = np.array([[1, 4, 2, 2, 0, 3], [5, 5, 1, 0, 0, 0], [3, 2, 0, 0, 0, 0]], np.int32)
    for name, kind in (("gru", kl.GRU), ("lstm", kl.LSTM)):
        both = kl.Bidirectional(kind(4, return_sequences=True))
        case(f"masked_bidirectional_{name}_sequence", ids, kl.Embedding(6, 3), both, lengths=[5, 3, 0])


image_cases()
vector_cases()
sequence_cases()
recurrent_cases()
padding_cases()  # behind the others, whose draws stay as they are
target = Path(__file__).with_name("layers.json")
target.write_text("{\n" + ",\n".join(f'"{k}": {json.dumps(v, separators=(",", ":"))}' for k, v in cases.items()) + "\n}\n")
print(target.name, len(cases), "cases", target.stat().st_size, "bytes")
