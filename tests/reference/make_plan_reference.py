"""Prints what Keras makes of single layers: output shape and number of trainable parameters.

The numbers stand in tests/config/plan_test.cpp, in this order; shapes there are channels first.
Run: python tests/reference/make_plan_reference.py   (TensorFlow with Keras 3)
"""
import math
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
from keras import layers as k

IMAGE, SEQUENCE, VECTOR = (17, 23, 5), (19, 6), (12,)  # Keras: channels last
CASES = [
    ("conv2d valid 4x3 stride 2x3", IMAGE, k.Conv2D(7, (4, 3), strides=(2, 3))),
    ("conv2d same 4x3", IMAGE, k.Conv2D(7, (4, 3), padding="same")),
    ("conv2d same 25x3 stride 3x1", IMAGE, k.Conv2D(7, (25, 3), strides=(3, 1), padding="same")),
    ("conv1d valid 4 stride 3", SEQUENCE, k.Conv1D(7, 4, strides=3)),
    ("conv1d same 4 stride 3", SEQUENCE, k.Conv1D(7, 4, strides=3, padding="same")),
    ("max_pool2d valid 3x2 stride 2x4", IMAGE, k.MaxPool2D((3, 2), (2, 4))),
    ("max_pool2d same 3x2 stride 2x4", IMAGE, k.MaxPool2D((3, 2), (2, 4), padding="same")),
    ("avg_pool2d same 2x5 stride 3x2", IMAGE, k.AveragePooling2D((2, 5), (3, 2), padding="same")),
    ("max_pool1d same 4 stride 2", SEQUENCE, k.MaxPool1D(4, 2, padding="same")),
    ("global_avg_pool image", IMAGE, k.GlobalAveragePooling2D()),
    ("global_max_pool sequence", SEQUENCE, k.GlobalMaxPooling1D()),
    ("flatten image", IMAGE, k.Flatten()),
    ("dense 8", VECTOR, k.Dense(8)),
    ("rnn 8", SEQUENCE, k.SimpleRNN(8)),
    ("gru 8 sequence", SEQUENCE, k.GRU(8, return_sequences=True)),
    ("gru 8 reset before", SEQUENCE, k.GRU(8, reset_after=False)),
    ("lstm 8", SEQUENCE, k.LSTM(8)),
    ("bidirectional gru 8 sequence", SEQUENCE, k.Bidirectional(k.GRU(8, return_sequences=True))),
    ("bidirectional lstm 8", SEQUENCE, k.Bidirectional(k.LSTM(8))),
    ("batch_norm image", IMAGE, k.BatchNormalization()),
    ("batch_norm sequence", SEQUENCE, k.BatchNormalization()),
    ("layer_norm image", IMAGE, k.LayerNormalization()),
    ("layer_norm vector", VECTOR, k.LayerNormalization()),
]

for name, shape, layer in CASES:
    model = keras.Sequential([keras.Input(shape), layer])
    parameters = sum(math.prod(weight.shape) for weight in layer.trainable_weights)
    print(f"{name}: {model.output_shape[1:]} {parameters}")
