#!/usr/bin/env python3
"""Prints the SHA-256 of the id matrices of the report's text data, training and test part, for characters and words.

    make_text_reference.py data/text

Independent of nnrun: Python's csv module, and the few tokenising rules of NLTK 3.2.5 that can fire on cleaned text, as
regular expressions. Each matrix is hashed as one line of comma-separated ids per text, without a newline at the end.
"""
import csv
import hashlib
import re
import sys
from collections import Counter
from pathlib import Path

LENGTH = 100
PAD, UNKNOWN, END = 0, 1, 2
CONTRACTIONS = [r"(?i)\b(can)(not)\b", r"(?i)\b(gon)(na)\b", r"(?i)\b(got)(ta)\b",
                r"(?i)\b(gim)(me)\b", r"(?i)\b(lem)(me)\b", r"(?i)\b(d)('ye)\b",
                r"(?i)\b(mor)('n)\b", r"(?i)\b(wan)(na)\s", r"(?i) ('t)(is)\b", r"(?i) ('t)(was)\b"]


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return [re.sub(r"[^a-zA-Z0-9^,.' ]", "", row[1]) for row in csv.reader(file)]


def words(text):
    text = re.sub(r"[^A-Za-z0-9(),!?'`\"]", " ", text)
    text = re.sub(r"\s+", " ", text).strip().lower()
    text = re.sub(r"([^'])(' )", r"\1 \2", text)
    text = " " + text + " "
    text = re.sub(r"(\S)('')", r"\1 \2 ", text)
    text = re.sub(r"([^' ])('[sS]|'[mM]|'[dD]|') ", r"\1 \2 ", text)
    text = re.sub(r"([^' ])('ll|'re|'ve|n't) ", r"\1 \2 ", text)
    for rule in CONTRACTIONS:
        text = re.sub(rule, r" \1 \2 ", text)
    return text.split()


def character_ids(train, test):
    symbols = {symbol: i for i, symbol in enumerate(sorted(set("".join(train + test))))}
    rows = lambda texts: [[symbols[c] for c in text.lower()[:LENGTH].ljust(LENGTH)] for text in texts]
    return rows(train), rows(test), len(symbols)


def word_ids(train, test):
    train, test = [words(text) for text in train], [words(text) for text in test]
    counts = Counter(word for text in train + test for word in text)  # keeps the order of first appearance
    ids = {word: i for i, (word, _) in enumerate(counts.most_common(), start=END + 1)}
    rows = lambda texts: [([ids[word] for word in text] + [END] + [PAD] * LENGTH)[:LENGTH] for text in texts]
    return rows(train), rows(test), len(ids) + END + 1


def digest(rows):
    return hashlib.sha256("\n".join(",".join(map(str, row)) for row in rows).encode()).hexdigest()


def main():
    folder = Path(sys.argv[1])
    texts = read(folder / "train_medium.csv"), read(folder / "test_medium.csv")
    for unit, encode in (("char", character_ids), ("word", word_ids)):
        train, test, vocabulary = encode(*texts)
        print(unit, vocabulary, "train", digest(train), "test", digest(test))


if __name__ == "__main__":
    main()
