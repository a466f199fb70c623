"""Prints what Keras's own callbacks do with given metric values.

The values stand in tests/train/records.h, the results in tests/train/early_stopping_test.cpp and
tests/train/schedule_test.cpp.
Run: python tests/reference/make_train_reference.py   (TensorFlow with Keras 3)
"""
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np

LOSSES = [1.0, 0.8, 0.9, 0.85, 0.79, 0.81, 0.82, 0.7, 0.75, 0.74, 0.73, 0.72, 0.71, 0.9]
ACCURACIES = [0.1, 0.3, 0.2, 0.31, 0.35, 0.35, 0.34, 0.5, 0.4, 0.41, 0.42, 0.43, 0.44, 0.45]
NAN = float("nan")


def new_model():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.compile(optimizer=keras.optimizers.SGD(1.0), loss="mse", metrics=["accuracy"])
    model.train_on_batch(np.zeros((1, 1)), np.zeros((1, 1)))  # builds the metrics
    return model


def early_stopping(values, monitor="val_loss", **options):
    """Epochs run, and the epoch whose weights remain at the end."""
    model = new_model()
    callback = keras.callbacks.EarlyStopping(monitor=monitor, **options)
    callback.set_model(model)
    callback.on_train_begin()
    model.stop_training = False
    ran = 0
    for epoch, value in enumerate(values):
        model.set_weights([np.full((1, 1), epoch, "float32")])
        callback.on_epoch_end(epoch, {monitor: value})
        ran += 1
        if model.stop_training:
            break
    callback.on_train_end()
    return ran, int(model.get_weights()[0][0, 0])


def plateau(values, monitor="val_loss", **options):
    """The learning rate of each epoch; it starts at 1."""
    model = new_model()
    callback = keras.callbacks.ReduceLROnPlateau(monitor=monitor, **options)
    callback.set_model(model)
    callback.on_train_begin()
    rates = []
    for epoch, value in enumerate(values):
        rates.append(float(model.optimizer.learning_rate))
        callback.on_epoch_end(epoch, {monitor: value})
    return rates


print("early stopping: epochs run, epoch of the final weights")
for values, options in [
    (LOSSES, dict(patience=2)),
    (LOSSES, dict(patience=3)),
    (LOSSES, dict(patience=0)),
    (LOSSES, dict(patience=3, restore_best_weights=True)),
    (LOSSES, dict(patience=6, restore_best_weights=True)),
    (LOSSES, dict(patience=9, restore_best_weights=True)),
    (LOSSES, dict(patience=3, min_delta=0.05, restore_best_weights=True)),
    (LOSSES, dict(patience=4, baseline=0.75, restore_best_weights=True)),
    (LOSSES, dict(patience=4, baseline=0.9)),
    (LOSSES, dict(patience=2, start_from_epoch=5, restore_best_weights=True)),
    (LOSSES, dict(patience=2, start_from_epoch=20, restore_best_weights=True)),
    (LOSSES, dict(patience=2, mode="max", restore_best_weights=True)),
    ([1.0] * 5, dict(patience=0)),
    ([1.0, NAN, 0.5, NAN, NAN, 0.6], dict(patience=2, restore_best_weights=True)),
]:
    print(f"  {options}: {early_stopping(values, **options)}")
for patience in (2, 6):
    options = dict(patience=patience, restore_best_weights=True)
    print(f"  val_accuracy {options}: {early_stopping(ACCURACIES, 'val_accuracy', **options)}")

print("plateau: rate of each epoch")
for values, monitor, options in [
    (LOSSES, "val_loss", dict(factor=0.5, patience=2)),
    (LOSSES, "val_loss", dict(factor=0.5, patience=1)),
    (LOSSES, "val_loss", dict(factor=0.25, patience=0)),
    (ACCURACIES, "val_accuracy", dict(factor=0.5, patience=2)),
    ([1.0, 0.99995, 0.99992, 0.9998, 0.9996, 0.9995], "val_loss", dict(factor=0.5, patience=1)),
]:
    print(f"  {monitor} {options}: {plateau(values, monitor, **options)}")
