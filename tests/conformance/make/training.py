"""Trains one case with Keras 2 (tf_keras) as its config says."""
import math

import numpy as np
import tensorflow as tf
import tf_keras as keras

legacy = keras.optimizers.legacy
CLIPS = {"clip_value": "clipvalue", "clip_norm": "clipnorm", "global_clip_norm": "global_clipnorm"}
COLUMNS = ["accuracy", "loss", "val_accuracy", "val_loss"]


class RmspropOutside(legacy.RMSprop):
    """Keras's RMSprop with momentum, epsilon outside the root (TensorFlow's fused operation has it inside)."""

    def _resource_apply_dense(self, grad, var, apply_state=None):
        rate, rho = self._get_hyper("learning_rate", var.dtype), self._get_hyper("rho", var.dtype)
        rms, velocity = self.get_slot(var, "rms"), self.get_slot(var, "momentum")
        rms.assign(rho * rms + (1 - rho) * tf.square(grad))
        velocity.assign(self._get_hyper("momentum", var.dtype) * velocity + rate * grad / (tf.sqrt(rms) + self.epsilon))
        return var.assign_sub(velocity)


class DecayedAdam(legacy.Adam):
    """AdamW from Keras 2's Adam: rate x decay x w is taken off every variable before the step."""

    def __init__(self, weight_decay, **options):
        super().__init__(**options)
        self.weight_decay = weight_decay

    def _resource_apply_dense(self, grad, var, apply_state=None):
        var.assign_sub(var * self.weight_decay * self._get_hyper("learning_rate", var.dtype))
        return super()._resource_apply_dense(grad, var, apply_state)


def optimizer(config):
    rest = {key: value for key, value in config.items() if key not in ("type", "schedule", *CLIPS)}
    rest |= {CLIPS[key]: value for key, value in config.items() if key in CLIPS and value is not None}
    if config["type"] == "adagrad":
        rest["initial_accumulator_value"] = rest.pop("initial_accumulator", 0.1)
    if config["type"] == "adamw":
        return DecayedAdam(rest.pop("weight_decay", 0.004), **rest)
    kinds = {"sgd": legacy.SGD, "adam": legacy.Adam, "adagrad": legacy.Adagrad,
             "rmsprop": RmspropOutside if rest.get("momentum") else legacy.RMSprop}
    return kinds[config["type"]](**rest)


# ---- callbacks

def factor(schedule, epoch, epochs):
    warmup = schedule.get("warmup_epochs", 0)
    if epoch < warmup:
        return (epoch + 1) / (warmup + 1)
    t = (epoch - warmup) / max(1, epochs - 1 - warmup)
    kind = schedule["type"]
    if kind == "step":
        return schedule["factor"] ** ((epoch - warmup) // schedule["every"])
    if kind == "cosine":
        return schedule["final"] + (1 - schedule["final"]) * (1 + math.cos(math.pi * t)) / 2
    peak = schedule["peak_epoch"]
    if epoch == peak:
        return 1
    if epoch < peak:
        return schedule["start"] + (1 - schedule["start"]) * (epoch - warmup) / (peak - warmup)
    return 1 + (schedule["final"] - 1) * (epoch - peak) / (epochs - 1 - peak)


def schedule_callbacks(config, epochs):
    schedule = config.get("schedule")
    if schedule is None:
        return []
    if schedule["type"] != "plateau":
        rate = config.get("learning_rate", 0.01 if config["type"] == "sgd" else 0.001)
        return [keras.callbacks.LearningRateScheduler(lambda epoch: rate * factor(schedule, epoch, epochs))]
    options = {key: schedule[key] for key in ("factor", "patience")} | {"min_delta": schedule.get("min_delta", 1e-4)}
    return [keras.callbacks.ReduceLROnPlateau(monitor=schedule.get("monitor", "val_loss"), **options)]


class BestAtTheEnd(keras.callbacks.Callback):
    """Brings early stopping's best weights back also after a full run."""

    def __init__(self, stopping):
        super().__init__()
        self.stopping = stopping

    def on_train_end(self, logs=None):
        if self.stopping.best_weights is not None:
            self.model.set_weights(self.stopping.best_weights)


def stopping_callbacks(config):
    if config is None:
        return []
    options = dict(config)
    restore = options.pop("restore_best", False)
    stopping = keras.callbacks.EarlyStopping(restore_best_weights=restore, monitor=options.pop("monitor", "val_loss"),
                                             patience=options.pop("patience", 10), **options)
    return [stopping] + ([BestAtTheEnd(stopping)] if restore else [])


# ---- the run

def batches(split, size, drop_last=False):
    lengths = split.lengths if split.lengths is not None else np.zeros(len(split.labels), np.int32)
    examples = split.inputs if split.inputs.dtype == np.int32 else split.inputs.astype(keras.backend.floatx())
    return tf.data.Dataset.from_tensor_slices(((examples, lengths), split.labels)).batch(size, drop_remainder=drop_last)


def fit(config, data, network, callbacks=()):
    """Rows of metrics.csv as dictionaries; `callbacks` beside those that the config asks for."""
    training, epochs = config["training"], config["training"].get("epochs", 1)
    network.compile(optimizer(config["optimizer"]), keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    size = training.get("batch_size", 32)
    history = network.fit(batches(data.train, size, training.get("drop_last", False)), epochs=epochs, verbose=0, shuffle=False,
                          validation_data=batches(data.test, size),
                          callbacks=[*callbacks, *schedule_callbacks(config["optimizer"], epochs),
                                     *stopping_callbacks(training.get("early_stopping"))])
    return [{column: float(history.history[column][epoch]) for column in COLUMNS} for epoch in history.epoch]
