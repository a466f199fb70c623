"""The cases that nnrun's own kit adds to the open sample: name -> config.

Activations are smooth and pools average wherever the case is not about kinks, so that the tolerances can be tight.
"""
IMAGES = {"type": "cifar10", "path": "images", "train_files": ["train.bin"], "test_files": ["test.bin"]}
CHARS = {"type": "text_csv", "train_file": "text/train.csv", "test_file": "text/test.csv", "classes": 15, "unit": "char",
         "max_length": 40}
WORDS = CHARS | {"unit": "word", "max_length": 30, "limit": {"train": 130, "test": 66}}
SHORT = CHARS | {"train_file": "text/short_train.csv", "test_file": "text/short_test.csv", "max_length": 12}
ADAM = {"type": "adam", "learning_rate": 0.01}
CASES = {}


def sgd(rate, **rest):
    return {"type": "sgd", "learning_rate": rate, **rest}


def case(name, data, layers, optimizer, **training):
    CASES[name] = {"name": name, "seed": 7, "data": data, "model": {"init_from": "init.safetensors", "layers": layers},
                   "optimizer": optimizer, "training": {"epochs": 4, "batch_size": 128, "shuffle": False} | training}


# ---- layers; the names count from 1 within a list

def layer(kind, **keys):
    return {"type": kind, **keys}


def named(*layers, prefix="L"):
    for i, entry in enumerate(layers):
        entry["name"] = f"{prefix}{i + 1}"
    return list(layers)


def conv(filters, kernel, stride=1, padding="valid", activation="tanh"):
    kind = "conv2d" if isinstance(kernel, list) else "conv1d"
    return layer(kind, filters=filters, kernel=kernel, stride=stride, padding=padding, activation=activation)


def pool(kind, size, stride=None, padding="valid"):
    return layer(kind, size=size, padding=padding) | ({} if stride is None else {"stride": stride})


def dense(units, activation="none"):
    return layer("dense", units=units, activation=activation)


def act(activation):
    return layer("activation", activation=activation)


def residual(prefix, *layers):
    return layer("residual", layers=named(*layers, prefix=prefix))


def cell(kind, units, **keys):
    return layer(kind, units=units, **keys)


def sequence(kind, units, **keys):
    return layer(kind, units=units, **{"return": "sequence"}, **keys)


def flat():
    return layer("flatten")


def embedding(units):
    return layer("embedding", units=units)


def small_cnn():
    """For what is not about layers: 888 weights, smooth."""
    return named(pool("avg_pool2d", 2), conv(4, [5, 5], 2), conv(3, [3, 3]), flat(), dense(8, "tanh"), dense(10))


# ---- images: layers

case("img_conv_strides", IMAGES, named(conv(4, [3, 2], [2, 3]), conv(3, [4, 3], [1, 2]), conv(4, [1, 1], [2, 1]), flat(), dense(10)), sgd(0.1))
case("img_conv_same_even", IMAGES,
     named(conv(4, [4, 2], padding="same"), conv(3, [5, 6], [2, 3], "same"), conv(4, [2, 2], [3, 2], "same"), flat(), dense(10)), sgd(0.1))
case("img_conv_same_remainders", IMAGES,
     named(conv(3, [1, 2], [2, 3], "same"), conv(4, [3, 4], [2, 3], "same"), conv(3, [2, 3], [3, 2], "same"), conv(4, [5, 3], padding="same"),
           flat(), dense(10)), sgd(0.1))
case("img_kernel_larger_than_input", IMAGES,
     named(conv(3, [7, 7], 4), conv(4, [9, 8], padding="same"), pool("avg_pool2d", [6, 5], [2, 3], "same"), conv(3, [5, 4], padding="same"),
           flat(), dense(10)), sgd(0.1))
case("img_avg_pool_same", IMAGES,
     named(pool("avg_pool2d", [3, 4], [2, 3], "same"), conv(4, [3, 3]), pool("avg_pool2d", [4, 2], [3, 1], "same"), flat(), dense(10)), sgd(0.1))
case("img_max_pool_negative", IMAGES,
     named(conv(4, [5, 5], 2, activation="none"), act("sigmoid"), conv(4, [3, 3], activation="none"), pool("max_pool2d", [3, 4], [2, 3], "same"),
           flat(), dense(10)), sgd(0.05), epochs=3)
case("img_global_avg_pool", IMAGES, named(conv(6, [5, 5], 2), conv(6, [3, 3], 2), layer("global_avg_pool"), dense(10)), sgd(0.5, momentum=0.9))
case("img_global_max_pool", IMAGES, named(conv(6, [5, 5], 3), conv(6, [3, 3]), layer("global_max_pool"), dense(10)), sgd(0.1), epochs=3)
case("img_reshape_order", IMAGES,
     named(pool("avg_pool2d", 2), conv(4, [3, 3], 2), layer("reshape", shape=[2, 14, 7]), conv(3, [3, 2], [2, 1]), layer("reshape", shape=[6, 18]),
           conv(4, 3, 2), layer("reshape", shape=[32]), dense(10)), sgd(0.1))
case("img_rows_lstm", IMAGES,
     named(layer("reshape", shape=[96, 32]), conv(6, 1), sequence("lstm", 6), cell("gru", 5), dense(10)), ADAM)
case("img_dense_activations", IMAGES,
     named(pool("avg_pool2d", 4), flat(), dense(10, "gelu"), dense(9, "silu"), dense(8, "sigmoid"), dense(8, "tanh"), dense(10)), ADAM)
case("img_activation_layers", IMAGES,
     named(conv(4, [5, 5], 3, activation="none"), act("gelu"), conv(4, [3, 3], activation="silu"), act("sigmoid"), flat(), dense(8), act("tanh"),
           dense(10)), ADAM)
case("img_leaky_relu", IMAGES,
     named(pool("avg_pool2d", 2), conv(4, [5, 5], 2, activation="leaky_relu"), flat(), dense(8, "leaky_relu"), act("leaky_relu"), dense(10)), sgd(0.05))
case("img_layer_norm", IMAGES,
     named(conv(5, [5, 5], 3, activation="none"), layer("layer_norm"), act("tanh"), flat(), dense(8), layer("layer_norm", epsilon=0.01), act("tanh"),
           dense(10)), sgd(0.1, momentum=0.5))
case("img_batch_norm_options", IMAGES,
     named(conv(4, [5, 5], 3, activation="none"), layer("batch_norm", momentum=0.8, epsilon=0.01), act("tanh"), flat(), dense(8),
           layer("batch_norm", momentum=0.5, epsilon=0.1), act("tanh"), dense(10)), sgd(0.05))
case("img_batch_norm_two", IMAGES | {"limit": {"train": 130, "test": 100}},
     named(pool("avg_pool2d", 4), flat(), dense(6), layer("batch_norm", momentum=0.7, epsilon=0.5), act("tanh"), dense(10)), sgd(0.05))
case("img_batch_norm_single", IMAGES | {"limit": {"train": 33, "test": 40}},
     named(pool("avg_pool2d", 4), flat(), dense(8, "tanh"), dense(6), layer("batch_norm", momentum=0.7, epsilon=0.5), act("tanh"), dense(10)), sgd(0.05),
     batch_size=32)
case("img_batch_norm_first", IMAGES,
     named(layer("batch_norm", momentum=0.9), conv(4, [5, 5], 3, activation="none"), layer("batch_norm"), act("silu"), flat(), dense(10)), sgd(0.05))
case("img_residual", IMAGES,
     named(conv(4, [5, 5], 3), residual("R", conv(6, [3, 3], padding="same"), layer("batch_norm", momentum=0.9), conv(4, [2, 3], padding="same", activation="none")),
           act("tanh"), flat(), dense(8), residual("S", dense(5, "tanh"), residual("T", layer("layer_norm"), dense(5)), dense(8)), dense(10)), sgd(0.05))
case("img_dropout_zero", IMAGES, named(conv(4, [5, 5], 3), layer("dropout", rate=0), flat(), layer("dropout", rate=0, in_evaluation=True), dense(10)), sgd(0.1))

# ---- images: optimizers

for name, optimizer in {
    "nesterov": sgd(0.02, momentum=0.9, nesterov=True),
    "nesterov_alone": sgd(0.1, nesterov=True), "rmsprop_options": {"type": "rmsprop", "learning_rate": 0.002, "rho": 0.7, "epsilon": 0.001},
    "rmsprop_momentum": {"type": "rmsprop", "learning_rate": 0.002, "rho": 0.8, "momentum": 0.5, "epsilon": 1e-4},
    "adam_options": {"type": "adam", "learning_rate": 0.02, "beta_1": 0.7, "beta_2": 0.9, "epsilon": 0.001},
    "adamw": {"type": "adamw", "learning_rate": 0.01, "weight_decay": 0.5},
    "adagrad_options": {"type": "adagrad", "learning_rate": 0.05, "initial_accumulator": 0.01, "epsilon": 0.01},
    "clip_value": sgd(1.0, momentum=0.5, clip_value=0.002), "global_clip_norm": sgd(0.5, global_clip_norm=0.1),
    "adam_clip_norm": ADAM | {"clip_norm": 0.02}, "adagrad_clip_value": {"type": "adagrad", "learning_rate": 0.1, "clip_value": 0.01},
}.items():
    case(f"img_{name}", IMAGES, small_cnn(), optimizer)

# ---- images: the loop and the data

for name, schedule in {
    "step_warmup": {"type": "step", "every": 2, "factor": 0.5, "warmup_epochs": 2},
    "cosine_warmup": {"type": "cosine", "final": 0, "warmup_epochs": 3},
    "one_cycle_warmup": {"type": "one_cycle", "peak_epoch": 4, "start": 0.5, "final": 0, "warmup_epochs": 1},
}.items():
    case(f"img_{name}", IMAGES, small_cnn(), sgd(0.2, momentum=0.5, schedule=schedule), epochs=8)
case("img_plateau", IMAGES, small_cnn(), sgd(0.5, momentum=0.9, schedule={"type": "plateau", "factor": 0.3, "patience": 1}), epochs=12)
case("img_plateau_accuracy", IMAGES, small_cnn(),
     ADAM | {"schedule": {"type": "plateau", "monitor": "accuracy", "factor": 0.5, "patience": 2, "min_delta": 0.02}}, epochs=12)
case("img_early_stopping", IMAGES, small_cnn(), sgd(0.5, momentum=0.9), epochs=20, early_stopping={"patience": 2})
case("img_restore_best", IMAGES, small_cnn(), sgd(0.5, momentum=0.9), epochs=20,
     early_stopping={"patience": 3, "restore_best": True, "min_delta": 0.002, "start_from_epoch": 2})
case("img_restore_best_full", IMAGES, small_cnn(), sgd(0.2, momentum=0.5), epochs=9, early_stopping={"patience": 30, "restore_best": True})
case("img_stop_baseline", IMAGES, small_cnn(), ADAM, epochs=12,
     early_stopping={"monitor": "accuracy", "baseline": 0.6, "patience": 5, "restore_best": True})
case("img_stop_mode", IMAGES, small_cnn(), ADAM, epochs=12, early_stopping={"monitor": "loss", "mode": "max", "patience": 3})
case("img_drop_last", IMAGES, small_cnn(), ADAM, drop_last=True, keep_best="none")
case("img_batch_7", IMAGES, small_cnn(), sgd(0.05), batch_size=7, epochs=2)
case("img_batch_1", IMAGES | {"limit": {"train": 20, "test": 30}}, small_cnn(), sgd(0.02), batch_size=1)
case("img_defaults", IMAGES, small_cnn(), {"type": "sgd"}, batch_size=32)
case("img_selection", IMAGES | {"train_files": ["train_a.bin", "train_b.bin"], "train_per_class": 12, "test_per_class": 9,
                                "limit": {"train": 111, "test": 77}}, small_cnn(), ADAM)
case("img_normalize", IMAGES | {"normalize": {"mean": [0.49, 0.48, 0.45], "std": [0.25, 0.24, 0.26]}, "pixel_order": "interleaved"}, small_cnn(), sgd(0.1))
case("img_diverging", IMAGES, small_cnn()[:4] + named(dense(8), dense(10), prefix="D"), sgd(1e9), on_nonfinite="continue")
case("img_long", IMAGES, small_cnn(), sgd(0.02, momentum=0.5), epochs=30)
case("img_long_adam", IMAGES, small_cnn(), {"type": "adam"}, epochs=30)

# ---- texts

case("char_conv1d_same", CHARS,
     named(layer("one_hot", depth=70), conv(5, 4, 3, "same"), conv(4, 5, 2, "same"), conv(4, 2, padding="same"), flat(), dense(15)), sgd(0.1))
case("char_conv1d_embedding", CHARS, named(embedding(5), conv(5, 3, 2, activation="gelu"), conv(4, 4, 1, activation="silu"), flat(), dense(15)), ADAM)
case("char_max_pool1d", CHARS,
     named(layer("one_hot", depth=70), conv(4, 5, activation="none"), pool("max_pool1d", 3, 2, "same"), conv(4, 3), pool("max_pool1d", 4), flat(), dense(15)),
     sgd(0.1), epochs=3)
case("char_gru_before", CHARS, named(embedding(5), sequence("gru", 6, reset_after=False), layer("global_avg_pool"), dense(15)), ADAM)
case("char_lstm_sequence", CHARS, named(embedding(5), sequence("lstm", 6), layer("layer_norm"), layer("global_avg_pool"), dense(15)), ADAM)
case("char_rnn_relu", CHARS | {"max_length": 20}, named(layer("one_hot", depth=70), cell("rnn", 6, activation="relu"), dense(15)), sgd(0.02))
case("char_rnn_linear", CHARS | {"max_length": 20}, named(embedding(5), cell("rnn", 6, activation="linear"), dense(15)), sgd(0.05))
case("char_bidirectional_gru", CHARS, named(layer("one_hot", depth=70), cell("gru", 5, bidirectional=True), dense(15)), ADAM)
case("char_bidirectional_lstm_sequence", CHARS,
     named(embedding(5), sequence("lstm", 4, bidirectional=True), conv(4, 5, 3), flat(), dense(15)), ADAM)
case("char_stacked", CHARS, named(embedding(5), sequence("rnn", 5), sequence("gru", 6), sequence("lstm", 4), cell("gru", 5, reset_after=False), dense(15)), ADAM)
case("char_stacked_lstm", CHARS, named(layer("one_hot", depth=70), sequence("lstm", 5), cell("lstm", 6), dense(15)), {"type": "rmsprop", "learning_rate": 0.005})
case("char_conv_gru", CHARS, named(embedding(5), conv(5, 3, 2), layer("batch_norm", momentum=0.9), cell("gru", 6), dense(15)), ADAM)
case("char_batch_norm", CHARS | {"limit": {"train": 130, "test": 100}},
     named(embedding(4), layer("batch_norm", momentum=0.6), conv(4, 5, 2, activation="none"), layer("batch_norm"), act("tanh"), flat(), dense(15)), sgd(0.05))
case("char_residual", CHARS,
     named(embedding(5), residual("R", conv(5, 4, padding="same"), sequence("gru", 5)), layer("layer_norm"), cell("lstm", 5), dense(15)), ADAM)
case("char_bag", CHARS, named(layer("embedding_bag", units=6), dense(8, "tanh"), dense(15)), ADAM)
case("char_gru_clip_norm", CHARS, named(embedding(5), cell("gru", 6), dense(15)), sgd(0.5, clip_norm=0.05))
case("char_gru_global_clip", CHARS, named(embedding(5), cell("gru", 6), dense(15)), sgd(0.5, momentum=0.9, global_clip_norm=0.05))
case("char_lstm_clip_value", CHARS, named(embedding(5), cell("lstm", 6), dense(15)), ADAM | {"clip_value": 0.001})
case("char_long_gru", CHARS, named(embedding(4), cell("gru", 5), dense(15)), ADAM, epochs=30, batch_size=64)
case("word_embedding_momentum", WORDS, named(embedding(3), conv(4, 4, 2), flat(), dense(15)), sgd(0.1, momentum=0.9))
case("word_embedding_rmsprop", WORDS, named(embedding(3), cell("rnn", 4), dense(15)), {"type": "rmsprop", "momentum": 0.3}, batch_size=32)
case("word_embedding_adagrad", WORDS, named(embedding(3), cell("lstm", 4), dense(15)), {"type": "adagrad", "learning_rate": 0.1}, batch_size=32)
case("word_embedding_adamw", WORDS, named(embedding(3), cell("gru", 4), dense(15)), {"type": "adamw", "learning_rate": 0.01, "weight_decay": 0.1}, batch_size=32)
case("word_embedding_adam", WORDS, named(embedding(3), conv(4, 3, activation="gelu"), flat(), dense(15)), ADAM | {"clip_norm": 0.03}, batch_size=32)
case("word_bag", WORDS, named(layer("embedding_bag", units=4), dense(15)), {"type": "adagrad", "learning_rate": 0.3}, batch_size=32)
case("word_bag_adam_global", WORDS, named(layer("embedding_bag", units=4), layer("layer_norm"), dense(15)), ADAM | {"global_clip_norm": 0.1}, batch_size=32)
for name, keys in {"ngrams": {"ngrams": 3}, "char_ngrams": {"char_ngrams": [1, 3], "ngrams": 2}, "subwords": {"char_ngrams": [3, 6]}}.items():
    data = SHORT | {"unit": "word", "max_length": 4, "max_vocabulary": 40, "ngram_buckets": 97} | keys
    case(f"short_bag_{name}", data, named(layer("embedding_bag", units=5), dense(15)), ADAM)
case("word_dictionary", WORDS | {"max_vocabulary": 150, "min_count": 2, "vocabulary_from": "train_and_test"}, named(embedding(4), cell("gru", 5), dense(15)), ADAM)
case("word_min_count", WORDS | {"min_count": 3, "max_length": 60}, named(embedding(4), cell("gru", 5, mask_padding=True), dense(15)), ADAM)
case("word_whitespace", WORDS | {"tokenizer": "whitespace", "cleaning": "none", "max_vocabulary": 300}, named(embedding(4), cell("lstm", 5), dense(15)), ADAM)
case("char_uncleaned", SHORT | {"cleaning": "none"}, named(embedding(4), cell("gru", 5), dense(15)), ADAM)
case("char_unseen", SHORT | {"max_vocabulary": 20, "min_count": 2}, named(embedding(4), conv(4, 3), flat(), dense(15)), ADAM)

# ---- masks; the short texts hold empty ones, which are masked as a whole

case("short_bag", SHORT, named(layer("embedding_bag", units=5), dense(15)), ADAM)
case("short_word_bag", SHORT | {"unit": "word", "max_length": 4}, named(layer("embedding_bag", units=5), dense(15)), ADAM)
case("short_masked_gru", SHORT, named(embedding(5), cell("gru", 6, mask_padding=True), dense(15)), ADAM)
case("short_masked_gru_before", SHORT, named(embedding(5), sequence("gru", 5, reset_after=False, mask_padding=True), flat(), dense(15)), ADAM)
case("short_masked_lstm_sequence", SHORT, named(embedding(5), sequence("lstm", 4, mask_padding=True), flat(), dense(15)), ADAM)
case("short_masked_rnn", SHORT, named(layer("one_hot", depth=70), sequence("rnn", 5, mask_padding=True), cell("rnn", 5), dense(15)), ADAM)
case("short_masked_bidirectional", SHORT, named(embedding(5), cell("lstm", 4, mask_padding=True, bidirectional=True), dense(15)), ADAM)
case("short_masked_bidirectional_sequence", SHORT,
     named(embedding(5), sequence("gru", 4, mask_padding=True, bidirectional=True), flat(), dense(15)), ADAM)
case("short_masked_stack", SHORT,
     named(embedding(5), sequence("gru", 4, mask_padding=True, bidirectional=True), sequence("lstm", 4, mask_padding=True),
           cell("rnn", 5, mask_padding=True), dense(15)), ADAM)
case("word_masked_same_conv", WORDS, named(embedding(3), conv(4, 3, padding="same"), cell("gru", 4, mask_padding=True), dense(15)), ADAM, batch_size=32)
