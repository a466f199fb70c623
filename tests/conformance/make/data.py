"""The examples of a case as NumPy arrays, read by the interface's rules and independently of nnrun."""
import csv
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parent.parent / "kit" / "_data"
RECORD = 3073
PAD, UNKNOWN, END = 0, 1, 2


@dataclass
class Split:
    inputs: np.ndarray           # float32 [n, height, width, channels] or int32 ids [n, length], n-grams behind the words
    labels: np.ndarray           # int32 [n]
    lengths: np.ndarray = None   # int32 [n]: ids before the text's end


@dataclass
class Data:
    train: Split
    test: Split
    vocabulary: int = 0


def load(config):
    return images(config) if config["type"] == "cifar10" else texts(config)


def chosen(labels, per_class, limit):
    """Indices of the first `per_class` examples of each class, of these the first `limit`."""
    seen, kept = Counter(), []
    for i, label in enumerate(labels):
        seen[label] += 1
        if per_class is None or seen[label] <= per_class:
            kept.append(i)
    return kept[:limit]


def limit_of(config, split):
    return (config.get("limit") or {}).get(split)


# ---- images

def image_split(config, split):
    parts = [np.fromfile(FOLDER / config["path"] / name, np.uint8) for name in config[f"{split}_files"]]
    records = np.concatenate(parts).reshape(-1, RECORD)
    kept = chosen(records[:, 0].tolist(), config.get(f"{split}_per_class"), limit_of(config, split))
    labels, pixels = records[kept, 0].astype(np.int32), records[kept, 1:]
    if config.get("pixel_order", "planar") == "interleaved":
        pixels = pixels.reshape(-1, 32, 32, 3)
    else:
        pixels = pixels.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    pixels = pixels.astype(np.float32) / np.float32(255)
    if normalize := config.get("normalize"):
        pixels = (pixels - np.float32(normalize["mean"])) / np.float32(normalize["std"])
    return Split(np.ascontiguousarray(pixels), labels)


def images(config):
    return Data(image_split(config, "train"), image_split(config, "test"))


# ---- texts

def rows_of(config, split):
    """(label, text) of the chosen rows."""
    with open(FOLDER / config[f"{split}_file"], encoding="utf-8-sig", newline="") as file:
        rows = [(int(row[config.get("label_column", 0)]), row[config.get("text_column", 1)]) for row in csv.reader(file)]
    return [rows[i] for i in chosen([r[0] for r in rows], None, limit_of(config, split))]


def treebank(text):
    """Those of nltk 3.2.5's rules that can fire on cleaned texts."""
    text = re.sub(r"([:,])([^\d])", r" \1 \2", text)
    text = re.sub(r"([:,])$", r" \1 ", text)
    text = re.sub(r"([^'])' ", r"\1 ' ", text)
    text = re.sub(r"(\S)('')", r"\1 \2 ", f" {text} ")
    text = re.sub(r"([^' ])('s|'m|'d|') ", r"\1 \2 ", text)
    text = re.sub(r"([^' ])('ll|'re|'ve|n't) ", r"\1 \2 ", text)
    for first, second in (("can", "not"), ("d", "'ye"), ("gim", "me"), ("gon", "na"), ("got", "ta"), ("lem", "me"), ("mor", "'n")):
        text = re.sub(rf"\b({first})({second})\b", r" \1 \2 ", text)
    text = re.sub(r"\b(wan)(na)\s", r" \1 \2 ", text)
    return re.sub(r" ('t)(is|was)\b", r" \1 \2 ", text).split()


def tokens_of(text, config):
    """Symbols or words; the case of symbols is still the text's own."""
    clean = config.get("cleaning", "ascii") == "ascii"
    if clean:
        text = re.sub(r"[^a-zA-Z0-9^,.' ]", "", text)
    if config["unit"] == "char":
        return list(text)
    if clean:
        text = re.sub(r"[^a-zA-Z0-9(),!?'`\"]", " ", text)
        text = re.sub(r"\s{2,}", " ", text).strip().lower()
    return text.split() if config.get("tokenizer", "treebank") == "whitespace" else treebank(text)


def dictionary(texts, config):
    """token -> id."""
    words = config["unit"] == "word"
    counts = Counter(token for tokens in texts for token in tokens)  # in order of first appearance
    if not words:
        counts.pop(" ", None)
    kept = [token for token, count in counts.most_common() if count >= config.get("min_count", 1)]
    specials = 3 if words else 1
    if limit := config.get("max_vocabulary"):
        kept = kept[:max(0, limit - specials)]
    if words:
        return {token: i + specials for i, token in enumerate(kept)}
    return {token: i for i, token in enumerate(sorted(kept + [" "]))}


def encode(tokens, ids, config):
    """(padded ids, number of ids before the text's end)."""
    words, length = config["unit"] == "word", config.get("max_length", 100)
    if not words and config.get("cleaning", "ascii") == "ascii":
        tokens = [token.lower() for token in tokens]
    padding = PAD if words else ids[" "]
    row = [ids.get(token, UNKNOWN if words else padding) for token in tokens] + ([END] if words else [])
    row = row[:length]
    return row + [padding] * (length - len(row)), len(row)


def fnv1a(text):
    state = 2166136261
    for byte in text.encode():
        state = (state ^ byte) * 16777619 % 2 ** 32
    return state


def ngrams(words, config):
    """Runs of 2 to n words; parts of <word> of min to max characters, but for the marks alone."""
    runs = [" ".join(words[i:i + n]) for n in range(2, config.get("ngrams", 1) + 1) for i in range(len(words) - n + 1)]
    shortest, longest = config.get("char_ngrams") or (1, 0)
    marked = [f"<{word}>" for word in words]
    return runs + [m[i:i + n] for m in marked for n in range(shortest, longest + 1) for i in range(len(m) - n + 1)
                   if n > 1 or 0 < i < len(m) - 1]


def buckets(config):
    return config["ngram_buckets"] if "ngrams" in config or "char_ngrams" in config else 0


def with_ngrams(encoded, texts, ids, config):
    """The ids of bags: those before the text's end and one per n-gram, padded to one length."""
    first, count = len(ids) + 3, buckets(config)
    words = [tokens_of(text, config)[:config.get("max_length", 100)] for text in texts]
    bags = [row[:length] + [first + fnv1a(n) % count for n in ngrams(w, config)] for (row, length), w in zip(encoded, words)]
    width = max(map(len, bags))
    return [(bag + [PAD] * (width - len(bag)), len(bag)) for bag in bags]


def text_split(rows, ids, config):
    encoded = [encode(tokens_of(text, config), ids, config) for _, text in rows]
    if buckets(config):
        encoded = with_ngrams(encoded, [text for _, text in rows], ids, config)
    return Split(np.array([e[0] for e in encoded], np.int32), np.array([r[0] for r in rows], np.int32),
                 np.array([e[1] for e in encoded], np.int32))


def texts(config):
    train, test = rows_of(config, "train"), rows_of(config, "test")
    source = train + test if config.get("vocabulary_from", "train") == "train_and_test" else train
    ids = dictionary([tokens_of(text, config) for _, text in source], config)
    specials = 3 if config["unit"] == "word" else 0
    return Data(text_split(train, ids, config), text_split(test, ids, config), len(ids) + specials + buckets(config))
