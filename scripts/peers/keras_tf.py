"""Keras 3 on TensorFlow: the step as a compiled tf.function, as `fit` runs it."""
import os

import common


def layer_for(keras, layer, vocabulary):
    """The Keras layer of one nnrun layer; images are channels-last here, sequences [length, features]."""
    l, kind = keras.layers, layer["type"]
    if kind in ("conv2d", "conv1d"):
        make = l.Conv2D if kind == "conv2d" else l.Conv1D
        activation = None if layer["activation"] == "none" else layer["activation"]
        return make(layer["filters"], layer["kernel"], activation=activation)
    if kind in ("max_pool2d", "max_pool1d"):
        make = l.MaxPooling2D if kind == "max_pool2d" else l.MaxPooling1D
        return make(layer["size"], layer["stride"], layer["padding"])
    if kind in ("gru", "lstm", "rnn"):
        make = {"gru": l.GRU, "lstm": l.LSTM, "rnn": l.SimpleRNN}[kind]
        return make(layer["units"], return_sequences=layer["return"] == "sequence")
    simple = {"flatten": lambda: l.Flatten(), "dense": lambda: l.Dense(layer["units"]),
              "dropout": lambda: l.Dropout(layer["rate"]), "embedding": lambda: l.Embedding(vocabulary, layer["units"]),
              "one_hot": lambda: l.Lambda(lambda x: keras.ops.one_hot(x, layer["depth"]))}
    return simple[kind]()


class Model:
    def __init__(self, spec, threads, device):
        os.environ["KERAS_BACKEND"] = "tensorflow"
        import tensorflow as tf
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        tf.config.experimental.enable_tensor_float_32_execution(spec["training"]["precision"] == "tf32")
        import keras
        keras.utils.set_random_seed(0)
        self.tf = tf
        self.network = keras.Sequential([layer_for(keras, l, spec["vocabulary"]) for l in spec["model"]["layers"]])
        settings = spec["optimizer"]
        make = {"adam": keras.optimizers.Adam, "sgd": keras.optimizers.SGD}[settings["type"]]
        self.optimizer = make(settings["learning_rate"])
        self.loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        self.step = tf.function(self.plain_step)

    def plain_step(self, x, y):
        with self.tf.GradientTape() as tape:
            loss = self.loss(y, self.network(x, training=True))
        variables = self.network.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        return loss

    def load(self, x, y):
        x = x.transpose(0, 1, 3, 4, 2) if x.ndim == 5 else x
        return [(self.tf.constant(xs), self.tf.constant(ys)) for xs, ys in zip(x, y)]

    def run(self, data):
        losses = []
        for xs, ys in data:
            xs = self.tf.cast(xs, "float32") / 255 if len(xs.shape) == 4 else xs
            if not self.network.built:
                self.network.build(xs.shape)
                self.optimizer.build(self.network.trainable_variables)
            losses.append(self.step(xs, ys))
        return [float(loss) for loss in losses]


if __name__ == "__main__":
    common.main(Model)
