"""Draws small valid experiments at random over the whole space of the interface. Needs no Keras.

Learning rates and sizes are such that a run stays tame: what float32 rounds must not grow beyond what can be compared.
"""
import csv
import io
import random

import data
from cases import CHARS, IMAGES, SHORT
from make_cases import layers_of
from random_layers import Stack

METRICS = ["val_loss", "val_accuracy", "loss", "accuracy"]
PIECES = ["it's", "can't", "cannot", "gonna", "the", "The", "A", "don't", "'tis", "we'll", "dogs'", "'quoted'", "x", "1,000", "3.5", "U.S.",
          "e-mail", "rock'n'roll", "they're", "gotta", "wanna", "lemme", "gimme", "more'n", "d'ye", "''", "'", "^", ",", "...", "I'm", "I'd", "'ve",
          "naïve", "日本", "\U0001F600", "tab\tbed", "two\nlines", "say \"hi\"", "", " ", "N'T", "Zoo", "of", "in", "and", "was"]


class Case:
    def __init__(self, seed, folder):
        """`folder`: the data folder, where texts of the case's own are put."""
        self.draw, self.seed, self.folder = random.Random(seed), seed, folder
        self.kinks = self.chance(0.5)
        self.epochs = self.draw.choice([1, 2, 2, 3, 3, 4, 6])

    def chance(self, p):
        return self.draw.random() < p

    def maybe(self, key, value, p=0.5):
        return {key: value} if self.chance(p) else {}

    def logarithmic(self, least, most):
        return float(f"{least * (most / least) ** self.draw.random():.3g}")

    # ---- data

    def limits(self, train, test):
        return {"limit": {"train": self.draw.randint(*train), "test": self.draw.randint(*test)}}

    def images(self):
        files = [["train.bin"], ["train_a.bin", "train_b.bin"], ["train_b.bin"]]
        config = IMAGES | {"train_files": self.draw.choice(files)} | self.limits((1, 90), (1, 60))
        config |= self.maybe("pixel_order", self.draw.choice(["planar", "interleaved"]))
        config |= self.maybe("train_per_class", self.draw.randint(1, 8), 0.3) | self.maybe("test_per_class", self.draw.randint(1, 6), 0.3)
        uniform = lambda least, most: [round(self.draw.uniform(least, most), 2) for _ in range(3)]
        return config | self.maybe("normalize", {"mean": uniform(0.3, 0.6), "std": uniform(0.2, 0.5)}, 0.3)

    def write_texts(self, path, rows, text_first):
        out = io.StringIO()
        writer = csv.writer(out, lineterminator=self.draw.choice(["\n", "\r\n"]), quoting=self.draw.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
        writer.writerows([text, "further", label] if text_first else [label, text] for label, text in rows)
        path.write_text(out.getvalue(), encoding=self.draw.choice(["utf-8", "utf-8-sig"]), newline="")

    def made_texts(self):
        """Files of the case's own: odd words, labels in a later column, quotes, a byte order mark."""
        classes, text_first = self.draw.randint(2, 9), self.chance(0.5)
        text = lambda: self.draw.choice(["", " "]) + " ".join(self.draw.choices(PIECES, k=self.draw.randint(0, 12)))
        for name in ("train", "test"):
            rows = [(self.draw.randrange(classes), text()) for _ in range(self.draw.randint(2, 70))]
            self.write_texts(self.folder / f"{name}-{self.seed}.csv", rows, text_first)
        columns = {"label_column": 2, "text_column": 0} if text_first else {}
        files = {f"{name}_file": f"{name}-{self.seed}.csv" for name in ("train", "test")}
        return {"type": "text_csv", "classes": classes} | files | columns

    def texts(self):
        config = self.draw.choice([lambda: CHARS, lambda: SHORT, self.made_texts])()
        config = config | {"unit": self.draw.choice(["char", "word"]), "max_length": self.draw.randint(2, 40)}
        config |= self.maybe("vocabulary_from", self.draw.choice(["train", "train_and_test"]))
        config |= self.maybe("max_vocabulary", self.draw.choice([5, 20, 60, 100000])) | self.maybe("min_count", self.draw.choice([0, 1, 2, 3]), 0.3)
        config |= self.maybe("cleaning", self.draw.choice(["ascii", "none"]), 0.4)
        if config["unit"] == "word":
            config |= {"tokenizer": "whitespace"} if config.get("cleaning") == "none" else self.maybe("tokenizer", self.draw.choice(["treebank", "whitespace"]))
            if self.chance(0.2):
                config |= {"ngram_buckets": self.draw.randint(1, 300)} | self.draw.choice(
                    [{"ngrams": 3}, {"char_ngrams": [2, 4]}, {"ngrams": 2, "char_ngrams": [1, 2]}, {"ngrams": 2}])
        return config | (self.limits((1, 90), (1, 60)) if config["classes"] == 15 else {})

    # ---- optimizer

    def schedule(self):
        warmup = self.maybe("warmup_epochs", self.draw.randint(0, 3), 0.4)
        fraction = lambda: self.draw.choice([0, 0.1, 0.5, 1, 1.5])
        return self.draw.choice([
            {"type": "step", "every": self.draw.randint(1, 3), "factor": fraction()} | warmup,
            {"type": "cosine", "final": fraction()} | warmup,
            {"type": "one_cycle", "peak_epoch": self.draw.randint(1, 4), "start": fraction(), "final": fraction()} | warmup,
            {"type": "plateau", "factor": 0.3, "patience": self.draw.randint(0, 2)} | self.maybe("monitor", self.draw.choice(METRICS))
            | self.maybe("min_delta", self.draw.choice([0, 0.01, 0.1]))])

    def rule(self):
        rate, uniform = self.logarithmic, lambda least, most: round(self.draw.uniform(least, most), 3)
        epsilon = self.maybe("epsilon", rate(1e-6, 1e-2))
        momentum = self.maybe("momentum", uniform(0, 0.9))
        betas = self.maybe("beta_1", uniform(0.5, 0.95)) | self.maybe("beta_2", uniform(0.8, 0.999))
        return self.draw.choice([
            {"type": "sgd"} | self.maybe("learning_rate", rate(0.003, 0.1), 0.9) | momentum | self.maybe("nesterov", True, 0.4),
            {"type": "rmsprop"} | self.maybe("learning_rate", rate(0.0003, 0.003), 0.7) | momentum | epsilon | self.maybe("rho", uniform(0.5, 0.99)),
            {"type": "adam"} | self.maybe("learning_rate", rate(0.0005, 0.01), 0.8) | betas | epsilon,
            {"type": "adamw"} | self.maybe("learning_rate", rate(0.0005, 0.01), 0.8) | betas | epsilon | self.maybe("weight_decay", rate(0.001, 1)),
            {"type": "adagrad"} | self.maybe("learning_rate", rate(0.001, 0.05), 0.7) | epsilon | self.maybe("initial_accumulator", rate(0.01, 1))])

    def optimizer(self):
        config = self.rule()
        if self.chance(0.35):
            config[self.draw.choice(["clip_value", "clip_norm", "global_clip_norm"])] = self.logarithmic(0.001, 1)
        if self.chance(0.35):
            config |= {"schedule": self.schedule()}
            self.epochs += self.draw.randint(0, 5)
        return config

    # ---- training

    def early_stopping(self):
        return self.maybe("monitor", self.draw.choice(METRICS)) | self.maybe("mode", self.draw.choice(["auto", "min", "max"]), 0.3) \
            | self.maybe("min_delta", self.draw.choice([0.0, 0.001, 0.05]), 0.4) | self.maybe("patience", self.draw.randint(0, 3), 0.9) \
            | self.maybe("baseline", self.draw.choice([0.1, 0.3, 2.0, 2.5]), 0.3) | self.maybe("restore_best", True) \
            | self.maybe("start_from_epoch", self.draw.randint(0, 3), 0.3)

    def training(self):
        if self.chance(0.3):
            self.epochs += self.draw.randint(1, 6)
            stopping = {"early_stopping": self.early_stopping()}
        else:
            stopping = {}
        return {"epochs": self.epochs, "shuffle": False} | self.maybe("batch_size", self.draw.choice([1, 3, 7, 16, 17, 25, 32, 50, 128]), 0.9) \
            | self.maybe("keep_best", self.draw.choice([*METRICS, "none"])) | self.maybe("kernels", "reference", 0.15) | stopping

    def config(self, name):
        data_config = self.images() if self.chance(0.4) else self.texts()
        optimizer = self.optimizer()
        training = self.training()
        examples = data.load(data_config)
        count = len(examples.train.labels)
        if count // training.get("batch_size", 32) > 12:
            training["batch_size"] = 16
        if count >= training.get("batch_size", 32):
            training |= self.maybe("drop_last", self.chance(0.8), 0.25)
        images = data_config["type"] == "cifar10"
        shape = ("image", 3, 32, 32) if images else ("ids", data_config["max_length"])
        stack = Stack(self.draw, shape, data_config.get("classes", 10), examples.vocabulary, self.kinks)
        layers = stack.layers("ngram_buckets" in data_config)
        if optimizer["type"] in ("adam", "adamw", "rmsprop") and any("norm" in layer["type"] for layer in layers_of(layers)):
            optimizer["epsilon"] = self.logarithmic(1e-4, 1e-2)  # weights before a norm have gradients of rounding alone
        return {"name": name, "data": data_config, "model": {"init_from": "init.safetensors", "layers": layers},
                "optimizer": optimizer, "training": training}
